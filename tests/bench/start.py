# SPDX-License-Identifier: LGPL-2.1-or-later
"""From exec to READY=1 (sd_notify), CPU and wall time, against a service of GDBus that does nothing and against
ModemManager (start_peers.py).

The agent tells READY when its name is on the bus and modems have been looked for. They are opened after that, which is
measured by itself until the eUICC can be worked with, and has no peer."""
import peers


def measure(build, _root):
    yield from peers.run_inside('start_peers.py', build)

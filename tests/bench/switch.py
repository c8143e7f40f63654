# SPDX-License-Identifier: LGPL-2.1-or-later
"""How soon a switch of the profile is told after the card's refresh has ended. The simulated modem takes next to no
time to read the ICCID, so that what is seen is the agent's own, with the bus and a client behind it."""
import os
import statistics
import threading
import time

import rig

N_RUNS = 25
GOAL_MS = 50
ICCIDS = ('8988211000000000029', '8988211000000000037')


class Listener:
    """Changes of profile as 'euiccctl monitor' tells them, with the time of each."""

    def __init__(self, build, bus):
        self.process = rig.Process([os.path.join(build, 'agent/ctl/euiccctl'), '--bus=' + bus, 'monitor',
                                    '--json=short'], None)
        self.times = []
        self.lines = 0
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        for line in self.process.child.stdout:
            self.lines += 1
            if '"profile changed"' in line:
                self.times.append(time.monotonic())

    def stop(self):
        self.process.child.terminate()
        self.thread.join()
        self.process.stop()


def time_switch(sim, listener, iccid):
    """Milliseconds from the end of the refresh, at which the simulator answers."""
    n_before = len(listener.times)
    sim.ask('profile ' + iccid)
    sim.ask('reset')
    ended = time.monotonic()
    rig.await_true('change of profile', lambda: len(listener.times) > n_before)
    return (listener.times[-1] - ended) * 1000


def measure(build, root):
    build = os.path.abspath(build)
    with rig.simulator(build) as sim, rig.agent(build, sim) as agent:
        listener = Listener(build, agent.bus)
        try:
            rig.await_true('monitor', lambda: listener.lines > 0)
            runs = [time_switch(sim, listener, ICCIDS[i % 2]) for i in range(N_RUNS)]
        finally:
            listener.stop()
    yield dict(measure='end of REFRESH to ProfileChanged, slowest', value=max(runs), unit='ms', against=None,
               ratio=None, goal='<= %g' % GOAL_MS, holds=max(runs) <= GOAL_MS, runs=len(runs),
               min=min(runs), max=max(runs))
    yield dict(measure='the same, median', value=statistics.median(runs), unit='ms', against=None, ratio=None,
               goal=None, holds=None, runs=len(runs), min=min(runs), max=max(runs))

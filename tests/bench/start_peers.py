#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""start_peers.py BUILD: the rows of `run start`, one JSON object a line. All take turns.

ModemManager tells nobody that it is ready: it counts as started when its name is on the bus, for which somebody waits
since before it was started. The agent tells READY when its name is on the bus and modems have been looked for; they are
opened after that.
"""
import contextlib
import json
import os
import socket
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import idle  # noqa: E402  (writes no bytecode)
import peers  # noqa: E402  (as above)
import rig  # noqa: E402  (as above)

N_STARTS = 15
GOAL_RATIO = 2.0
AGENT = 'agent, no modem'
AGENT_WITH_MODEM = 'agent, 1 modem'
FLOOR = 'bare GDBus program'
MODEM_MANAGER = 'ModemManager, no modem'


class Manager:
    """The service manager's socket."""

    def __init__(self, directory):
        self.path = os.path.join(directory, 'notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(rig.DEADLINE_S)
        self.socket.bind(self.path)

    def await_ready(self):
        while b'READY=1' not in self.socket.recv(rig.CHUNK).split(b'\n'):
            pass


def start(argv, address, await_ready, environment=None):
    """Microseconds of CPU and of wall time."""
    with open(os.devnull, 'w', encoding='ascii') as null:
        began = time.monotonic_ns()
        with rig.process_at(argv, null,
                            dict({'DBUS_SYSTEM_BUS_ADDRESS': address}, **(environment or {}))) as process:
            await_ready()
            return process.cpu_ns() / 1000, (time.monotonic_ns() - began) / 1000


def start_told(argv_at):
    """Who tells when it is ready."""
    with tempfile.TemporaryDirectory() as directory, peers.bus() as address:
        manager = Manager(directory)
        return start(argv_at(address), address, manager.await_ready, {'NOTIFY_SOCKET': manager.path})


def agent_argv(build, directory, ports):
    return lambda address: [os.path.join(build, 'agent/euicc-agentd'), '--bus=' + address,
                            '--config=' + rig.write_file(directory, 'agent.conf', rig.CONFIG),
                            '--state-directory=' + os.path.join(directory, 'state'), '--device=' + ports]


def start_agent(build, ports=None):
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        return start_told(agent_argv(build, directory, ports or os.path.join(directory, 'cdc-wdm*')))


def start_agent_with_modem(build):
    with rig.simulator(build) as sim:
        return start_agent(build, os.path.join(sim.directory, 'cdc-wdm*'))


def start_floor(build):
    return start_told(lambda address: [os.path.join(build, 'tests/bench/gdbus-floor'), address])


def await_line(monitor, words):
    line = ' '
    while words not in line:
        line = monitor.child.stdout.readline()
        if not line:
            raise SystemExit('gdbus monitor: no "%s" within %d s' % (words, rig.DEADLINE_S))


def start_modem_manager():
    """The monitor is ready when it has seen that nobody has the name."""
    with peers.bus() as address, open(os.devnull, 'w', encoding='ascii') as null, \
            rig.process_at(['timeout', str(rig.DEADLINE_S), 'gdbus', 'monitor', '--address', address,
                            '--dest', peers.MODEM_MANAGER_NAME], null, {'LC_ALL': 'C'}) as monitor:
        await_line(monitor, 'does not have an owner')
        return start([peers.MODEM_MANAGER, '--no-auto-scan', '--test-no-udev'], address,
                     lambda: await_line(monitor, 'is owned by'))


def ready_us(build):
    with idle.agent_of(build, 1) as process:
        return process.ready_ns / 1000


def main(build):
    subjects = {AGENT: lambda: start_agent(build), AGENT_WITH_MODEM: lambda: start_agent_with_modem(build),
                FLOOR: lambda: start_floor(build), MODEM_MANAGER: start_modem_manager}
    if not os.access(peers.MODEM_MANAGER, os.X_OK):
        subjects.pop(MODEM_MANAGER)
        print(json.dumps(peers.skipped('start', MODEM_MANAGER)))
    starts, ready = {name: [] for name in subjects}, []
    for _ in range(N_STARTS):
        for name, start_one in subjects.items():
            starts[name].append(start_one())
        ready.append(ready_us(build))
    cpu, wall = ({name: [run[i] for run in runs] for name, runs in starts.items()} for i in range(2))
    rows = [idle.row('wall until READY: ' + name, wall[name], 'us') for name in subjects]
    rows += [idle.row('CPU until READY: ' + name, cpu[name], 'us') for name in subjects]
    rows += [idle.row('CPU until READY, modems not opened: ' + name, cpu[name], 'us',
                      GOAL_RATIO if peer == FLOOR else None, peer, cpu[peer])
             for name in (AGENT, AGENT_WITH_MODEM) for peer in (FLOOR, MODEM_MANAGER) if peer in cpu]
    rows.append(idle.row('CPU until the eUICC is ready, 1 modem', ready, 'us'))
    for row in rows:
        print(json.dumps(row))


if __name__ == '__main__':
    main(sys.argv[1])

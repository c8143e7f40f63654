#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""idle_peers.py BUILD: rows, one JSON object a line, of `run idle` that the agent and its peers share.

All start afresh in turn, each beside nothing but its bus and one simulator, which stays for the whole comparison: who
shares a library, pays less for it, and the simulator shares GLib with all of them. ModemManager and its qmi-proxy are
beside each other as well. Wake-ups are those in one minute, which is the same for all and measured once.
"""
import contextlib
import json
import os
import statistics
import sys
import time

sys.dont_write_bytecode = True
import idle  # noqa: E402  (writes no bytecode)
import peers  # noqa: E402  (as above)
import rig  # noqa: E402  (as above)

N_STARTS = 3
GOAL_PSS = 3.4e6
GOAL_PRIVATE = 1e6
GOAL_RATIO = 1
AGENT = 'agent, 1 modem'
OFONO = 'oFono, no modem'
PROXY = 'qmi-proxy, no client'
MODEM_MANAGER = 'ModemManager, 1 modem'
BUSY_PROXY = 'qmi-proxy, 1 modem'


def find_subjects(build):
    """How each is started beside a simulator, by name; None for who is not there."""
    ofono = peers.find_ofono(build)
    has_manager = os.access(peers.MODEM_MANAGER, os.X_OK) and os.path.exists(peers.PORT)
    return {AGENT: lambda sim: idle.agent_at(build, sim, 1),
            OFONO: ofono and (lambda _: peers.idle_service(ofono, '-n')),
            PROXY: os.access(peers.PROXY, os.X_OK) and (lambda _: peers.idle_service(peers.PROXY, '--no-exit')),
            MODEM_MANAGER: has_manager and peers.modem_manager}


def sample(process):
    return process.mapped_bytes('Pss'), process.mapped_bytes('Anonymous'), len(process.n_sleeps())


def sample_memory(build, subjects):
    """Of each start, by name."""
    samples = {name: [] for name in subjects}
    with rig.simulator(build) as sim:
        for name, start in list(subjects.items()) * N_STARTS:
            with start(sim) as process:
                samples[name].append(sample(process))
                if name == MODEM_MANAGER:
                    samples.setdefault(BUSY_PROXY, []).append(sample(process.proxy))
    return samples


def measure_memory(build, subjects):
    samples = sample_memory(build, subjects)
    figures = {name: list(zip(*runs)) for name, runs in samples.items()}
    for name, (pss, private, threads) in figures.items():
        is_agent = name == AGENT
        yield idle.row('memory: ' + name, pss, 'B', GOAL_PSS if is_agent else None)
        yield idle.row('of that private and no file: ' + name, private, 'B', GOAL_PRIVATE if is_agent else None)
        yield idle.row('threads: ' + name, threads, '')
    for name in figures:
        if name != AGENT:
            yield idle.row('memory of the agent with 1 modem', figures[AGENT][0], 'B',
                           GOAL_RATIO if name == OFONO else None, name, figures[name][0])


def measure_wakeups(build, subjects):
    """All at the same time, so that each has a simulator."""
    with contextlib.ExitStack() as stack:
        processes = {name: stack.enter_context(start(stack.enter_context(rig.simulator(build))))
                     for name, start in subjects.items()}
        if MODEM_MANAGER in processes:
            processes[BUSY_PROXY] = processes[MODEM_MANAGER].proxy
        before = {name: idle.await_idle(process) for name, process in processes.items()}
        time.sleep(idle.WINDOW_S)
        for name, process in processes.items():
            n_woken = sum(count - before[name].get(path, 0) for path, count in process.n_sleeps().items())
            yield idle.row('wake-ups in one minute: ' + name, [n_woken], '',
                           idle.GOAL_SLEEPS if name == AGENT else None)


def main(build):
    subjects = find_subjects(build)
    for name, start in subjects.items():
        if not start:
            print(json.dumps(peers.skipped('memory', name)))
    subjects = {name: start for name, start in subjects.items() if start}
    for measure in (measure_memory, measure_wakeups):
        for row in measure(build, subjects):
            print(json.dumps(row))


if __name__ == '__main__':
    main(sys.argv[1])

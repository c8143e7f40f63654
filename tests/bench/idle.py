# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a further modem costs one agent: memory, wake-ups while nothing happens, CPU time until all are ready, and for
a message when there are many of them."""
import contextlib
import os
import statistics
import time

import rig
import sms

FEW, SOME, MANY = 1, 8, 32  # modems
N_STARTS = 5
SETTLED_S = 0.5
WINDOW_S = 60
N_MESSAGES = 640
N_MESSAGE_RUNS = 5
GOAL_BYTES = 200 * 1024
GOAL_SLEEPS = 0
GOAL_RATIO = 1.2


def row(measure, values, unit, goal=None, against=None, floor=None):
    """@goal: of the ratio where there is a floor, without one of the value."""
    value = statistics.median(values)
    ratio = value / statistics.median(floor) if floor else None
    return dict(measure=measure, value=value, unit=unit, against=against, ratio=ratio,
                goal=None if goal is None else '<= %g%s' % (goal, ' x' if floor else ''),
                holds=None if goal is None else (ratio if floor else value) <= goal, runs=len(values),
                min=min(values), max=max(values))


def await_ready(process, n_modems):
    """CPU time that it took until all were ready. Who asks meanwhile, makes work: it is asked when there is none."""
    deadline = time.monotonic() + rig.DEADLINE_S
    while True:
        cpu_ns = process.cpu_ns()
        time.sleep(SETTLED_S)
        if process.cpu_ns() == cpu_ns and rig.n_ready(process.client, process.bus) == n_modems:
            return cpu_ns
        if time.monotonic() > deadline:
            raise SystemExit('%d modems: not ready within %d s' % (n_modems, rig.DEADLINE_S))


@contextlib.contextmanager
def agent_of(build, n_modems):
    with rig.simulator(build, '--modems', str(n_modems)) as sim, \
            rig.agent(build, sim, sms.KEYS_OF_OTHERS, is_awaited=False) as process:
        process.sim = sim
        process.ready_ns = await_ready(process, n_modems)
        yield process


def slopes(few, many, n_few, n_many):
    return [(large - small) / (n_many - n_few) for small, large in zip(few, many)]


def start(build, n_modems):
    """Proportional and private memory when all are ready, and nanoseconds until then."""
    with agent_of(build, n_modems) as process:
        return process.mapped_bytes('Pss'), process.mapped_bytes('Anonymous'), process.ready_ns


def measure_starts(build):
    """They take turns, so that what else the machine does falls upon all."""
    starts = {n_modems: [] for n_modems in (FEW, SOME, MANY)}
    for _ in range(N_STARTS):
        for n_modems, runs in starts.items():
            runs.append(start(build, n_modems))
    pss, private, ready = ({n_modems: [run[i] for run in runs] for n_modems, runs in starts.items()}
                           for i in range(3))
    yield row('memory of the agent with 1 modem', pss[FEW], 'B')
    yield row('memory of the agent with 32 modems', pss[MANY], 'B')
    yield row('memory, each further modem', slopes(pss[FEW], pss[MANY], FEW, MANY), 'B', GOAL_BYTES)
    yield row('the same, what is private and no file', slopes(private[FEW], private[MANY], FEW, MANY), 'B', GOAL_BYTES)
    to_some, to_many = (slopes([run / 1000 for run in ready[few]], [run / 1000 for run in ready[many]], few, many)
                        for few, many in ((FEW, SOME), (SOME, MANY)))
    yield row('CPU until ready, each of 2 to 8 modems', to_some, 'us')
    yield row('CPU until ready, each of 9 to 32 modems', to_many, 'us', GOAL_RATIO, '2 to 8', to_some)


def await_idle(process):
    """Until the threads that GLib keeps for later work are gone."""
    last = None
    deadline = time.monotonic() + rig.DEADLINE_S
    while last is None or any(open_name(path).startswith('pool-') for path in last):
        if time.monotonic() > deadline:
            raise SystemExit('threads of the pool: not gone within %d s' % rig.DEADLINE_S)
        time.sleep(SETTLED_S)
        last = process.n_sleeps()
    return last


def open_name(path):
    with contextlib.suppress(FileNotFoundError), \
            open(os.path.join(os.path.dirname(path), 'comm'), encoding='ascii') as file:
        return file.read()
    return ''


def measure_idle(processes):
    before = {n_modems: await_idle(process) for n_modems, process in processes.items()}
    cpu = {n_modems: process.cpu_ns() for n_modems, process in processes.items()}
    time.sleep(WINDOW_S)
    for n_modems, process in processes.items():
        n_woken = sum(process.n_sleeps().values()) - sum(before[n_modems].values())
        yield row('wake-ups a minute, %d modems' % n_modems, [n_woken * 60 / WINDOW_S], '', GOAL_SLEEPS)
        yield row('the same, CPU', [(process.cpu_ns() - cpu[n_modems]) * 60 / WINDOW_S / 1000], 'us')


def message_us(process, n_modems, first):
    """Microseconds of CPU for a sealed message; the modems take turns."""
    before = process.cpu_ns()
    for i in range(N_MESSAGES):
        reply = process.sim.ask('@%d sms %s' % (i % n_modems, sms.TPDU % (first + i)))
        if reply != 'ok ack':
            raise SystemExit('sms: ' + reply)
    return (process.cpu_ns() - before) / N_MESSAGES / 1000


def measure_messages(processes):
    spent = {n_modems: [] for n_modems in processes}
    for i in range(N_MESSAGE_RUNS):
        for n_modems, process in processes.items():
            spent[n_modems].append(message_us(process, n_modems, i * N_MESSAGES))
    yield row('CPU an SMS, 1 modem', spent[FEW], 'us')
    yield row('CPU an SMS, 32 modems', spent[MANY], 'us', GOAL_RATIO, '1 modem', spent[FEW])
    few, many = ([processes[n_modems].mapped_bytes('Pss')] for n_modems in (FEW, MANY))
    yield row('memory, each further modem, after these', slopes(few, many, FEW, MANY), 'B', GOAL_BYTES)


def measure(build, _root):
    yield from measure_starts(build)
    with contextlib.ExitStack() as stack:
        processes = {n_modems: stack.enter_context(agent_of(build, n_modems)) for n_modems in (FEW, SOME, MANY)}
        yield from measure_idle(processes)
        yield from measure_messages(processes)

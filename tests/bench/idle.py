# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a modem costs the agent and its peers that do nothing (idle_peers.py), and what a further modem costs one agent:
memory, threads, wake-ups while nothing happens (in one minute, which is measured once), CPU time until all are ready,
and for a message when there are many."""
import contextlib
import os
import statistics
import time

import peers
import rig
import sms

FEW, SOME, MANY = 1, 8, 32  # modems
N_STARTS = 5
SETTLED_S = 0.5
WINDOW_S = 60
N_MESSAGES = 640
N_MESSAGE_RUNS = 15
GOAL_BYTES = 200 * 1024
GOAL_SLEEPS = 0
GOAL_RATIO = 1.2


def row(measure, values, unit, goal=None, against=None, floor=None, limit=None):
    """@goal: of the ratio where there is a floor, without one of the value."""
    value = statistics.median(values)
    ratio = value / statistics.median(floor) if floor else None
    made = dict(measure=measure, value=value, unit=unit, against=against, ratio=ratio,
                goal=None if goal is None else '<= %g%s' % (goal, ' x' if floor else ''),
                holds=None if goal is None else (ratio if floor else value) <= goal, runs=len(values),
                min=min(values), max=max(values))
    if limit is not None:
        made['limit'] = limit
    return made


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
def agent_at(build, sim, n_modems):
    with rig.agent(build, sim, sms.KEYS_OF_OTHERS, is_awaited=False) as process:
        process.sim = sim
        process.ready_ns = await_ready(process, n_modems)
        yield process


@contextlib.contextmanager
def agent_of(build, n_modems):
    with rig.simulator(build, '--modems', str(n_modems)) as sim, agent_at(build, sim, n_modems) as process:
        yield process


def slopes(few, many, n_few, n_many):
    return [(large - small) / (n_many - n_few) for small, large in zip(few, many)]


def start(build, n_modems):
    """Proportional and private memory and threads when all are ready, and nanoseconds until then."""
    with agent_of(build, n_modems) as process:
        return (process.mapped_bytes('Pss'), process.mapped_bytes('Anonymous'), len(process.n_sleeps()),
                process.ready_ns)


def measure_starts(build):
    """They take turns, so that what else the machine does falls upon all."""
    starts = {n_modems: [] for n_modems in (FEW, SOME, MANY)}
    for _ in range(N_STARTS):
        for n_modems, runs in starts.items():
            runs.append(start(build, n_modems))
    pss, private, threads, ready = ({n_modems: [run[i] for run in runs] for n_modems, runs in starts.items()}
                                    for i in range(4))
    for n_modems in (FEW, SOME, MANY):
        yield row('memory, modems: %d' % n_modems, pss[n_modems], 'B')
        yield row('of that private and no file, modems: %d' % n_modems, private[n_modems], 'B')
        yield row('threads, modems: %d' % n_modems, threads[n_modems], '')
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
    time.sleep(WINDOW_S)
    for n_modems, process in processes.items():
        n_woken = sum(count - before[n_modems].get(path, 0) for path, count in process.n_sleeps().items())
        yield row('wake-ups in one minute, modems: %d' % n_modems, [n_woken], '', GOAL_SLEEPS)


def deliver(process, run, n_modems=1):
    """Sealed messages; the modems take turns."""
    for i in range(N_MESSAGES):
        reply = process.sim.ask('@%d sms %s' % (i % n_modems, sms.TPDU % (run * N_MESSAGES + i)))
        if reply != 'ok ack':
            raise SystemExit('sms: ' + reply)


def message_us(process, run):
    """Microseconds of CPU for a message to the first modem."""
    before = process.cpu_ns()
    deliver(process, run)
    return (process.cpu_ns() - before) / N_MESSAGES / 1000


@contextlib.contextmanager
def floor_of(build, n_modems):
    """libqmi alone, with as many ports open."""
    program = os.path.join(build, 'tests/bench/sms-floor')
    with open(os.devnull, 'w', encoding='ascii') as null, \
            rig.simulator(build, '--modems', str(n_modems)) as sim, \
            rig.process_at([program] + [sim.port[:-1] + str(i) for i in range(n_modems)], null) as process:
        process.sim = sim
        if process.read_line() != 'ready':
            raise SystemExit('sms-floor did not become ready')
        yield process


def measure_messages(build, processes):
    """A loop that waits for more modems looks at more of them each time: libqmi's does as well. All take turns."""
    with contextlib.ExitStack() as stack:
        measured = [processes[FEW], processes[MANY]] \
            + [stack.enter_context(floor_of(build, n_modems)) for n_modems in (FEW, MANY)]
        runs = [[message_us(process, i) for process in measured] for i in range(N_MESSAGE_RUNS)]
    few, many, floor_few, floor_many = ([run[i] for run in runs] for i in range(4))
    yield row('CPU an SMS, 1 modem', few, 'us', None, 'libqmi alone', floor_few)
    yield row('CPU an SMS, 32 modems', many, 'us', GOAL_RATIO, '1 modem', few, statistics.median(floor_many))
    yield row('the same, each further modem', slopes(few, many, FEW, MANY), 'us', None, 'libqmi alone',
              slopes(floor_few, floor_many, FEW, MANY))


def measure_used(processes):
    """After messages to all modems."""
    for n_modems in (FEW, MANY):
        deliver(processes[n_modems], N_MESSAGE_RUNS, n_modems)
    few, many = ([processes[n_modems].mapped_bytes('Pss')] for n_modems in (FEW, MANY))
    yield row('memory, each further modem, after messages', slopes(few, many, FEW, MANY), 'B', GOAL_BYTES)


def measure(build, _root):
    yield from peers.run_inside('idle_peers.py', build)
    yield from measure_starts(build)
    with contextlib.ExitStack() as stack:
        processes = {n_modems: stack.enter_context(agent_of(build, n_modems)) for n_modems in (FEW, SOME, MANY)}
        yield from measure_idle(processes)
        yield from measure_messages(build, processes)
        yield from measure_used(processes)

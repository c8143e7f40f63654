# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it costs to bring an APDU to the card. The agent gets its APDUs in scripts over HTTPS; the floor is a loop of
libqmi that sends the same requests to a modem of its own, and another one that writes before each APDU, durably, as
many bytes as the agent does: nobody who must not repeat a command can do with less. All of it runs on one processor, as
in the smallest gateways, and then on those that there are: there the wake-up from another one is in each figure. Each
figure is the difference of a long script and a short one, for each command that the long one has more, so that all else
of a session falls out of it. What is durable is in memory meanwhile, as in `run https`. Beside that: the same question
from a shell, by qmicli and by euiccctl."""
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import https
import rig
from idle import row

N_RUNS = 7
GOAL_RATIO = 1.25

# Bytes of response data, commands of the short and the long script, sessions for one run: an answer to a script has
# room for 256 KiB.
SHAPES = ((5, 50, 1050, 1), (255, 50, 950, 1), (2000, 10, 120, 6))
INSTRUCTION = 'E2'
COMMAND = bytes.fromhex('220680E288000101')  # STORE DATA of one byte
SCRIPT_START, SCRIPT_END = bytes.fromhex('AE80'), bytes(2)

UIM_CLOSE = https.UIM_REQUESTS[-1]

ICCID_PATH = '0x3F00,0x2FE2'
N_QUESTIONS = 20


def write_script(directory, n_commands):
    script = SCRIPT_START + COMMAND * n_commands + SCRIPT_END
    return rig.write_file(directory, 'script-%d' % n_commands, script.hex() + '\n')


def send(sim, script, n_commands):
    """One session with one script."""
    reply = https.ask(sim, 'smsr send-script %s --via https' % script)
    if ' executed=%d ' % n_commands not in ' ' + reply + ' ':
        raise SystemExit('send-script: ' + reply)


def settled_cpu_ns(agent):
    """When it has nothing to do any more."""
    value = [agent.cpu_ns()]

    def is_quiet():
        before, value[0] = value[0], agent.cpu_ns()
        return before == value[0]
    rig.await_true('agent is quiet', is_quiet)
    return value[0]


@contextlib.contextmanager
def answering_simulator(build, size):
    with rig.simulator(build, '--isdr=plain') as sim:
        https.ask(sim, 'euicc answer %s %d' % (INSTRUCTION, size))
        yield sim


class Shape:
    """The scripts for answers of one size, the agent that gets them, and the floor with the same requests."""

    def __init__(self, build, directory, stack, shape):
        self.build = build
        self.size, self.few, self.many, self.n_sessions = shape
        self.scripts = [(write_script(directory, count), count) for count in (self.few, self.many)]
        with https.in_memory():
            self.sim = stack.enter_context(answering_simulator(build, self.size))
            self.agent = stack.enter_context(rig.agent(build, self.sim, https.KEYS))
        self.requests = [self.record(directory, *script) for script in self.scripts]
        with https.in_memory():
            self.entry_size = self.measure_entry()
            self.durable = os.path.join(stack.enter_context(tempfile.TemporaryDirectory()), 'durable')

    def record(self, directory, script, n_commands):
        """From opening the logical channel to closing it, which may come after the end of the session."""
        requests = []

        def is_closed():
            lines = (line.split() for line in self.sim.list('qmi'))
            requests.extend(line[1] + ' ' + line[3] for line in lines
                            if line[0] == 'uim' and line[1] in https.UIM_REQUESTS)
            return requests[-1:] != [] and requests[-1].startswith(UIM_CLOSE)
        self.sim.list('qmi')
        send(self.sim, script, n_commands)
        rig.await_true('the logical channel is closed', is_closed)
        return https.write_lines(directory, 'requests-%d' % n_commands, requests)

    def measure_entry(self):
        """Bytes that the agent writes at once, on the average of the long script."""
        with answering_simulator(self.build, self.size) as sim, rig.agent(self.build, sim, https.KEYS, True) as agent:
            before = agent.counts.read()
            send(sim, *self.scripts[1])
            n_syncs, n_bytes = (now - then for then, now in zip(before, agent.counts.read()))
        return n_bytes // n_syncs

    def run_agent(self, script, n_commands):
        """CPU and wall time, nanoseconds."""
        before, start = settled_cpu_ns(self.agent), time.monotonic_ns()
        for _ in range(self.n_sessions):
            send(self.sim, script, n_commands)
        wall = time.monotonic_ns() - start
        return settled_cpu_ns(self.agent) - before, wall

    def run_floor(self, *options):
        """The same of the short and of the long one."""
        with answering_simulator(self.build, self.size) as sim:
            output = subprocess.run([os.path.join(self.build, 'tests/bench/apdu-floor'), *options, sim.port,
                                     *(self.requests * self.n_sessions)],
                                    check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        runs = [tuple(map(int, line.split())) for line in output.splitlines()]
        return [tuple(map(sum, zip(*runs[first::2]))) for first in range(2)]

    def slope(self, few, many):
        """Microseconds an APDU: CPU, wall time."""
        n_more = (self.many - self.few) * self.n_sessions
        return tuple((b - a) / n_more / 1000 for a, b in zip(few, many))

    def measure(self):
        """Of the agent and of both floors, in turns."""
        ours, theirs, durable = [], [], []
        for _ in range(N_RUNS):
            ours.append(self.slope(*(self.run_agent(*script) for script in self.scripts)))
            theirs.append(self.slope(*self.run_floor()))
            durable.append(self.slope(*self.run_floor('--durable=' + self.durable, str(self.entry_size))))
        return [list(zip(*runs)) for runs in (ours, theirs, durable)]


def measure_size(build, shape, where):
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        (cpu, wall), (floor_cpu, floor_wall), (durable_cpu, _) = Shape(build, directory, stack, shape).measure()
    name = '%d bytes, %s' % (shape[0], where)
    yield row(name + ', CPU an APDU', cpu, 'us', GOAL_RATIO, 'libqmi alone', floor_cpu, statistics.median(floor_cpu))
    yield row(name + ', CPU an APDU', cpu, 'us', None, 'libqmi and one durable write', durable_cpu)
    yield row(name + ', time an APDU', wall, 'us', None, 'libqmi alone', floor_wall)


@contextlib.contextmanager
def on_one_processor():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def child_cost(argv):
    """CPU and wall time of one process, milliseconds."""
    start = time.monotonic()
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit('%s: exit status %d' % (argv[0], child.returncode))
    return (usage.ru_utime + usage.ru_stime) * 1000, (time.monotonic() - start) * 1000


def measure_question(build):
    """Which profile is enabled? qmicli reads it from the card, and the agent, which has done so before, tells what it
    knows; its own share and the bus are counted with euiccctl."""
    if shutil.which('qmicli') is None:
        print('relay: skipped what is measured against qmicli, which is not there', file=sys.stderr)
        return
    with rig.simulator(build) as theirs, rig.simulator(build) as sim, rig.agent(build, sim) as agent:
        qmicli = ['qmicli', '-d', theirs.port, '--device-open-qmi', '--uim-read-transparent=' + ICCID_PATH]
        euiccctl = [agent.client, '--bus=' + agent.bus, 'show']
        daemons = (agent, agent.bus_daemon)
        costs = {'qmicli': [], 'euiccctl': []}
        for _ in range(N_QUESTIONS):
            costs['qmicli'].append(child_cost(qmicli))
            before = sum(daemon.cpu_ns() for daemon in daemons)
            cpu, wall = child_cost(euiccctl)
            costs['euiccctl'].append((cpu + (sum(daemon.cpu_ns() for daemon in daemons) - before) / 1e6, wall))
    for i, name in enumerate(('CPU', 'time')):
        yield row('which profile, from a shell, ' + name, [cost[i] for cost in costs['euiccctl']], 'ms', None, 'qmicli',
                  [cost[i] for cost in costs['qmicli']])


def measure(build, _root):
    for shape in SHAPES:
        with on_one_processor():
            yield from measure_size(build, shape, 'one processor')
    for shape in SHAPES:
        yield from measure_size(build, shape, 'all processors')
    yield from measure_question(build)

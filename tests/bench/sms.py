# SPDX-License-Identifier: LGPL-2.1-or-later
"""What secured packets in short messages cost the agent. The floors are GnuTLS with the same bytes, and libqmi
that brings the same messages to the card."""
import contextlib
import os
import statistics
import subprocess
import time

import rig

N_RUNS = 9
GOAL_OPEN_US = 50

N_BURST = 500
N_BURST_RUNS = 5
N_CONNECTIONS = 8
# An SMS-DELIVER with a command packet under key set 01, up to its last four octets: those number the messages.
TPDU = ('440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4'
        '0693DF4FCE92B5A3A849C286D5B9%08X')

N_SINGLE = 200
N_SINGLE_RUNS = 5
GOAL_SINGLE_US = 1000
INDICATION, ENVELOPE, TAKEN, ACKNOWLEDGED = (('indication', 'wms', '0x0001'), ('request', 'cat', '0x0022'),
                                             ('response', 'cat', '0x0022'), ('request', 'wms', '0x0037'))

N_PACKETS = 200
N_PACKET_RUNS = 5
KIC = '30313233343536373839414243444546'
KID = '50515253545556575859616263646566'
KEYS = '[* scp80 %s]\nKic=' + KIC + '\nKid=' + KID + '\n'
KEYS_HELD = KEYS % '01'
KEYS_OF_OTHERS = KEYS % '02'

SLOW_MS = 500  # until the modem answers: time to look at what was written before
QUIET_S = 2.5  # longer than the agent waits before it stores what is not urgent
N_TAKING_RUNS = 3
GOAL_SYNCS = 2
GOAL_BYTES = 8192

N_GROWTH = 2000
GROWTH_MAX = 64 * 1024


def measure_open(build):
    """One packet with 1 KiB of data: CC verified and deciphered. Both take turns, so that what else the machine
    does falls upon both."""
    program = os.path.join(build, 'tests', 'bench', 'open-packet')
    output = subprocess.run([program, str(N_RUNS)], check=True, stdout=subprocess.PIPE, text=True).stdout
    runs = [tuple(map(float, line.split())) for line in output.splitlines()]
    if len(runs) != N_RUNS:
        raise SystemExit('%s: %d runs of %d' % (program, len(runs), N_RUNS))
    agent, floor = ([run[i] for run in runs] for i in range(2))
    value = statistics.median(agent)
    yield dict(measure='open-1k', value=value, unit='us', against='GnuTLS alone',
               ratio=value / statistics.median(floor), goal='<= %g' % GOAL_OPEN_US,
               holds=value <= GOAL_OPEN_US, runs=len(agent), min=min(agent), max=max(agent))


def row(measure, values, unit, goal=None, against=None, floor=None):
    value = statistics.median(values)
    return dict(measure=measure, value=value, unit=unit, against=against,
                ratio=value / statistics.median(floor) if floor else None,
                goal=None if goal is None else '<= %g' % goal,
                holds=None if goal is None else value <= goal, runs=len(values), min=min(values),
                max=max(values))


def deliver(sim, numbers):
    """Messages that the network has all at once, each acknowledged by the host."""
    with contextlib.ExitStack() as stack:
        connections = []
        for i in range(N_CONNECTIONS):
            control = stack.enter_context(contextlib.closing(rig.Control(sim.directory)))
            share = numbers[i::N_CONNECTIONS]
            control.send(*('sms ' + TPDU % number for number in share))
            connections.append((control, len(share)))
        for control, count in connections:
            for _ in range(count):
                reply = control.read_line()
                if reply != 'ok ack':
                    raise SystemExit('sms: ' + reply)


def check_envelopes(sim, numbers):
    taken = sorted(int(line.split()[0][-8:], 16) for line in sim.list('envelopes'))
    if taken != list(numbers):
        raise SystemExit('burst: the card took %d messages, not %d' % (len(taken), len(numbers)))


def burst(process, sim, first):
    """Messages a second, and microseconds of CPU for each."""
    numbers = range(first, first + N_BURST)
    before = process.cpu_ns()
    start = time.monotonic()
    deliver(sim, numbers)
    seconds = time.monotonic() - start
    cpu_us = (process.cpu_ns() - before) / 1000
    check_envelopes(sim, numbers)
    return N_BURST / seconds, cpu_us / N_BURST


def take_turns(build, n_runs, n_messages, work):
    """What @work says of runs of the agent and of the floor, which has a modem of its own."""
    program = os.path.join(build, 'tests', 'bench', 'sms-floor')
    with open(os.devnull, 'w', encoding='ascii') as null, rig.simulator(build) as floor_sim, \
            rig.process_at([program, floor_sim.port], null) as floor, rig.simulator(build) as sim, \
            rig.agent(build, sim, KEYS_OF_OTHERS) as agent:
        if floor.read_line() != 'ready':
            raise SystemExit('sms-floor did not become ready')
        sim.list('envelopes')
        runs = [(work(agent, sim, i * n_messages), work(floor, floor_sim, i * n_messages)) for i in range(n_runs)]
    return zip(*runs)


def measure_burst(build):
    """Sealed messages, which the host acknowledges."""
    ours, theirs = take_turns(build, N_BURST_RUNS, N_BURST, burst)
    for i, (name, unit) in enumerate((('burst of 500, wall time', '/s'), ('burst of 500, CPU an SMS', 'us'))):
        base = [run[i] for run in theirs]
        yield row(name, [run[i] for run in ours], unit, against='libqmi alone', floor=base)


def latencies(sim):
    """Microseconds from the indications of messages to their ENVELOPEs, and from the card's answers to the
    acknowledgements, as the modem sees it."""
    began, to_card, to_network = {}, [], []
    for line in sim.list('times'):
        time_us, kind, service, message = line.split()
        step = (kind, service.rstrip('2'), message)
        began[step] = int(time_us)
        if step == ENVELOPE:
            to_card.append(began[ENVELOPE] - began[INDICATION])
        if step == ACKNOWLEDGED:
            to_network.append(began[ACKNOWLEDGED] - began[TAKEN])
    if len(to_card) != N_SINGLE or len(to_network) != N_SINGLE:
        raise SystemExit('%d messages: %d ENVELOPEs, %d acknowledgements' % (N_SINGLE, len(to_card), len(to_network)))
    return statistics.median(to_card), statistics.median(to_network)


def deliver_singly(process, sim, first):
    """Microseconds of CPU for a message, and the two latencies."""
    sim.list('times')
    before = process.cpu_ns()
    for number in range(first, first + N_SINGLE):
        reply = sim.ask('sms ' + TPDU % number)
        if reply != 'ok ack':
            raise SystemExit('sms: ' + reply)
    return ((process.cpu_ns() - before) / 1000 / N_SINGLE, *latencies(sim))


def measure_single(build):
    """One sealed message after the other: nothing is shared between them."""
    ours, theirs = take_turns(build, N_SINGLE_RUNS, N_SINGLE, deliver_singly)
    names = (('indication to acknowledgement, CPU', GOAL_SINGLE_US), ('indication to ENVELOPE, wall time', None),
             ("card's answer to acknowledgement, wall time", None))
    for i, (name, goal) in enumerate(names):
        yield row(name, [run[i] for run in ours], 'us', goal, 'libqmi alone', [run[i] for run in theirs])


def send_packets(sim, count):
    for _ in range(count):
        reply = sim.ask('smsr send-script --generate 1 --via sms')
        if not reply.startswith('ok packets=1 ') or ' executed=1 ' not in reply:
            raise SystemExit('send-script: ' + reply)


def measure_packet(build):
    """A packet of one command that the agent opens, runs and answers."""
    with rig.simulator(build, '--isdr=plain') as sim, rig.agent(build, sim, KEYS_HELD) as agent:
        values = []
        for _ in range(N_PACKET_RUNS):
            before = agent.cpu_ns()
            send_packets(sim, N_PACKETS)
            values.append((agent.cpu_ns() - before) / N_PACKETS / 1000)
    yield row('packet, CPU', values, 'us')


def count_packets(agent, sim):
    before = agent.counts.read()
    send_packets(sim, N_PACKETS)
    return [(now - then) / N_PACKETS for then, now in zip(before, agent.counts.read())]


def await_quiet(agent):
    """Until nothing is written any more."""
    last, since = agent.counts.read(), time.monotonic()
    deadline = since + rig.DEADLINE_S
    while time.monotonic() < since + QUIET_S:
        time.sleep(SLOW_MS / 10000)
        if agent.counts.read() != last:
            last, since = agent.counts.read(), time.monotonic()
        if time.monotonic() > deadline:
            raise SystemExit('the agent writes for ever')
    return last


def count_taking(agent, sim):
    """What is written from the arrival of a packet until the modem, which is slow, answers a request: the commit of
    its counter, with the packet itself, and that of the logical channel that is asked for."""
    before = await_quiet(agent)
    sim.ask('slow %d' % SLOW_MS)
    sim.control.send('smsr send-script --generate 1 --via sms')
    rig.await_true('the packet is taken', lambda: agent.counts.read() != before)
    time.sleep(SLOW_MS / 4000)
    counts = [now - then for then, now in zip(before, agent.counts.read())]
    reply = sim.control.read_line()
    if not reply.startswith('ok '):
        raise SystemExit('send-script: ' + reply)
    sim.ask('slow 0')
    return counts


def measure_durable(build):
    with rig.simulator(build, '--isdr=plain') as sim, rig.agent(build, sim, KEYS_HELD, True) as agent:
        packets = [count_packets(agent, sim) for _ in range(N_PACKET_RUNS)]
        takings = [count_taking(agent, sim) for _ in range(N_TAKING_RUNS)]
    yield row('packet, fsyncs', [run[0] for run in packets], '')
    yield row('packet, written', [run[1] for run in packets], 'B')
    yield row('packet until its first APDU, fsyncs', [run[0] for run in takings], '', GOAL_SYNCS)
    yield row('packet until its first APDU, written', [run[1] for run in takings], 'B', GOAL_BYTES)


def growth(process, work):
    """Bytes that the process has more after @work was done often than after the first few."""
    work(range(N_BURST))
    before = process.status_bytes('VmRSS')
    for first in range(N_BURST, N_BURST + N_GROWTH, N_BURST):
        work(range(first, first + N_BURST))
    return process.status_bytes('VmRSS') - before


def measure_memory(build):
    with rig.simulator(build, '--isdr=plain') as sim, rig.agent(build, sim, KEYS_HELD) as agent:
        yield row('memory that 2000 packets leave', [growth(agent, lambda numbers: send_packets(sim, len(numbers)))],
                  'B', GROWTH_MAX)
    with rig.simulator(build) as sim, rig.agent(build, sim, KEYS_OF_OTHERS) as agent:
        yield row('memory that 2000 sealed SMS leave', [growth(agent, lambda numbers: deliver(sim, numbers))],
                  'B', GROWTH_MAX)


def measure(build, _root):
    yield from measure_open(build)
    yield from measure_single(build)
    yield from measure_burst(build)
    yield from measure_packet(build)
    yield from measure_durable(build)
    yield from measure_memory(build)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the bearer independent protocol costs the agent, and how it shares. The card is the simulator's, the
peers are sockets of this process, the floor is libqmi with the same messages and nothing behind them."""
import collections
import contextlib
import os
import socket
import statistics
import threading
import time

import rig

PIECE = 237  # bytes of a RECEIVE DATA's response at most
BUFFER = 1500
N_PAIRS = 1000
N_RUNS = 9
N_ANNOUNCED_RUNS = 3
N_ANNOUNCED_PAIRS = 300
N_WARM = 200
N_FEW = 10
GOAL_PAIR_US = 100
N_TRANSFER = 256 * 1024
N_MEMORY_RUNS = 5
MEMORY_ROOM = 64 * 1024
N_COPY_RUNS = 5
N_RECEIVE = 1400  # of each run, over all channels
N_RECEIVE_RUNS = 5
N_CHANNELS = 7
N_SHARED = 20 * BUFFER  # bytes a channel
GOAL_BUFFERS = 4

TYPE_EVENT_LIST, TYPE_OPEN, TYPE_CLOSE, TYPE_RECEIVE, TYPE_SEND = 0x05, 0x40, 0x41, 0x42, 0x43
TERMINAL = 0x82
CHANNEL = 0x20
TAG_RESULT, TAG_DATA, TAG_LENGTH, TAG_STATUS = 0x03, 0x36, 0x37, 0x38
IMMEDIATE = 1
EVENTS = bytes.fromhex('9902090A')  # data available, channel status
EVENT_DATA = bytes.fromhex('990109')


def length(size):
    return bytes([size]) if size < 0x80 else bytes([0x81, size])


def command(kind, qualifier, device, objects):
    body = bytes([0x81, 3, 1, kind, qualifier, 0x82, 2, 0x81, device]) + objects
    return b'\xd0' + length(len(body)) + body


def send_data(channel):
    data = bytes(i & 0xFF for i in range(PIECE))
    return command(TYPE_SEND, IMMEDIATE, CHANNEL + channel, b'\xb6' + length(PIECE) + data)


def receive_data(channel):
    return command(TYPE_RECEIVE, 0, CHANNEL + channel, bytes([0xB7, 1, PIECE]))


def objects(data):
    """Tag without comprehension bit → value of each object."""
    found = {}
    while data:
        start = 3 if data[1] == 0x81 else 2
        end = start + data[start - 1]
        found[data[0] & 0x7F] = data[start:end]
        data = data[end:]
    return found


@contextlib.contextmanager
def channel(sim, peer):
    """An open channel to the peer, by its number."""
    response = objects(sim.proactive(command(
        TYPE_OPEN, IMMEDIATE, TERMINAL, bytes.fromhex('B50103B902') + BUFFER.to_bytes(2, 'big')
        + bytes.fromhex('BC0302') + peer.port.to_bytes(2, 'big') + bytes.fromhex('BE05217F000001'))))
    if response[TAG_RESULT] != b'\0':
        raise SystemExit('OPEN CHANNEL: result ' + response[TAG_RESULT].hex())
    number = response[TAG_STATUS][0] & 7
    try:
        yield number
    finally:
        sim.proactive(command(TYPE_CLOSE, 0, CHANNEL + number, b''))


@contextlib.contextmanager
def peer(**options):
    made = rig.Peer(**options)
    try:
        yield made
    finally:
        made.close()


def await_full(sim, number):
    """Reads until a whole piece is there: from now on the peer is ahead."""
    while len(objects(sim.proactive(receive_data(number)))[TAG_DATA]) < PIECE:
        pass


def row(measure, values, unit, against=None, floor=None, goal=None, limit=None):
    value = statistics.median(values)
    made = dict(measure=measure, value=value, unit=unit, against=against,
                ratio=value / floor if floor else None, goal=None, holds=None, runs=len(values),
                min=min(values), max=max(values))
    if goal is not None:
        made.update(goal='<= %g' % goal, holds=value <= goal)
    if limit is not None:
        made['limit'] = limit
    return made


def pair_us(process, sim, number, n_pairs=N_PAIRS):
    before = process.cpu_ns()
    sim.repeat(n_pairs, send_data(number), receive_data(number))
    return (process.cpu_ns() - before) / n_pairs / 1000


@contextlib.contextmanager
def floor_of(build):
    """libqmi with the same messages, and its modem"""
    with open(os.devnull, 'w', encoding='ascii') as null, rig.simulator(build) as sim, \
            rig.process_at([os.path.join(build, 'tests/bench/qmi-floor'), sim.port], null) as process:
        if process.read_line() != 'ready':
            raise SystemExit('qmi-floor did not become ready')
        yield process, sim


def measure_pairs(build, agent, sim):
    """Both take turns, so that what else the machine does falls upon both."""
    with contextlib.ExitStack() as stack:
        floor, floor_sim = stack.enter_context(floor_of(build))
        number = stack.enter_context(channel(sim, stack.enter_context(peer(floods=True))))
        await_full(sim, number)
        pair_us(agent, sim, number, N_WARM)
        pair_us(floor, floor_sim, number, N_WARM)
        ours, theirs = [], []
        for _ in range(N_RUNS):
            ours.append(pair_us(agent, sim, number))
            theirs.append(pair_us(floor, floor_sim, number))
    base = statistics.median(theirs)
    yield row('agent CPU, SEND + RECEIVE DATA', ours, 'us', 'libqmi alone', base, GOAL_PAIR_US, base)
    yield row('libqmi alone, same messages', theirs, 'us')


def receive(process, sim, numbers):
    """Microseconds of CPU for a RECEIVE DATA of a whole piece, channels in turn, and KiB/s."""
    rounds = N_RECEIVE // len(numbers)
    before, start = process.cpu_ns(), time.monotonic()
    sim.repeat(rounds, *(receive_data(number) for number in numbers))
    seconds = time.monotonic() - start
    count = rounds * len(numbers)
    return (process.cpu_ns() - before) / count / 1000, count * PIECE / 1024 / seconds


def measure_receive(build, agent, sim):
    """A card that fetches from one channel and from all, each with a peer that is ahead. All take turns."""
    with contextlib.ExitStack() as stack:
        floor, floor_sim = stack.enter_context(floor_of(build))
        numbers = [stack.enter_context(channel(sim, stack.enter_context(peer(floods=True))))
                   for _ in range(N_CHANNELS)]
        for number in numbers:
            await_full(sim, number)
        runs = [(receive(agent, sim, numbers[:1]), receive(agent, sim, numbers), receive(floor, floor_sim, numbers))
                for _ in range(N_RECEIVE_RUNS)]
    for i, (name, unit) in enumerate((('RECEIVE DATA, CPU', 'us'), ('RECEIVE DATA', 'KiB/s'))):
        base = statistics.median(run[2][i] for run in runs)
        for j, what in enumerate(('1 channel', '%d channels' % N_CHANNELS)):
            yield row('%s, %s' % (name, what), [run[j][i] for run in runs], unit, 'libqmi alone', base)


def announced_pair(sim, number):
    """As a card does that waits for the answer: SEND DATA, data available, RECEIVE DATA."""
    sim.proactive(send_data(number))
    while not any(EVENT_DATA.hex().upper() in line for line in sim.list('envelopes')):
        pass
    data = objects(sim.proactive(receive_data(number)))[TAG_DATA]
    if len(data) != PIECE:
        raise SystemExit('RECEIVE DATA: %d bytes' % len(data))


def measure_announced(agent, sim):
    values = []
    with peer(echoes=True) as echo, channel(sim, echo) as number:
        sim.list('envelopes')
        for _ in range(N_ANNOUNCED_RUNS):
            before = agent.cpu_ns()
            for _ in range(N_ANNOUNCED_PAIRS):
                announced_pair(sim, number)
            values.append((agent.cpu_ns() - before) / N_ANNOUNCED_PAIRS / 1000)
    yield row('the same, answer awaited by its event', values, 'us')


def transfer_growth(build):
    """Bytes that a transfer of 256 KiB in each direction needs at its worst. The agent is new: it has had a
    channel, but has never carried more than a few pieces."""
    with rig.simulator(build) as sim, rig.agent(build, sim) as agent:
        for count in (N_FEW, N_TRANSFER // PIECE + 1):
            before = agent.status_bytes('VmRSS')
            agent.forget_peak()
            with peer(floods=True) as there, channel(sim, there) as number:
                await_full(sim, number)
                sim.repeat(count, send_data(number), receive_data(number))
        return agent.status_bytes('VmHWM') - before


def measure_memory(build):
    values = [transfer_growth(build) for _ in range(N_MEMORY_RUNS)]
    yield row('extra memory, 256 KiB both ways', values, 'B', 'the buffer', BUFFER, BUFFER + MEMORY_ROOM)


def copy_rate():
    """KiB/s of the same bytes in the same pieces through a socket alone."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        source = socket.create_connection(listener.getsockname())
        target, _ = listener.accept()
    count = N_TRANSFER // PIECE + 1

    def write():
        for _ in range(count):
            source.sendall(bytes(PIECE))
        source.close()

    writer = threading.Thread(target=write)
    start = time.monotonic()
    writer.start()
    while target.recv(PIECE):
        pass
    seconds = time.monotonic() - start
    writer.join()
    target.close()
    return count * PIECE / 1024 / seconds


def transfer_rate(sim, text):
    count = N_TRANSFER // PIECE + 1
    start = time.monotonic()
    sim.repeat(count, text)
    return count * PIECE / 1024 / (time.monotonic() - start)


def measure_rate(sim):
    with peer(floods=True) as there, channel(sim, there) as number:
        await_full(sim, number)
        down = [transfer_rate(sim, receive_data(number)) for _ in range(N_COPY_RUNS)]
        up = [transfer_rate(sim, send_data(number)) for _ in range(N_COPY_RUNS)]
    base = statistics.median(copy_rate() for _ in range(N_COPY_RUNS))
    yield row('256 KiB to the card, wall time', down, 'KiB/s', 'plain socket copy', base)
    yield row('256 KiB from the card, wall time', up, 'KiB/s', 'plain socket copy', base)


class Sharing:
    """A card that keeps in mind which channels have data, in the order in which it was told, and takes at most
    one buffer from each in its turn."""

    def __init__(self, sim, numbers):
        self.sim = sim
        self.left = {number: N_SHARED for number in numbers}
        self.moved = {number: collections.Counter() for number in numbers}  # by others, since its turn
        self.worst = 0
        self.announced = []

    def take_events(self):
        for line in self.sim.list('envelopes'):
            found = objects(objects(bytes.fromhex(line.split()[0])[5:])[0xD6 & 0x7F])
            number = found[TAG_STATUS][0] & 7
            if TAG_LENGTH in found and number not in self.announced:
                self.announced.append(number)

    def serve(self, number):
        self.worst = max([self.worst] + list(self.moved[number].values()))
        self.moved[number].clear()
        taken = 0
        while taken < BUFFER:
            data = objects(self.sim.proactive(receive_data(number)))[TAG_DATA]
            taken += len(data)
            for other in self.left:
                if other != number and self.left[other] > 0:
                    self.moved[other][number] += len(data)
            if len(data) < PIECE:
                break
        self.left[number] -= taken
        self.take_events()

    def run(self):
        """The most bytes that one channel moved while another waited with data of its own."""
        deadline = time.monotonic() + rig.DEADLINE_S
        while any(left > 0 for left in self.left.values()):
            if time.monotonic() > deadline:
                raise SystemExit('sharing: not within %d s, left: %s' % (rig.DEADLINE_S, self.left))
            self.take_events()
            if self.announced:
                self.serve(self.announced.pop(0))
        return self.worst


def measure_sharing(sim):
    with contextlib.ExitStack() as stack:
        sim.list('envelopes')
        peers = [stack.enter_context(peer()) for _ in range(N_CHANNELS)]
        numbers = [stack.enter_context(channel(sim, there)) for there in peers]
        for there in peers:
            there.send(bytes(N_SHARED))
        worst = Sharing(sim, numbers).run()
    yield row('7 channels, most that one waits for', [worst / BUFFER], 'buf', goal=GOAL_BUFFERS, limit=1)


def measure(build, root):
    with rig.simulator(build) as sim, rig.agent(build, sim) as agent:
        sim.proactive(command(TYPE_EVENT_LIST, 0, TERMINAL, EVENTS))
        yield from measure_pairs(build, agent, sim)
        yield from measure_receive(build, agent, sim)
        yield from measure_announced(agent, sim)
        yield from measure_memory(build)
        yield from measure_rate(sim)
        yield from measure_sharing(sim)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a session costs in which the agent itself fetches a profile of 1 MiB from the SM-SR. The floors are GnuTLS with
the same records, and libqmi with the same APDUs to the same card: the agent is the client of both, so the goal is for
both together, and the ratio to GnuTLS alone is told beside it. What is durable is in memory meanwhile, where there is
such a directory, because no floor has a disk; what a disk adds has rows of its own."""
import contextlib
import json
import os
import queue
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time

import rig

PROFILE_SIZE = 1024 * 1024
SMALL_PROFILE_SIZE = 1024
N_RUNS = 5
N_FLOOR_RUNS = 5  # of GnuTLS, for each run of the agent
N_DISK_RUNS = 3
MEMORY_DIRECTORY = '/dev/shm'
GOAL_RATIO = 1.3
GOAL_GROWTH = 256 * 1024
GOAL_FLAT = 64 * 1024
GOAL_TRIPS = 4
RTT_S = 0.4
TIMEOUT_S = 600

KEYS = ('[* scp80 01]\nKic=30313233343536373839414243444546\nKid=50515253545556575859616263646566\n'
        '[* scp81 40]\nKeyIdentifier=01\nPsk=404142434445464748494A4B4C4D4E4F\n')

TLS_HEADER = 5
TLS_HANDSHAKE, TLS_DATA = 22, 23
TLS_GCM_OVERHEAD = 24  # explicit nonce and tag
BUS_NAME = 'org.euicc.Agent1'
EUICC_PATH = '/org/euicc/Agent1/Euicc/0'
UIM_REQUESTS = ('0x003B', '0x0042', '0x003F')  # Send APDU, Open Logical Channel, Logical Channel


class Link:
    """A TCP relay in front of a server that delays each direction by @delay_s and reads along: TLS records, as
    (is of the client, type, bytes without TLS), and connections."""

    def __init__(self, port, delay_s=0):
        self.target = port
        self.delay_s = delay_s
        self.records = []
        self.n_connections = 0
        self.sockets = []
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(('127.0.0.1', self.target))
                self.n_connections += 1
                self.sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    for end in (source, target):
                        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.carry(source, target, source is client)

    def carry(self, source, target, is_of_client):
        pieces = queue.Queue()
        threading.Thread(target=self.take, args=(source, pieces, is_of_client), daemon=True).start()
        threading.Thread(target=self.give, args=(target, pieces), daemon=True).start()

    def take(self, source, pieces, is_of_client):
        unread = b''
        data = b'-'
        while data:
            try:
                data = source.recv(rig.CHUNK)
            except OSError:
                data = b''
            pieces.put((time.monotonic() + self.delay_s, data))
            unread = self.note(unread + data, is_of_client)

    def note(self, data, is_of_client):
        """What is left of @data behind its whole records."""
        while len(data) >= TLS_HEADER:
            kind, _, size = struct.unpack('!BHH', data[:TLS_HEADER])
            if len(data) < TLS_HEADER + size:
                break
            self.records.append((is_of_client, kind, size))
            data = data[TLS_HEADER + size:]
        return data

    @staticmethod
    def give(target, pieces):
        with contextlib.suppress(OSError):
            while True:
                due, data = pieces.get()
                time.sleep(max(0, due - time.monotonic()))
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)

    def close(self):
        for end in [self.listener] + self.sockets:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def ask(sim, command):
    """The rest of the reply, which has to be "ok"."""
    reply = sim.ask(command)
    if not reply.startswith('ok'):
        raise SystemExit('%s: %s' % (command, reply))
    return reply[3:]


def server_port(sim):
    return json.loads(sim.list('state')[0])['smsr']['https']


def download(sim, profile, more=''):
    """Fields of the SM-SR's reply."""
    words = ask(sim, 'smsr download-profile %s --via https --timeout %d %s' % (profile, TIMEOUT_S, more)).split()
    return dict(word.split('=') for word in words)


def call(agent, path, method, *arguments):
    """What gdbus prints."""
    return subprocess.run(['gdbus', 'call', '--address', agent.bus, '--dest', BUS_NAME, '--object-path', path,
                           '--method', method, *arguments], stdout=subprocess.PIPE, check=True, text=True).stdout


def open_session(agent, options='{}', transport='https'):
    """Its object path."""
    return call(agent, EUICC_PATH, BUS_NAME + '.Euicc.OpenSession', transport, options).split("'")[1]


def await_closed(agent, session):
    def get(name):
        return call(agent, session, 'org.freedesktop.DBus.Properties.Get', BUS_NAME + '.Session', name).split("'")[1]

    rig.await_true('session is closed', lambda: get('State') == 'closed')
    if get('Result') != 'ok':
        raise SystemExit('%s: %s' % (session, call(agent, session, 'org.freedesktop.DBus.Properties.Get',
                                                   BUS_NAME + '.Session', 'Error')))


def write_lines(directory, name, lines):
    return rig.write_file(directory, name, ''.join(line + '\n' for line in lines))


class Recording:
    """One session, as its connection and its card have seen it, in files for the floors."""

    def __init__(self, build, directory, profile):
        with rig.simulator(build, '--isdr=plain') as sim, contextlib.closing(Link(server_port(sim))) as link:
            config = '[sm-sr]\nHost=127.0.0.1\nPort=%d\n' % link.port
            with rig.agent(build, sim, KEYS, config=config) as agent:
                sim.list('qmi')
                control = rig.Control(sim.directory)
                control.send('smsr download-profile %s --via https --no-trigger --timeout %d' % (profile, TIMEOUT_S))
                open_session(agent)
                reply = control.read_line()
                control.close()
                requests = [line.split() for line in sim.list('qmi')]
            self.hash = dict(word.split('=') for word in reply.split()[1:])['sha256']
            self.n_connections = link.n_connections
            records = link.records
        self.n_hellos = sum(is_of_client and kind == TLS_HANDSHAKE for is_of_client, kind, _ in records) / 3
        data = [(is_of_client, size - TLS_GCM_OVERHEAD) for is_of_client, kind, size in records if kind == TLS_DATA]
        self.n_posts = sum(now[0] and not before[0] for before, now in zip([(False, 0)] + data, data))
        self.n_read = sum(size for is_of_client, size in data if not is_of_client)
        self.records = write_lines(directory, 'records', ['%s %d' % ('<>'[is_of_client], size)
                                                          for is_of_client, size in data])
        self.requests = write_lines(directory, 'requests', [line[1] + ' ' + line[3] for line in requests
                                                            if line[0] == 'uim' and line[1] in UIM_REQUESTS])


def tls_floor_ns(build, server_port_number, recording):
    output = subprocess.run([os.path.join(build, 'tests/bench/https-floor'), 'read', str(server_port_number),
                             recording.records, str(N_FLOOR_RUNS + 1)], check=True, stdout=subprocess.PIPE, text=True)
    return statistics.median(int(line) for line in output.stdout.split()[1:])


def card_floor_ns(build, recording):
    """Of the same requests; the card must have the same profile then."""
    with rig.simulator(build, '--isdr=plain') as sim:
        output = subprocess.run([os.path.join(build, 'tests/bench/apdu-floor'), sim.port, recording.requests],
                                check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if recording.hash not in sim.list('state')[0]:
            raise SystemExit('apdu-floor: the card has not got the profile')
    return int(output.stdout.split()[0])


@contextlib.contextmanager
def in_memory():
    """Directories that are made meanwhile are in memory, where that can be."""
    before = tempfile.tempdir
    if os.path.isdir(MEMORY_DIRECTORY):
        tempfile.tempdir = MEMORY_DIRECTORY
    try:
        yield
    finally:
        tempfile.tempdir = before


def agent_run(build, profile):
    """CPU in nanoseconds, memory in bytes beyond what a session without work had needed, seconds, and connections."""
    with rig.simulator(build, '--isdr=plain') as sim, rig.agent(build, sim, KEYS) as agent:
        ask(sim, 'smsr audit --via https')
        agent.forget_peak()
        ask(sim, 'smsr audit --via https')
        idle = agent.status_bytes('VmHWM')
        agent.forget_peak()
        before, start = agent.cpu_ns(), time.monotonic()
        reply = download(sim, profile)
        return (agent.cpu_ns() - before, agent.status_bytes('VmHWM') - idle, time.monotonic() - start,
                int(reply['connections']))


def row(measure, values, unit, against=None, floor=None, goal=None, limit=None):
    value = statistics.median(values)
    made = dict(measure=measure, value=value, unit=unit, against=against, ratio=value / floor if floor else None,
                goal=None, holds=None, runs=len(values), min=min(values), max=max(values))
    if goal is not None:
        made.update(goal='<= %g' % goal, holds=value <= goal)
    if limit is not None:
        made['limit'] = limit
    return made


def ratio_row(measure, values, against, floors):
    """Its goal is one of the ratio."""
    made = row(measure, values, 'ms', against, statistics.median(floors), limit=statistics.median(floors))
    made.update(goal='<= %g x' % GOAL_RATIO, holds=made['ratio'] <= GOAL_RATIO)
    return made


def write_profile(directory, name, size):
    path = os.path.join(directory, name)
    with open(path, 'wb') as file:
        file.write(os.urandom(size))
    return path


def measure_download(build, directory):
    """The agent and the floors take turns, so that what else the machine does falls upon all."""
    profile = write_profile(directory, 'profile', PROFILE_SIZE)
    recording = Recording(build, directory, profile)
    runs, tls, card = [], [], []
    floor = os.path.join(build, 'tests/bench/https-floor')
    with open(os.devnull, 'w', encoding='ascii') as null, \
            rig.process_at([floor, 'serve', recording.records], null) as server:
        port = server.read_line()
        for _ in range(N_RUNS):
            with in_memory():
                runs.append(agent_run(build, profile))
            tls.append(tls_floor_ns(build, port, recording) / 1e6)
            card.append(card_floor_ns(build, recording) / 1e6)
    ours = [run[0] / 1e6 for run in runs]
    both = [a + b for a, b in zip(tls, card)]
    yield ratio_row('1 MiB, agent CPU', ours, 'GnuTLS + libqmi', both)
    yield row('1 MiB, agent CPU, card and all', ours, 'ms', 'GnuTLS alone', statistics.median(tls))
    yield row('GnuTLS alone, same records', tls, 'ms')
    yield row('libqmi alone, same APDUs', card, 'ms')
    small = write_profile(directory, 'small', SMALL_PROFILE_SIZE)
    beyond = [run[1] for run in runs]
    yield row('1 MiB, memory beyond a short session', beyond, 'B', goal=GOAL_GROWTH)
    yield row('the same, beyond 1 KiB', [statistics.median(beyond) - statistics.median(
        agent_run(build, small)[1] for _ in range(N_RUNS))], 'B', goal=GOAL_FLAT)
    yield row('1 MiB, wall time', [run[2] for run in runs], 's')
    yield row('1 MiB, TCP connections', [run[3] for run in runs] + [recording.n_connections], '', goal=1)
    yield row('1 MiB, handshakes', [recording.n_hellos], '', goal=1)
    yield row('1 MiB, POSTs', [recording.n_posts], '')
    yield from measure_disk(build, profile)


def measure_disk(build, profile):
    """The same with what is durable on a disk, and what goes to it."""
    runs = [agent_run(build, profile)[0] / 1e6 for _ in range(N_DISK_RUNS)]
    with rig.simulator(build, '--isdr=plain') as sim, rig.agent(build, sim, KEYS, True) as agent:
        before = agent.counts.read()
        download(sim, profile)
        counts = [now - then for then, now in zip(before, agent.counts.read())]
    yield row('1 MiB, agent CPU with its disk', runs, 'ms')
    yield row('1 MiB, fsyncs', counts[:1], '')
    yield row('1 MiB, written', counts[1:], 'B')


def first_apdu_s(agent, sim, transport='https'):
    """From OpenSession until the card has the first APDU of a script."""
    sim.list('qmi')
    control = rig.Control(sim.directory)
    control.send('smsr audit --via %s --no-trigger' % transport)
    start = time.monotonic()
    session = open_session(agent, transport=transport)
    while not any(line.startswith('uim 0x003B') for line in sim.list('qmi')):
        time.sleep(0.002)
    seconds = time.monotonic() - start
    control.read_line()
    await_closed(agent, session)
    control.close()
    return seconds


def measure_trips(build):
    """A link with a delay, and one without. What the delay adds is a multiple of the round trip; the connection itself
    is one more, which the relay has hidden."""
    medians = []
    for delay_s in (0, RTT_S / 2):
        with rig.simulator(build, '--isdr=plain') as sim, \
                contextlib.closing(Link(server_port(sim), delay_s)) as link:
            config = '[sm-sr]\nHost=127.0.0.1\nPort=%d\n' % link.port
            with rig.agent(build, sim, KEYS, config=config) as agent:
                first_apdu_s(agent, sim)
                medians.append([first_apdu_s(agent, sim) for _ in range(N_RUNS)])
    yield row('from OpenSession to the first APDU', [seconds * 1000 for seconds in medians[0]], 'ms')
    base = statistics.median(medians[0])
    trips = [round((seconds - base) / RTT_S + 1, 1) for seconds in medians[1]]
    yield row('the same, round trips', trips, '', goal=GOAL_TRIPS)


def measure(build, _root):
    with tempfile.TemporaryDirectory() as directory:
        yield from measure_download(build, os.path.realpath(directory))
    yield from measure_trips(build)

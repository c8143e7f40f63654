# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent between a simulated modem and peers on the loopback interface, for benchmarks."""
import contextlib
import glob
import json
import os
import socket
import struct
import subprocess
import tempfile
import threading
import time

DEADLINE_S = 30
PAUSE_S = 0.02  # until somebody looks again
CONTROL_DEADLINE_S = 120
CHUNK = 65536
CONFIG = '[bearer]\nInterface=lo\nAllowAddresses=127.0.0.0/8\n'


def await_true(what, condition, pause_s=PAUSE_S):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit('%s: not within %d s' % (what, DEADLINE_S))
        time.sleep(pause_s)


class Process:
    """A child, and what the system knows of it."""

    def __init__(self, argv, log, environment=None):
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True,
                                      env=dict(os.environ, **(environment or {})))
        self.pid = self.child.pid

    def read_line(self):
        return self.child.stdout.readline().strip()

    def stop(self):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()

    def cpu_ns(self):
        """User and system, of all threads, those that have ended included: what clock_getcpuclockid(3) names."""
        return time.clock_gettime_ns((~self.pid << 3) | 2)

    def n_sleeps(self):
        """How often each of its threads has gone to sleep, which it does once for each time it was woken."""
        counts = {}
        for path in glob.glob('/proc/%d/task/*/status' % self.pid):
            with open(path, encoding='ascii') as file:
                counts[path] = next(int(line.split()[1]) for line in file
                                    if line.startswith('voluntary_ctxt_switches:'))
        return counts

    def mapped_bytes(self, name):
        """Of all mappings."""
        with open('/proc/%d/smaps_rollup' % self.pid, encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name + ':')) * 1024

    def status_bytes(self, name):
        with open('/proc/%d/status' % self.pid, encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name + ':')) * 1024

    def forget_peak(self):
        """VmHWM counts anew from what is resident now."""
        with open('/proc/%d/clear_refs' % self.pid, 'w', encoding='ascii') as file:
            file.write('5')


class Control:
    """A connection to a simulator's control socket."""

    def __init__(self, directory):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(CONTROL_DEADLINE_S)
        self.socket.connect(os.path.join(directory, 'control'))
        self.replies = self.socket.makefile('r', encoding='ascii')

    def send(self, *commands):
        """They are carried out one after the other."""
        self.socket.sendall(''.join(command + '\n' for command in commands).encode())

    def read_line(self):
        return self.replies.readline().strip()

    def close(self):
        self.replies.close()
        self.socket.close()


class Simulator(Process):
    """Modems with their cards, which do what their control socket is told."""

    def __init__(self, build, directory, log, options=()):
        super().__init__([os.path.join(build, 'tests/sim/euicc-sim'), '--dir', directory, *options], log)
        self.directory = directory
        self.port = os.path.join(directory, 'cdc-wdm0')
        if self.read_line() != 'ready':
            raise SystemExit('euicc-sim did not become ready')
        self.control = Control(directory)

    def stop(self):
        self.control.close()
        super().stop()

    def ask(self, command):
        """The reply, one line."""
        self.control.send(command)
        return self.control.read_line()

    def list(self, command):
        """The lines of a reply that has several."""
        lines = [self.ask(command)]
        while lines[-1] != '.':
            lines.append(self.control.read_line())
        return lines[:-1]

    def proactive(self, command):
        """The TERMINAL RESPONSE."""
        reply = self.ask('proactive ' + command.hex())
        if not reply.startswith('ok ') or reply.startswith('ok firmware'):
            raise SystemExit('proactive %s: %s' % (command.hex(), reply))
        return bytes.fromhex(reply[3:])

    def repeat(self, count, *commands):
        """Bytes of channel data; every command has to succeed."""
        reply = self.ask('repeat %d %s' % (count, ' '.join(command.hex() for command in commands)))
        words = dict(word.split('=') for word in reply.split()[1:] if '=' in word)
        if not reply.startswith('ok ') or words.get('00') != str(count * len(commands)):
            raise SystemExit('repeat: ' + reply)
        return int(words['bytes'])


class Peer:
    """A TCP server of one connection. It counts what comes, and sends without end (@floods), or gives back
    what it gets, or sends what it is told to."""

    def __init__(self, floods=False, echoes=False):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.floods = floods
        self.echoes = echoes
        self.n_received = 0
        self.connection = None
        self.has_connection = threading.Event()
        self.threads = [threading.Thread(target=self.serve)]
        self.threads[0].start()

    def serve(self):
        try:
            self.connection, _ = self.listener.accept()
        except OSError:
            return
        self.has_connection.set()
        if self.floods:
            self.threads.append(threading.Thread(target=self.flood))
            self.threads[-1].start()
        with contextlib.suppress(OSError):
            while data := self.connection.recv(CHUNK):
                self.n_received += len(data)
                if self.echoes:
                    self.connection.sendall(data)

    def flood(self):
        with contextlib.suppress(OSError):
            while True:
                self.connection.sendall(bytes(CHUNK))

    def send(self, data):
        if not self.has_connection.wait(DEADLINE_S):
            raise SystemExit('connection: not within %d s' % DEADLINE_S)
        self.connection.sendall(data)

    def close(self):
        for end in (self.connection, self.listener):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        for thread in list(self.threads):
            thread.join()


def n_ready(client, bus):
    """eUICCs that are ready."""
    status = subprocess.run([client, '--bus=' + bus, '--json=short', 'status'], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=False)
    euiccs = json.loads(status.stdout)['euiccs'] if status.returncode == 0 else []
    return sum(euicc['state'] == 'ready' for euicc in euiccs)


class Counts:
    """What a process that was started with the environment does to a directory, see tests/system/kill-at.c."""

    def __init__(self, build, directory, path):
        self.path = path
        self.environment = {'LD_PRELOAD': os.path.join(os.path.abspath(build), 'tests/libkill-at.so'),
                            'EA_KILL_DIRECTORY': directory, 'EA_KILL_COUNT': path}

    def read(self):
        """fsyncs and bytes written so far."""
        with open(self.path, 'rb') as file:
            return struct.unpack('=QQQ', file.read())[1:]


@contextlib.contextmanager
def simulator(build, *options):
    with tempfile.TemporaryDirectory() as directory, open(os.devnull, 'w', encoding='ascii') as null:
        process = Simulator(build, directory, null, options)
        try:
            yield process
        finally:
            process.stop()


@contextlib.contextmanager
def process_at(argv, log, environment=None):
    process = Process(argv, log, environment)
    try:
        yield process
    finally:
        process.stop()


def write_file(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, 'w', encoding='ascii') as file:
        file.write(text)
    return path


@contextlib.contextmanager
def agent(build, sim, keys='', is_counted=False, config='', bearer=CONFIG, is_awaited=True):
    """The agent at the simulator's ports, on a bus of its own, ready unless the caller waits for that; @keys: its key
    file, @bearer and @config: its configuration. What it does to its state directory is counted on request, which
    costs it time."""
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        state = os.path.join(directory, 'state')
        config = write_file(directory, 'agent.conf', bearer + config)
        os.chmod(write_file(directory, 'keys', keys), 0o400)
        counts = Counts(build, state, os.path.join(directory, 'counts'))
        environment = dict({'CREDENTIALS_DIRECTORY': directory}, **(counts.environment if is_counted else {}))
        with open(os.path.join(directory, 'log'), 'w', encoding='utf-8') as log, \
                process_at(['dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1'],
                           log) as bus:
            address = bus.read_line()
            argv = [os.path.join(build, 'agent/euicc-agentd'), '--bus=' + address, '--config=' + config,
                    '--state-directory=' + state, '--device=' + os.path.join(sim.directory, 'cdc-wdm*')]
            with process_at(argv, log, environment) as process:
                process.client = os.path.join(build, 'agent/ctl/euiccctl')
                process.counts = counts
                process.bus = address
                process.bus_daemon = bus
                if is_awaited:
                    await_true('agent is ready', lambda: n_ready(process.client, address) > 0)
                yield process

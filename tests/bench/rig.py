# SPDX-License-Identifier: LGPL-2.1-or-later
"""The agent between a simulated modem and peers on the loopback interface, for benchmarks."""
import contextlib
import glob
import json
import os
import socket
import subprocess
import tempfile
import threading
import time

DEADLINE_S = 30
CONTROL_DEADLINE_S = 120
CHUNK = 65536
CONFIG = '[bearer]\nInterface=lo\nAllowAddresses=127.0.0.0/8\n'


def await_true(what, condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit('%s: not within %d s' % (what, DEADLINE_S))
        time.sleep(0.02)


class Process:
    """A child, and what the system knows of it."""

    def __init__(self, argv, log):
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True)
        self.pid = self.child.pid

    def read_line(self):
        return self.child.stdout.readline().strip()

    def stop(self):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()

    def cpu_ns(self):
        """Of all threads, user and system."""
        total = 0
        for path in glob.glob('/proc/%d/task/*/schedstat' % self.pid):
            with open(path, encoding='ascii') as file:
                total += int(file.read().split()[0])
        return total

    def status_bytes(self, name):
        with open('/proc/%d/status' % self.pid, encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name + ':')) * 1024

    def forget_peak(self):
        """VmHWM counts anew from what is resident now."""
        with open('/proc/%d/clear_refs' % self.pid, 'w', encoding='ascii') as file:
            file.write('5')


class Simulator(Process):
    """A modem with its card, which does what its control socket is told."""

    def __init__(self, build, directory, log):
        super().__init__([os.path.join(build, 'tests/sim/euicc-sim'), '--dir', directory], log)
        self.port = os.path.join(directory, 'cdc-wdm0')
        if self.read_line() != 'ready':
            raise SystemExit('euicc-sim did not become ready')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(CONTROL_DEADLINE_S)
        self.socket.connect(os.path.join(directory, 'control'))
        self.replies = self.socket.makefile('r', encoding='ascii')

    def stop(self):
        self.replies.close()
        self.socket.close()
        super().stop()

    def ask(self, command):
        """The reply, one line."""
        self.socket.sendall(command.encode() + b'\n')
        return self.replies.readline().strip()

    def list(self, command):
        """The lines of a reply that has several."""
        lines = [self.ask(command)]
        while lines[-1] != '.':
            lines.append(self.replies.readline().strip())
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


def is_ready(client, bus):
    status = subprocess.run([client, '--bus=' + bus, '--json=short', 'status'], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True, check=False)
    euiccs = json.loads(status.stdout)['euiccs'] if status.returncode == 0 else []
    return bool(euiccs) and euiccs[0]['state'] == 'ready'


@contextlib.contextmanager
def simulator(build):
    with tempfile.TemporaryDirectory() as directory, open(os.devnull, 'w', encoding='ascii') as null:
        process = Simulator(build, directory, null)
        try:
            yield process
        finally:
            process.stop()


@contextlib.contextmanager
def process_at(argv, log):
    process = Process(argv, log)
    try:
        yield process
    finally:
        process.stop()


@contextlib.contextmanager
def agent(build, sim):
    """The agent at the simulator's port, on a bus of its own, ready."""
    with tempfile.TemporaryDirectory() as directory:
        config = os.path.join(directory, 'agent.conf')
        with open(config, 'w', encoding='ascii') as file:
            file.write(CONFIG)
        with open(os.path.join(directory, 'log'), 'w', encoding='utf-8') as log, \
                process_at(['dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1'],
                           log) as bus:
            address = bus.read_line()
            argv = [os.path.join(build, 'agent/euicc-agentd'), '--bus=' + address, '--config=' + config,
                    '--state-directory=' + directory, '--device=' + sim.port]
            with process_at(argv, log) as process:
                client = os.path.join(build, 'agent/ctl/euiccctl')
                await_true('agent is ready', lambda: is_ready(client, address))
                yield process

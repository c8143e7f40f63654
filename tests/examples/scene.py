# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a reader has before him: a gateway whose agent serves a modem, on the system bus.

The modem is simulated, the bus a private one that stands for the system's. A shell has in $GATEWAY the
simulator's directory, and in its function sim what talks to it; sim-later does not wait for the reply.
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from shell import Shell

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h
READY_S = 30
NEEDED = ('bash', 'dbus-daemon', 'gdbus')
KIC, KID = '30313233343536373839414243444546', '50515253545556575859616263646566'
PSK = '404142434445464748494A4B4C4D4E4F'
CONFIGURATION = '''[bearer]
Interface=lo
AllowAddresses=127.0.0.0/8
[sm-sr]
Host=smsr.example.com
Port={https}
CatTpPort={cat_tp_port}
CatTpUdpPort={cat_tp}
DnsServers=127.0.0.1:{dns}
[session]
RetryDelay=1
RetryMaximum=1
RetryLimit=1
'''
FUNCTIONS = '''sim () { euicc-sim ctl "$GATEWAY" "$@"; }
ready () { euiccctl --json=short "$@" status | grep -q '"state":"ready"'; }
'''


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return path


class Scene:
    """One gateway, and whatever the reader starts beside it: all of it ends with close()."""

    def __init__(self, build):
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        self.build = os.path.abspath(build)
        self.agent_path = os.path.join(self.build, 'agent/euicc-agentd')
        self.root = tempfile.mkdtemp(prefix='examples-')
        self.agent = None
        self.gateway = self.make('gateway')
        self.temporary = self.make('tmp')
        self.environment = dict(
            os.environ, GATEWAY=self.gateway, HOME=self.make('home'), LC_ALL='C.UTF-8',
            PATH=self.make('bin') + ':' + os.environ['PATH'],
            EXAMPLES_FUNCTIONS=write(os.path.join(self.root, 'functions'), FUNCTIONS))
        self.environment.pop('CREDENTIALS_DIRECTORY', None)
        for name, path in (('euiccctl', os.path.join(self.build, 'agent/ctl/euiccctl')),
                           ('euicc-sim', os.path.join(self.build, 'tests/sim/euicc-sim')),
                           ('sim-later', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sim-later'))):
            os.symlink(path, os.path.join(self.root, 'bin', name))

    def make(self, name):
        path = os.path.join(self.root, name)
        os.mkdir(path)
        return path

    def start(self):
        self.start_simulator()
        self.start_bus()
        self.start_agent()
        return Shell(self.make('shell'), self.environment)

    def spawn(self, *arguments, **options):
        return subprocess.Popen(  # pylint: disable=consider-using-with
            arguments, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True, text=True,
            **options)

    def control(self, *words):
        return subprocess.run(['euicc-sim', 'ctl', self.gateway, *words], env=self.environment,
                              stdout=subprocess.PIPE, text=True, check=True).stdout

    def start_simulator(self):
        simulator = self.spawn('euicc-sim', '--dir', self.gateway, '--isdr=plain', '--agent-keys=2',
                               stdout=subprocess.PIPE)
        if simulator.stdout.readline() != 'ready\n':
            raise RuntimeError('the simulator did not become ready')
        self.control('dns', 'smsr.example.com', '127.0.0.1')
        self.ports = json.loads(self.control('state').removeprefix('ok '))['smsr']
        for name in ('https', 'cat_tp', 'cat_tp_port', 'dns'):
            self.environment[name.upper()] = str(self.ports[name])

    def start_bus(self):
        # What it says of limits that it can't raise is of no interest.
        bus = self.spawn('dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address=1',
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        address = bus.stdout.readline().strip()
        self.environment.update(DBUS_SYSTEM_BUS_ADDRESS=address, DBUS_SESSION_BUS_ADDRESS=address)

    def start_agent(self):
        configuration = write(os.path.join(self.gateway, 'agent.conf'), CONFIGURATION.format(**self.ports))
        write(os.path.join(self.gateway, 'credentials/keys'),
              '[* scp80 02]\nKic=%s\nKid=%s\n[* scp81 40]\nPsk=%s\n' % (KIC, KID, PSK))
        self.environment['CREDENTIALS_DIRECTORY'] = os.path.join(self.gateway, 'credentials')
        with open(os.path.join(self.gateway, 'agent.log'), 'w', encoding='utf-8') as log:
            self.agent = self.spawn(self.agent_path, '--config=' + configuration,
                                    '--state-directory=' + self.gateway + '/state',
                                    '--device=' + self.gateway + '/cdc-wdm0', stderr=log)
        del self.environment['CREDENTIALS_DIRECTORY']
        ready = ('gdbus wait --system --timeout %d org.euicc.Agent1; . "$EXAMPLES_FUNCTIONS"; '
                 'until ready; do read -rt 0.1 <> <(:); done; :' % READY_S)
        subprocess.run(['bash', '-c', ready], env=self.environment, timeout=READY_S, check=True)

    def check(self, kind, text):
        """What the agent says of a block that is a configuration or a key file; empty when it is well."""
        folder = tempfile.mkdtemp(dir=self.root)
        path = write(os.path.join(folder, 'keys'), text + '\n')
        environment = dict(self.environment)
        if kind == 'key file':
            environment['CREDENTIALS_DIRECTORY'] = folder
            path = '/dev/null'
        run = subprocess.run([self.agent_path, '--check-config', '--config=' + path], env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return run.stdout if run.returncode != 0 else ''

    def to_here(self, text):
        """Paths that a document names, as they are in this scene."""
        return text.replace('/tmp/', self.temporary + '/').replace(
            '/usr/libexec/euicc-agentd', self.agent_path)

    def from_here(self, text):
        return text.replace(self.agent_path, '/usr/libexec/euicc-agentd').replace(
            self.temporary + '/', '/tmp/')

    def children(self):
        with open('/proc/self/task/%d/children' % os.getpid(), encoding='ascii') as file:
            return [int(pid) for pid in file.read().split()]

    def close(self):
        """Ends all that was started, daemons too: they are children of this process in the end."""
        deadline = time.monotonic() + 5
        while self.children():
            for pid in self.children():
                os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
            for pid in self.children():
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    signal.sigtimedwait({signal.SIGCHLD}, 0.05)
        shutil.rmtree(self.root)

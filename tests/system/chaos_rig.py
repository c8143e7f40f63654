# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a fault campaign runs: bus, qmi-proxy, simulator, and one life of the agent after the other; and what can be
seen of them from outside. Whatever ends by itself, or in another way than it may, is a failure."""
import asyncio
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import time

N_MODEMS = 2
PROXIED = 1  # the modem that is reached through qmi-proxy
PROXY = '/usr/libexec/qmi-proxy'
TUN = '/dev/net/tun'
NAME = 'smsr.example'  # of the SM-SR
LINK = 'rtt=40ms,jitter=20ms,loss=2%%,seed=%d'
DISK_SIZE = '2m'
DEADLINE_S = 60
REPLY_MAX = 64 * 1024 * 1024
AGENT_KEY_SET = 2
START_S = 1
CLIENTS_MAX = 5  # QMI clients of an agent for one modem
EXIT_NO_BUS = 69
EXIT_NO_STATE = 73
KEYS = '''[* scp80 02]
Kic=30313233343536373839414243444546
Kid=50515253545556575859616263646566
Tars=000001;000010;000011;000012;000013;000014;000015;000016;000017;000018;000019;00001A
[* scp81 40]
KeyIdentifier=01
Psk=404142434445464748494A4B4C4D4E4F
'''
NETWORK = '''[modem %(proxied)s]
Proxy=yes
[bearer]
Interface=%(interface)s
AllowAddresses=127.0.0.0/8
[sm-sr]
Host=%(name)s
Port=%(https)d
CatTpPort=%(cat_tp_port)d
CatTpUdpPort=%(cat_tp)d
DnsServers=%(address)s:%(dns)d
'''
CONFIG = '''[agent]
HooksDirectory=
''' + NETWORK + '''[session]
RetryDelay=1
RetryMaximum=2
RetryLimit=4
Timeout=8
[switch]
WaitRefresh=4
WaitIccid=4
WaitRegistration=6
PowerCycle=6
AirplaneMode=6
'''


class Failure(Exception):
    """What was promised is not so."""


class Life:
    """One agent, from its start to its end.

    may_end: exit statuses that are to be expected (-N: signal N)
    is_tainted: it may die, or its disk fail, at any time; or it was started on a disk that fails
    can_record: it was able to record the client ids that it has, but for the last
    """

    def __init__(self, process, is_tainted, can_record):
        self.process = process
        self.pid = process.pid
        self.began = time.monotonic()
        self.may_end = set()
        self.is_tainted = is_tainted
        self.can_record = can_record
        self.memory = None
        self.ended = asyncio.Event()


class Rig:
    def __init__(self, directory, dice, programs, tell):
        self.directory = directory
        self.dice = dice
        self.programs = programs
        self.tell = tell
        self.state_directory = self.path('state')
        self.log = self.path('agent.log')
        self.address = 'unix:path=' + self.path('bus')
        self.bus = self.proxy = self.simulator = self.life = None
        self.has_disk = self.has_link = False
        self.is_disk_bad = False
        self.is_disk_read_only = False
        self.is_over = False
        self.environment = {}  # of the next life alone
        self.n_lives = 0
        self.endings = {}
        self.n_unrecorded = 0  # lives that have died and could record nothing
        self.n_ids_due = 0  # client ids of one modem that may have been lost by deaths
        self.keeper = None
        self.bus_there = asyncio.Event()
        self.started = asyncio.Event()
        self.failure = None

    def path(self, name):
        return os.path.join(self.directory, name)

    # Processes

    async def start(self):
        os.mkdir(self.path('credentials'), 0o700)
        with open(self.path('credentials/keys'), 'w', encoding='ascii') as file:
            file.write(KEYS)
        self.step_clock(0)
        self.mount_disk()
        await self.start_bus()
        await self.start_proxy()
        await self.start_simulator()
        self.keeper = asyncio.create_task(self.keep_agent())

    def mount_disk(self):
        os.mkdir(self.state_directory, 0o700)
        self.has_disk = mount('tmpfs', self.state_directory, 'tmpfs', 0, 'size=' + DISK_SIZE)

    async def start_bus(self):
        self.bus = await asyncio.create_subprocess_exec(
            'dbus-daemon', '--session', '--nofork', '--nopidfile', '--print-address', '--address=' + self.address,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        if not await self.bus.stdout.readline():
            raise Failure('there is no bus')
        self.bus_there.set()

    async def stop_bus(self):
        self.bus_there.clear()
        self.life.may_end.add(EXIT_NO_BUS)
        self.bus.kill()
        await self.bus.wait()

    def has_proxy(self):
        return os.access(PROXY, os.X_OK) and 'EA_CHAOS_NAMESPACE' in os.environ

    async def start_proxy(self):
        if self.has_proxy():
            self.proxy = await asyncio.create_subprocess_exec(PROXY, '--no-exit',
                                                              stderr=asyncio.subprocess.DEVNULL)

    async def stop_proxy(self):
        self.proxy.kill()
        await self.proxy.wait()
        self.proxy = None

    async def start_simulator(self):
        options = ['--dir', self.directory, '--modems=%d' % N_MODEMS, '--isdr=plain',
                   '--agent-keys=%d' % AGENT_KEY_SET]
        if 'EA_CHAOS_NAMESPACE' in os.environ and os.access(TUN, os.W_OK):
            options.append('--link=' + LINK % self.dice.randrange(1, 1000))
            self.has_link = True
        self.simulator = await asyncio.create_subprocess_exec(
            self.programs['simulator'], *options, stdout=asyncio.subprocess.PIPE)
        if await self.simulator.stdout.readline() != b'ready\n':
            raise Failure('the simulator is not ready')
        await self.write_config()

    async def write_config(self):
        state = await self.state(0)
        smsr = state['smsr']
        config = CONFIG % dict(smsr, name=NAME, interface=state['link']['interface'] if 'link' in state else 'lo',
                               proxied=self.path('cdc-wdm%d' % PROXIED) if self.proxy else '/nowhere')
        with open(self.path('agent.conf'), 'w', encoding='ascii') as file:
            file.write(config)
        await self.order(0, 'dns %s %s --ttl 1' % (NAME, smsr['address']))

    async def spawn(self):
        preload = [self.programs[name] for name in ('step_clock', 'kill_at') if self.programs[name]]
        environment = dict(os.environ, CREDENTIALS_DIRECTORY=self.path('credentials'),
                           EA_STEP_CLOCK=self.path('clock'), **self.environment)
        if preload:
            environment['LD_PRELOAD'] = ':'.join(preload)
        is_tainted = bool(self.environment) or self.is_disk_bad
        can_record = not self.environment and not self.is_disk_read_only
        self.environment = {}
        with open(self.log, 'ab') as log:
            process = await asyncio.create_subprocess_exec(
                self.programs['agent'], '--bus=' + self.address, '--config=' + self.path('agent.conf'),
                '--state-directory=' + self.state_directory, '--device=' + self.path('cdc-wdm*'), '--debug',
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        self.n_lives += 1
        self.life = Life(process, is_tainted, can_record)
        if is_tainted:
            self.life.may_end.update((-signal.SIGKILL, EXIT_NO_STATE))

    async def keep_agent(self):
        """The service manager: whenever an agent has ended there is another one."""
        try:
            while not self.is_over:
                await self.bus_there.wait()
                await self.spawn()
                self.started.set()
                life = self.life
                status = await life.process.wait()
                self.started.clear()
                life.ended.set()
                self.endings[status] = self.endings.get(status, 0) + 1
                self.n_unrecorded += status < 0 and not life.can_record
                if status < 0:
                    self.n_ids_due += 1 if life.can_record else CLIENTS_MAX
                self.tell('life %d has ended: %d' % (self.n_lives, status))
                if status not in life.may_end and not (status == EXIT_NO_BUS and not self.bus_there.is_set()):
                    raise Failure('the agent has ended with status %d, and not %s' % (status, sorted(life.may_end)))
        except Exception as error:  # it is told by whoever waits for anything
            self.failure = error

    def check(self):
        if self.failure is not None:
            raise self.failure

    def kill(self):
        self.life.may_end.add(-signal.SIGKILL)
        self.signal(signal.SIGKILL)

    def signal(self, number):
        try:
            self.life.process.send_signal(number)
        except ProcessLookupError:
            pass  # it has ended by itself

    def reload(self):
        if time.monotonic() < self.life.began + START_S:
            self.life.may_end.add(-signal.SIGHUP)  # it may not be able to listen yet
        self.signal(signal.SIGHUP)

    async def terminate(self):
        """A regular end; it is over when another life has begun."""
        life = self.life
        life.may_end.add(0)
        if time.monotonic() < life.began + START_S:
            life.may_end.add(-signal.SIGTERM)  # it may not be able to listen yet
        self.signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(life.ended.wait(), DEADLINE_S)
        except asyncio.TimeoutError:
            raise Failure('the agent does not end on SIGTERM') from None

    async def find_dead(self):
        return None if self.started.is_set() else 'no agent lives'

    async def stop(self):
        self.is_over = True
        await self.terminate()
        await self.stop_all()
        self.check()

    async def stop_all(self):
        self.is_over = True
        if self.keeper is not None:
            self.keeper.cancel()
        for process in (self.life and self.life.process, self.simulator, self.proxy, self.bus):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()
        if self.has_disk:
            umount(self.state_directory)

    # The simulator

    async def control(self, modem, command):
        """The simulator's reply, without the full stop after a list or an object."""
        reader, writer = await asyncio.open_unix_connection(self.path('control'), limit=REPLY_MAX)
        try:
            writer.write(('@%d %s\n' % (modem, command)).encode())
            lines = [(await reader.readline()).decode()]
            is_long = command.split()[0] in ('state', 'ledger', 'envelopes', 'apdus', 'sent-sms', 'qmi')
            while is_long and lines[-1] not in ('.\n', '') and not lines[0].startswith('error'):
                lines.append((await reader.readline()).decode())
        finally:
            writer.close()
        if not lines[-1]:
            raise Failure("'%s': the simulator is gone" % command)
        return ''.join(lines[:-1] if is_long else lines).rstrip('\n')

    async def order(self, modem, command):
        reply = await self.control(modem, command)
        if not reply.startswith('ok'):
            raise Failure("'%s': %s" % (command, reply))

    async def state(self, modem):
        return json.loads(await self.control(modem, 'state'))

    # The agent

    async def client(self, *words):
        """What euiccctl prints, or None where it fails."""
        process = await asyncio.create_subprocess_exec(
            self.programs['client'], '--bus=' + self.address, *words, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        try:
            output, _ = await asyncio.wait_for(process.communicate(), DEADLINE_S)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
            return None
        return output.decode() if process.returncode == 0 else None

    async def euiccs(self):
        """The objects, modem by modem; None for those that are not there."""
        output = await self.client('--json=short', 'status')
        found = [None] * N_MODEMS
        for euicc in json.loads(output)['euiccs'] if output else []:
            for number in range(N_MODEMS):
                if euicc['device'] == self.path('cdc-wdm%d' % number):
                    found[number] = euicc
        return found

    def records(self):
        """Names of the records in the agent's store; what is being written does not count."""
        try:
            with open(os.path.join(self.state_directory, 'store'), 'rb') as file:
                return read_store(file.read())
        except FileNotFoundError:
            return set()

    def files(self):
        """What the agent has open, by kind."""
        folder = '/proc/%d/fd' % self.life.pid
        kinds = {}
        for name in os.listdir(folder):
            try:
                target = os.readlink(os.path.join(folder, name))
            except FileNotFoundError:
                continue  # it was open for a moment
            kind = 'port' if target.startswith('/dev/pts/') else os.path.basename(target).split(':')[0]
            kinds[kind] = kinds.get(kind, 0) + 1
        return kinds

    def memory_kb(self):
        """Anonymous memory of the agent that is resident"""
        with open('/proc/%d/status' % self.life.pid, encoding='ascii') as file:
            return next(int(line.split()[1]) for line in file if line.startswith('RssAnon:'))

    def address_space(self):
        with open('/proc/%d/statm' % self.life.pid, encoding='ascii') as file:
            return int(file.read().split()[0]) * os.sysconf('SC_PAGESIZE')

    def step_clock(self, seconds):
        with open(self.path('clock'), 'r+b' if os.path.exists(self.path('clock')) else 'wb') as file:
            file.write(struct.pack('=q', seconds))

    async def await_that(self, is_met, what, deadline_s=DEADLINE_S, interval_s=0.1):
        """Looks until the condition is met; it is a coroutine that returns None when it is, else what is missing."""
        end = time.monotonic() + deadline_s
        while True:
            self.check()
            missing = await is_met()
            if missing is None:
                return
            if time.monotonic() > end:
                raise Failure('%s: %s' % (what, missing))
            await asyncio.sleep(interval_s)


def read_store(data):
    """An independent reader of host/store-log.h and host/store-change.c, which takes digests for granted."""
    names = set()
    offset = data.index(b'\n') + 1
    while offset + 8 <= len(data):
        size, inverted = struct.unpack_from('>II', data, offset)
        body = data[offset + 8:offset + 8 + size]
        if size ^ inverted != 0xFFFFFFFF or len(body) < size:
            break
        read_change(body, names)
        offset += 8 + size + 32
    return names


def read_change(body, names):
    position = 0
    while position < len(body):
        kind, length = body[position:position + 1], body[position + 1]
        name = body[position + 2:position + 2 + length].decode('ascii')
        position += 2 + length
        if kind == b'+':
            position += 4 + struct.unpack_from('>I', body, position)[0]
            names.add(name)
        else:
            names.discard(name)


libc = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MNT_DETACH = 1, 32, 2


def mount(source, target, kind, flags, data):
    """FALSE: it can't be done here"""
    if 'EA_CHAOS_NAMESPACE' not in os.environ:
        return False
    return libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()) == 0


def umount(target):
    libc.umount2(target.encode(), MNT_DETACH)


def raise_loopback():
    """A new network namespace has it, but not up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack('16sH14x', b'lo', 0x41))  # SIOCSIFFLAGS: up, running

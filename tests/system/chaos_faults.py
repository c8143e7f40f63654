# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong in a fault campaign. Some faults are over at once; others last until their time, or the
rest, comes."""
import asyncio
import errno
import itertools
import os
import resource
import signal

import chaos_rig
from chaos_rig import MS_RDONLY, MS_REMOUNT, Failure, mount

PAUSE_S = 1.2  # between two faults, in the middle
LASTS_S = 6  # at most
OPERATIONS_MAX = 400  # of the store, from the start of a life on
ERRORS_MAX = 60
ROOM_MAX = 1 << 20  # octets that an agent may still map
HOUR_S = 3600
CLOCK_STEPS_S = (-400 * 24 * HOUR_S, -HOUR_S, -5, 3, HOUR_S, 30 * 24 * HOUR_S, 3000 * 24 * HOUR_S)
REFRESHES = ('00', '01', '02', '03', '04')

# Of the SM-SRs; %(seed)d
SMSR = ('refuse', 'stall', 'stall 200', 'close 300 2', 'reset', 'reset 1000 2', 'flood 100 1', 'random %(seed)d 4',
        'slow 100 2000 2', 'unknown-identity 1', 'wrong-key 1', 'certificates 1', 'tls1.3 1', 'unasked 1', 'early 1',
        'never 1', 'status 503 2', 'header-flood 1', 'short-body 1', 'cut-body 1', 'wrong-type 1',
        'cat-tp-refuse 2 1', 'cat-tp-silence 1', 'cat-tp-reset 4 2 1', 'cat-tp-forget 2 1', 'cat-tp-checksum 1 2',
        'cat-tp-drop 1 2', 'cat-tp-deaf 1 2', 'cat-tp-forge 2', 'cat-tp-oversize 1')
# Without "close": the SM-SR takes each connection's end for the session's, and does not know who comes with its next
# URI.
STYLES = ('default', 'length', 'chunks=7', 'chunks=random:%(seed)d', 'tight lower', 'reverse')
DNS = ('nxdomain', 'servfail', 'silent', 'truncated', 'lie')

# Requests that fail: CTL's for client ids, UIM Send APDU, Logical Channel and Open Logical Channel, WMS Raw Send, Send
# Ack and Set Routes, CAT Send Terminal Response and Send Envelope, DMS and NAS
QMI = (('ctl', 0x22, 5), ('ctl', 0x22, 'nothing'), ('uim', 0x3B, 3), ('uim', 0x3B, 'nothing'), ('uim', 0x3F, 3),
       ('uim', 0x42, 82), ('uim', 0x42, 'nothing'), ('uim', 0x20, 3), ('wms', 0x20, 54), ('wms', 0x20, 'nothing'),
       ('wms', 0x37, 3), ('wms', 0x37, 'nothing'), ('wms', 0x32, 3), ('cat2', 0x21, 3), ('cat2', 0x21, 'nothing'),
       ('cat2', 0x22, 3), ('cat2', 0x22, 'nothing'), ('dms', 0x25, 3), ('nas', 0x24, 'nothing'))

FAULTS = []


def fault(weight, is_lethal=False, needs=lambda rig: True):
    """is_lethal: it ends the life of the agent, or may"""
    def mark(function):
        FAULTS.append((function, weight, is_lethal, needs))
        return function
    return mark


class Faults:
    """new_dice: of a name, so that each fault has dice of its own, and none depends on how the ones before it went"""

    def __init__(self, rig, new_dice, tell):
        self.rig = rig
        self.new_dice = new_dice
        self.dice = None  # of the fault that is under way
        self.tell = lambda text: tell('fault: ' + text)
        self.standing = {}  # name → how it ends
        self.timers = set()
        self.enders = set()  # what they have become, until they are done
        self.counts = {}
        self.n_rages = 0

    async def rage(self, is_lethal):
        """Until it is cancelled"""
        faults = [entry for entry in FAULTS if entry[3](self.rig) and (is_lethal or not entry[2])]
        weights = [entry[1] for entry in faults]
        self.n_rages += 1
        for number in itertools.count(1):
            self.dice = self.new_dice('faults/%d/%d' % (self.n_rages, number))
            await asyncio.sleep(self.dice.expovariate(1 / PAUSE_S))
            function = self.dice.choices(faults, weights)[0][0]
            self.tell('number %d of rage %d is %s' % (number, self.n_rages, function.__name__))
            self.counts[function.__name__] = self.counts.get(function.__name__, 0) + 1
            await self.rig.bus_there.wait()
            await self.rig.started.wait()
            await function(self)

    def last(self, name, end):
        """The fault of this name ends after a random time, and its end is @end, which makes a coroutine."""
        async def wait(seconds):
            await asyncio.sleep(seconds)
            self.timers.discard(asyncio.current_task())
            self.enders.add(asyncio.current_task())
            await self.end(name)

        self.standing[name] = end
        self.start(wait(self.dice.uniform(0.2, LASTS_S)))

    def start(self, coroutine):
        timer = asyncio.create_task(coroutine)
        self.timers.add(timer)
        timer.add_done_callback(self.timers.discard)

    async def end(self, name):
        end = self.standing.pop(name, None)
        if end is not None:
            self.tell('%s is over' % name)
            await end()

    async def end_all(self):
        for timer in list(self.timers):
            timer.cancel()
        for ender in list(self.enders):
            await ender
        self.enders.clear()
        for name in list(self.standing):
            await self.end(name)
        self.rig.is_disk_bad = self.rig.is_disk_read_only = False
        await self.mend_smsr()
        for modem in range(chaos_rig.N_MODEMS):
            for service, message, _ in QMI:
                await self.rig.order(modem, 'fail %s 0x%02X 0' % (service, message))
            for command in ('slow 0', 'slow-apdu 0', 'lose-apdu 0', 'drop 0', 'fail card C2 0', 'fail attach 0',
                            'fail refresh-end 0'):
                await self.rig.order(modem, command)

    def choose_modem(self):
        return self.dice.randrange(chaos_rig.N_MODEMS)

    async def order(self, modem, command):
        """A modem whose port is gone may refuse it."""
        reply = await self.rig.control(modem, command)
        self.tell('modem %d: %s → %s' % (modem, command, reply))

    def begin(self, modem, command):
        """The same for what is over only when the agent has done its part."""
        self.start(self.order(modem, command))

    def order_and_last(self, modem, command, end):
        """@end: the command that ends it"""
        async def finish():
            await self.order(modem, end)

        self.last('%s of modem %d' % (command, modem), finish)
        return self.order(modem, command)

    # The agent

    @fault(8, True)
    async def kill(self):
        self.tell('kill -9')
        self.rig.kill()

    @fault(6, True, lambda rig: rig.programs['kill_at'])
    async def die_at_operation(self):
        """The next life ends at an operation of its store."""
        self.rig.environment = {'EA_KILL_DIRECTORY': self.rig.state_directory,
                                'EA_KILL_AT': str(self.dice.randint(1, OPERATIONS_MAX)),
                                'EA_KILL_WHEN': self.dice.choice(('before', 'after', 'half'))}
        self.tell('the next life dies: %s' % self.rig.environment)
        self.rig.kill()

    @fault(3, True, lambda rig: rig.programs['kill_at'])
    async def fail_operations(self):
        self.rig.environment = {'EA_KILL_DIRECTORY': self.rig.state_directory, 'EA_KILL_WHEN': 'error',
                                'EA_KILL_AT': str(self.dice.randint(1, OPERATIONS_MAX)),
                                'EA_KILL_TIMES': str(self.dice.randint(1, ERRORS_MAX)),
                                'EA_KILL_ERROR': str(self.dice.choice((errno.EIO, errno.ENOSPC, errno.EROFS)))}
        self.tell('the next life has a bad disk: %s' % self.rig.environment)
        self.rig.kill()

    @fault(3, True)
    async def terminate(self):
        self.tell('SIGTERM')
        await self.rig.terminate()

    @fault(2, True)
    async def restart_bus(self):
        self.tell('the bus dies')
        self.last('bus', self.rig.start_bus)
        await self.rig.stop_bus()

    @fault(2, True, lambda rig: rig.programs['kill_at'])  # not under AddressSanitizer
    async def run_out_of_memory(self):
        life = self.rig.life
        room = self.dice.randrange(ROOM_MAX)
        self.tell('%d octets are left to map' % room)
        life.may_end.update((-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGSEGV))
        life.is_tainted = True
        await self.limit_memory(life, self.rig.address_space() + room)
        self.last('memory', lambda: self.limit_memory(life, resource.RLIM_INFINITY))

    async def limit_memory(self, life, octets):
        try:
            resource.prlimit(life.pid, resource.RLIMIT_AS, (octets, resource.RLIM_INFINITY))
        except ProcessLookupError:
            pass  # it has ended of it, or of something else

    @fault(2)
    async def reload(self):
        self.tell('SIGHUP')
        self.rig.reload()

    @fault(1)
    async def rescan(self):
        eid = (await self.rig.state(self.choose_modem()))['eid']
        self.tell('rescan %s: %s' % (eid, await self.rig.client('rescan', eid)))

    @fault(2)
    async def open_session(self):
        eid = (await self.rig.state(self.choose_modem()))['eid']
        via = self.dice.choice(('https', 'cat-tp', 'auto'))
        self.tell('open-session %s %s: %s' % (eid, via, await self.rig.client('open-session', eid, via)))

    # Its disk and its clock

    @fault(2, False, lambda rig: rig.has_disk)
    async def fill_disk(self):
        path = os.path.join(self.rig.state_directory, 'filler')

        async def free():
            os.unlink(path)
            self.rig.is_disk_bad = False

        if self.rig.is_disk_bad:
            return
        self.tell('the disk is full')
        self.rig.is_disk_bad = True
        with open(path, 'wb', buffering=0) as file:
            try:
                while file.write(bytes(4096)) > 0:
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        self.last('full disk', free)

    @fault(1, True, lambda rig: rig.has_disk)
    async def write_protect_disk(self):
        """A file system that somebody writes to can't be made read-only: it is done between two lives."""
        if self.rig.is_disk_bad:
            return
        self.tell('the disk is read-only')
        life = self.rig.life
        self.rig.is_disk_bad = self.rig.is_disk_read_only = True
        self.rig.kill()
        await life.ended.wait()
        if not mount('tmpfs', self.rig.state_directory, 'tmpfs', MS_REMOUNT | MS_RDONLY, ''):
            self.rig.is_disk_bad = self.rig.is_disk_read_only = False
            self.tell('too late')
            return

        async def free():
            if not mount('tmpfs', self.rig.state_directory, 'tmpfs', MS_REMOUNT, 'size=' + chaos_rig.DISK_SIZE):
                raise Failure('the disk stays read-only')
            self.rig.is_disk_bad = self.rig.is_disk_read_only = False

        self.last('read-only disk', free)

    @fault(2, False, lambda rig: rig.programs['step_clock'])
    async def step_clock(self):
        step = self.dice.choice(CLOCK_STEPS_S)
        self.tell('the clock is wrong by %d s' % step)
        self.rig.step_clock(step)

    # The modem

    @fault(3)
    async def reset_modem(self):
        await self.order(self.choose_modem(), 'replug')

    @fault(2)
    async def unplug(self):
        modem = self.choose_modem()
        if 'unplug of modem %d' % modem not in self.standing:
            await self.order_and_last(modem, 'unplug', 'plug')

    @fault(2, False, lambda rig: rig.has_proxy())
    async def restart_proxy(self):
        if 'proxy' in self.standing:
            return
        self.tell('qmi-proxy dies')
        self.last('proxy', self.rig.start_proxy)
        await self.rig.stop_proxy()

    @fault(4)
    async def refuse_requests(self):
        service, message, error = self.dice.choice(QMI)
        await self.order(self.choose_modem(),
                         'fail %s 0x%02X %s %d' % (service, message, error, self.dice.randint(1, 3)))

    @fault(1)
    async def exhaust_clients(self):
        """No client ids for a modem that has just started"""
        modem = self.choose_modem()
        await self.order(modem, 'fail ctl 0x22 5 %d' % self.dice.randint(1, 6))
        await self.order(modem, 'replug')

    @fault(1)
    async def drop_requests(self):
        await self.order(self.choose_modem(), 'drop %d' % self.dice.randint(1, 3))

    @fault(1)
    async def slow_down(self):
        await self.order_and_last(self.choose_modem(), 'slow %d' % self.dice.choice((5, 50, 300)), 'slow 0')

    @fault(1)
    async def switch_radio_off(self):
        await self.order_and_last(self.choose_modem(), 'mode %d' % self.dice.choice((1, 3)), 'mode 0')

    # The card

    @fault(3)
    async def reset_card(self):
        self.begin(self.choose_modem(), 'reset')

    @fault(2)
    async def take_card_out(self):
        await self.order_and_last(self.choose_modem(), 'card out', 'card in')

    @fault(3)
    async def refresh(self):
        modem = self.choose_modem()
        if self.dice.random() < 0.2:
            await self.order(modem, 'fail refresh-end')
        self.begin(modem, 'refresh %s' % self.dice.choice(REFRESHES))

    @fault(4)
    async def lose_apdu(self):
        await self.order(self.choose_modem(), 'lose-apdu %d' % self.dice.randint(1, 40))

    @fault(2)
    async def slow_apdu(self):
        await self.order_and_last(self.choose_modem(), 'slow-apdu %d' % self.dice.choice((5, 30, 400)), 'slow-apdu 0')

    @fault(1)
    async def busy_toolkit(self):
        await self.order(self.choose_modem(), 'fail card C2 9300 %d' % self.dice.randint(1, 5))

    @fault(1)
    async def fall_back(self):
        """The card leaves a profile that has no service."""
        modem = self.choose_modem()
        await self.order(modem, 'euicc fallback 2')
        await self.order_and_last(modem, 'network lost', 'network back')

    # The network and the SM-SR

    @fault(3)
    async def lose_network(self):
        await self.order_and_last(self.choose_modem(), self.dice.choice(('network none', 'network limited')),
                                  'network normal')

    @fault(2)
    async def reject(self):
        await self.order_and_last(self.choose_modem(), 'network reject %d' % self.dice.choice((2, 7, 11, 17)),
                                  'network normal')

    @fault(1)
    async def never_attach(self):
        modem = self.choose_modem()
        await self.order(modem, 'fail attach')
        await self.order(modem, 'reset')

    @fault(6)
    async def break_smsr(self):
        words = 'fail smsr ' + self.dice.choice(SMSR) % {'seed': self.dice.randrange(1000)}
        await self.order(0, words)
        self.last('a fault of the SM-SR', self.mend_smsr)

    async def mend_smsr(self):
        """While some fault is in force, even one that does nothing, the SM-SR does not wonder at sessions that
        break."""
        await self.rig.order(0, 'fail smsr off')
        await self.rig.order(0, 'fail smsr close 1000000000')

    @fault(1)
    async def change_style(self):
        await self.order(0, 'smsr-style ' + self.dice.choice(STYLES) % {'seed': self.dice.randrange(1000)})

    @fault(2)
    async def break_names(self):
        smsr = (await self.rig.state(0))['smsr']
        known = 'dns %s %s --ttl 1' % (chaos_rig.NAME, smsr['address'])
        await self.order_and_last(0, '%s --fail %s' % (known, self.dice.choice(DNS)), known)

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the SM-SR of one eUICC does in a fault campaign, and the books that are kept of it: what it sent, what the card
says that it executed, and what came back."""
import asyncio
import hashlib
import os
import re
import time

import chaos_rig
from chaos_rig import Failure

COMMAND = re.compile(r'E28800093A0706A304([0-9A-F]{8})')
COMMANDS_MAX = 40
TIMEOUT_S = 120  # of an operation, since something has come of it
PROOF_TIMEOUT_S = 300  # the same in short messages: the agent sends its answers again in ever longer pauses
PATIENCE_S = 30  # with what no book is kept of
NUDGE_S = 12
STRAY_S = 2
ISDPS_MAX = 6
TOOLKIT_BUSY = '93'
LATE_PROOF = 'error proof of receipt: counter '

# A command packet under key set 1, which the agent does not have; its last octets are made different each time, so that
# the eUICC gets it and does not take it.
SEALED = ('440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859A4'
          '0693DF4FCE92B5A3%020X')

# In an ENVELOPE: the sealed message; a packet under the agent's key set, or a segment of a longer one
MESSAGE = re.compile('0693DF4FCE92B5A3([0-9A-F]{20})')
STRAY = re.compile('1639%X2%X2000001|8B.{22,40}F6.{14}(..)050003' % (chaos_rig.AGENT_KEY_SET, chaos_rig.AGENT_KEY_SET))

# Words in front of a verdict: the trigger's proof of receipt was not waited for; something was sent again.
FLAWS = re.compile(r"error (proof=none: the trigger's receipt was not proven|repaired: something was lost and tried"
                   r' again|bip: [^;]*); otherwise ')
INTERRUPTED = re.compile(r'error interrupted at command (\d+) of (\d+)')

# Verdicts that say that no command has run of the script in the packet. Of a push or trigger, for which a session of
# another may have come meanwhile, or the answer to a packet of another that was lost on the way, they say nothing about
# the script.
REFUSED = ('error status 02', 'error status 07', 'error status 09', 'error not delivered',
           'error The trigger has gone to the eUICC', 'error host is ',
           'error The answer to a packet of CAT_TP is a TP-UD')

# A notification of the eUICC, over a connection of its own, may be answered with the script.
OF_ANOTHER = re.compile(r'ok .* connections=([2-9]|\d\d)')

# The same of a PUSH command: no link comes of it, since a session can't be stored on a full disk.
NO_LINK = 'error sw 6985'

# The same for any bearer: the modem has refused a logical channel.
NO_CHANNEL = "error X-Admin-Script-Status is 'unknown-application'"


class Script:
    """Commands that the agent has to open, from number @first on.

    verdict: the SM-SR's, without flaws; None as long as there is none
    is_stray: modem or agent have given its packet to the eUICC, for want of somebody who opens it; the agent may have taken
        it before, when the network has not heard of that
    follows_unproven: a proof of receipt of an earlier packet was not waited for: the SM-SR may take it for one of this
    """

    def __init__(self, first, count, via, follows_unproven=False):
        self.first = first
        self.count = count
        self.via = via
        self.verdict = None
        self.is_stray = False
        self.follows_unproven = follows_unproven

    def count_runs(self, runs):
        return sum(number in runs for number in range(self.first, self.first + self.count))

    def judge(self, runs):
        """The commands that ran are the first ones, and as many as the verdict says."""
        n_run = self.count_runs(runs)
        if any(number not in runs for number in range(self.first, self.first + n_run)):
            raise Failure('%s: the commands that ran are not the first ones' % self)
        interrupted = INTERRUPTED.match(self.verdict)
        if self.verdict.startswith('ok'):
            allowed = (0, self.count) if self.via == 'https' and OF_ANOTHER.match(self.verdict) else (self.count,)
        elif interrupted:
            allowed = (int(interrupted[1]) - 1, int(interrupted[1]))
        elif self.verdict.startswith(NO_CHANNEL):
            allowed = (0,)
        elif self.verdict.startswith(REFUSED) or (self.verdict.startswith(NO_LINK) and self.via == 'cat-tp'):
            allowed = (0,) if self.via == 'sms' else range(self.count + 1)
        elif self.verdict.startswith('error timeout') and self.is_stray:
            allowed = range(self.count + 1)
        elif self.verdict.startswith(LATE_PROOF) and self.follows_unproven:
            allowed = range(self.count + 1)
        else:
            raise Failure('%s: nobody may say so; %d have run' % (self, n_run))
        if n_run not in allowed:
            raise Failure('%s: %d commands have run' % (self, n_run))

    def __str__(self):
        return 'commands %d-%d by %s: %s' % (self.first, self.first + self.count - 1, self.via, self.verdict)


class Worker:
    """One SM-SR at a time does one thing after the other.

    new_dice: of a name, so that each operation has dice of its own, and none depends on how the ones before it went
    """

    def __init__(self, rig, modem, new_dice, tell):
        self.rig = rig
        self.modem = modem
        self.new_dice = new_dice
        self.dice = None  # of the operation that is under way
        self.n_operations = 0
        self.tell = lambda text: tell('modem %d: %s' % (modem, text))
        self.eid = None
        self.number = 0  # of the last command that was sent
        self.scripts = []  # since the last rest
        self.runs = set()
        self.n_interrupted = 0
        self.messages = {}  # number of a sealed message: the network's word
        self.n_messages = 0
        self.arrived = set()  # numbers of those that the card has got
        self.n_profiles = 0
        self.verdicts = {}
        self.is_calm = True
        self.is_resting = True
        self.current = None
        self.n_strays = 0
        self.has_unproven = False  # since the last rest, or in the operation before it
        self.is_unproven = False  # the last operation
        self.strayed_at = -float('inf')

    def note(self, kind, verdict):
        words = re.sub(r'[0-9A-F]{6,}|\d+', '#', verdict if verdict.startswith('error') else verdict.split()[0])
        key = '%s: %s' % (kind, words[:100])
        self.verdicts[key] = self.verdicts.get(key, 0) + 1
        if self.is_calm and not verdict.startswith('ok'):
            raise Failure('without any fault, %s: %s' % (kind, verdict))

    # Work

    async def work(self):
        while not self.is_resting:
            self.take_new_dice()
            operation = self.dice.choices(*zip(*WORK))[0]
            await operation(self)
            await asyncio.sleep(self.dice.uniform(0, 0.3))

    async def work_calmly(self):
        """Each of them once, while nothing goes wrong"""
        for operation, _ in WORK:
            self.take_new_dice()
            await operation(self)

    def take_new_dice(self):
        self.n_operations += 1
        self.dice = self.new_dice('modem %d/%d' % (self.modem, self.n_operations))

    async def watch(self, via, script):
        """What the SM-SR can't know: the packet has gone to the eUICC, or nothing comes any more. Where the session
        that was triggered has failed, one is opened by demand, as an operator would."""
        seconds = 0
        n_strays = self.n_strays
        while True:
            await asyncio.sleep(1)
            seconds += 1
            await self.read_envelopes()
            is_stray = self.n_strays > n_strays
            if via in ('https', 'cat-tp') and seconds % NUDGE_S == 0:
                await self.rig.client('open-session', self.eid, via)
            if script is not None and is_stray and (via == 'sms' or seconds % PATIENCE_S == 0):
                script.is_stray = True
                await asyncio.sleep(STRAY_S)
                await self.give_up()
            elif script is None and seconds % PATIENCE_S == 0:
                await self.give_up()

    async def give_up(self):
        self.tell('given up: ' + await self.rig.control(self.modem, 'smsr give-up'))

    async def operate(self, words, via, script=None):
        """The SM-SR's verdict, without what else it found fault with"""
        self.current = words
        self.tell(words)
        await self.read_envelopes()  # so that what comes from now on is about this
        watch = None if self.is_calm else asyncio.create_task(self.watch(via, script))
        try:
            reply = await self.rig.control(self.modem, 'smsr %s --timeout %d' % (
                words, PROOF_TIMEOUT_S if script is not None and via == 'sms' else TIMEOUT_S))
        finally:
            self.current = None
            if watch is not None:
                watch.cancel()
                await asyncio.wait([watch])
        if watch is not None and not watch.cancelled():
            watch.result()
        self.tell('%s → %s' % (words, reply[:300]))
        if reply.startswith(('error usage', 'error busy')):
            raise Failure('%s: %s' % (words, reply))
        self.is_unproven = not reply.startswith('ok')
        self.has_unproven |= self.is_unproven
        verdict = reply
        while FLAWS.match(verdict):
            verdict = FLAWS.sub('', verdict, count=1)
        if self.is_calm and verdict != reply and 'repaired' not in reply:
            raise Failure('without any fault, %s: %s' % (words, reply))
        return verdict

    async def read_ledger(self):
        ledger = await self.rig.control(self.modem, 'ledger')
        for found in COMMAND.finditer(ledger):
            number = int(found[1], 16)
            if number in self.runs:
                raise Failure('modem %d: command %d has run twice' % (self.modem, number))
            self.runs.add(number)

    async def send_script(self, via, options=''):
        script = Script(self.number + 1, self.dice.randint(1, COMMANDS_MAX), via, self.has_unproven)
        self.number += script.count
        self.scripts.append(script)
        script.verdict = await self.operate('send-script --generate %d --via %s%s' % (script.count, via, options), via,
                                            script)
        await self.read_ledger()
        script.judge(self.runs)
        self.n_interrupted += script.verdict.startswith('error interrupted')
        self.note('script by ' + via, script.verdict)

    async def script_by_sms(self):
        await self.send_script('sms', ' --key-set %d' % chaos_rig.AGENT_KEY_SET)
        if self.dice.random() < 0.2 and not self.scripts[-1].is_stray:
            await self.repeat()

    async def repeat(self):
        """The same messages again: whatever is said of them, nothing runs again, which the ledger shows."""
        self.note('repetition', await self.operate('repeat', 'sms') if not self.is_calm else 'ok')
        await self.read_ledger()

    async def script_by_https(self):
        await self.send_script('https', ' --host ' + chaos_rig.NAME if self.dice.random() < 0.5 else '')

    async def script_by_cattp(self):
        await self.send_script('cat-tp')

    async def sealed_script(self):
        """For the eUICC itself"""
        via = self.dice.choice(('sms', 'bip-https', 'bip-cat-tp', 'cat-tp --sealed'))
        count = self.dice.randint(1, 10)
        self.number += count
        verdict = await self.operate('send-script --generate %d --via %s' % (count, via), via.split()[0])
        self.note('sealed script by ' + via, verdict)

    async def audit(self):
        via = self.dice.choice(('sms', 'bip-https', 'bip-cat-tp', 'https', 'cat-tp'))
        self.note('audit by ' + via, await self.operate('audit --via ' + via, via))

    async def push(self):
        words = self.dice.choice(('push-https', 'push-cat-tp'))
        self.note(words, await self.operate(words, 'sms'))

    async def switch(self):
        via = self.dice.choice(('sms', 'https', 'bip-https', 'cat-tp'))
        state = await self.rig.state(self.modem)
        others = [isdp['aid'] for isdp in state['isdps'] if isdp['state'] == 'disabled']
        verb = self.dice.choice(('enable', 'enable', 'disable'))
        if self.is_calm or (verb == 'enable' and others):
            verb = 'enable ' + self.dice.choice(others)
        self.note('switch by ' + via, await self.operate('%s --via %s' % (verb, via), via))
        if self.is_calm:
            await self.rig.await_that(self.find_wrong_profile, 'after a switch')

    async def find_wrong_profile(self):
        """None when the agent knows the profile that is enabled"""
        euicc = (await self.rig.euiccs())[self.modem]
        state = await self.rig.state(self.modem)
        if euicc is None or euicc['state'] != 'ready':
            return 'eUICC %d is %s' % (self.modem, euicc and (euicc['state'], euicc['state_reason']))
        if euicc['iccid'] != state['iccid']:
            return 'eUICC %d has %s, and not %s' % (self.modem, euicc['iccid'], state['iccid'])
        return None

    async def delete_one(self, isdps):
        aids = [isdp['aid'] for isdp in isdps[2:] if isdp['state'] != 'enabled' and not isdp['fallback']]
        if aids:
            self.note('deletion', await self.operate('delete %s --via sms' % self.dice.choice(aids), 'sms'))

    async def download(self):
        via = self.dice.choice(('https', 'bip-https', 'bip-cat-tp'))
        profile = self.dice.randbytes(self.dice.randint(100, 12000))
        isdps = (await self.rig.state(self.modem))['isdps']
        if len(isdps) >= ISDPS_MAX:
            await self.delete_one(isdps)
        path = self.rig.path('profile-%d' % self.modem)
        with open(path, 'wb') as file:
            file.write(profile)
        verdict = await self.operate('download-profile %s --via %s' % (path, via), via)
        os.unlink(path)
        self.note('profile by ' + via, verdict)
        if verdict.startswith('ok'):
            sums = [isdp['sha256'] for isdp in (await self.rig.state(self.modem))['isdps']]
            if hashlib.sha256(profile).hexdigest().upper() not in [value.upper() for value in sums]:
                raise Failure('modem %d: the profile is not on the card: %s' % (self.modem, verdict))
            self.n_profiles += 1

    async def sealed_message(self):
        """Once to the network, which does not repeat it: up to once to the card, and once if it was acknowledged"""
        self.n_messages += 1
        number = self.n_messages
        reply = await self.rig.control(self.modem, 'sms ' + SEALED % number)
        self.tell('sealed message %d → %s' % (number, reply))
        self.messages[number] = reply
        words = re.sub('[0-9A-F]{4}|(?<= )[0-9A-F]{2}', '#', reply)
        self.verdicts['sealed message: ' + words] = self.verdicts.get('sealed message: ' + words, 0) + 1

    # Books

    async def read_envelopes(self):
        for line in (await self.rig.control(self.modem, 'envelopes')).splitlines():
            command, response = line.split()
            found = MESSAGE.search(command)
            if found is None:
                if STRAY.search(command) is not None:
                    self.n_strays += 1
                    self.strayed_at = time.monotonic()
                continue
            if response[-4:].startswith(TOOLKIT_BUSY):
                continue
            number = int(found[1], 16)
            if number in self.arrived:
                raise Failure('modem %d: sealed message %d has come twice' % (self.modem, number))
            self.arrived.add(number)

    async def find_lost_message(self):
        """None when each sealed message that was acknowledged is with the card"""
        await self.read_envelopes()
        lost = [number for number, reply in self.messages.items() if reply == 'ok ack' and number not in self.arrived]
        return 'sealed messages %s were acknowledged, and not given to the card' % lost if lost else None

    def judge(self):
        """At rest. What the network could not deliver before, and delivers then, is proven to the next operation."""
        for script in self.scripts:
            script.judge(self.runs)
        self.scripts.clear()
        self.has_unproven = self.is_unproven


WORK = (
    (Worker.script_by_sms, 6),
    (Worker.script_by_https, 5),
    (Worker.script_by_cattp, 5),
    (Worker.sealed_script, 3),
    (Worker.sealed_message, 6),
    (Worker.audit, 2),
    (Worker.push, 1),
    (Worker.download, 1),
    (Worker.switch, 1),
)

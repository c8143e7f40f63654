# SPDX-License-Identifier: LGPL-2.1-or-later
"""The load of a soak: what a fleet's SM-SR does with a device in the long run, one thing after the other, and what
comes beside it. Nothing is at fault but the network, which loses messages, and whoever sends half of a message."""
import asyncio
import os
import re

import chaos_rig
from chaos_rig import NETWORK, Failure, Rig
from chaos_work import WORK, Worker

REFUSES_S = 20
SEGMENT = '440C919451214365877FF6621122010000001A070003%02X02017000009F15163922220000100000000000000000'
CONFIG = '''[agent]
HooksDirectory=
History=10
''' + NETWORK + '''[session]
Interval=%(interval)ds
Spread=off
RetryDelay=2
RetryMaximum=30
RetryLimit=12
Timeout=20
'''


class SoakRig(Rig):
    """The rig of a fault campaign, in which all of the card's records can be seen by more than one reader.

    has_link: the SM-SR is behind a link that is slow and loses packets
    """

    def __init__(self, directory, dice, programs, tell, has_link, interval_s):
        super().__init__(directory, dice, programs, tell)
        self.wants_link = has_link
        self.interval_s = interval_s
        self.readers = []  # called with modem and line of each envelope

    async def start_simulator(self):
        options = ['--dir', self.directory, '--modems=%d' % chaos_rig.N_MODEMS, '--isdr=plain', '--raw-all',
                   '--agent-keys=%d' % chaos_rig.AGENT_KEY_SET]
        if self.wants_link and 'EA_CHAOS_NAMESPACE' in os.environ and os.access(chaos_rig.TUN, os.W_OK):
            options.append('--link=' + chaos_rig.LINK % self.dice.randrange(1, 1000))
            self.has_link = True
        self.simulator = await asyncio.create_subprocess_exec(
            self.programs['simulator'], *options, stdout=asyncio.subprocess.PIPE)
        if await self.simulator.stdout.readline() != b'ready\n':
            raise Failure('the simulator is not ready')
        await self.write_config()

    async def write_config(self):
        state = await self.state(0)
        smsr = state['smsr']
        with open(self.path('agent.conf'), 'w', encoding='ascii') as file:
            file.write(CONFIG % dict(
                smsr, name=chaos_rig.NAME, interval=self.interval_s,
                interface=state['link']['interface'] if 'link' in state else 'lo',
                proxied=self.path('cdc-wdm%d' % chaos_rig.PROXIED) if self.proxy else '/nowhere'))
        await self.order(0, 'dns %s %s --ttl 1' % (chaos_rig.NAME, smsr['address']))

    async def client(self, *words):
        """As in the rig, and what it says where it fails is kept."""
        process = await asyncio.create_subprocess_exec(
            self.programs['client'], '--bus=' + self.address, *words, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        try:
            output, complaint = await asyncio.wait_for(process.communicate(), chaos_rig.DEADLINE_S)
        except asyncio.TimeoutError:
            output, complaint = b'', b'it did not end'
            process.kill()
            await process.wait()
        if process.returncode == 0:
            return output.decode()
        self.tell('euiccctl %s: %d: %s' % (' '.join(words), process.returncode, complaint.decode().strip()))
        return None

    async def control(self, modem, command):
        reply = await super().control(modem, command)
        if command == 'envelopes':
            for line in reply.splitlines():
                for reader in self.readers:
                    reader(modem, line)
        return reply


class Soaker(Worker):
    """has_switches: the profile changes now and then, with which the card is reset"""

    def __init__(self, rig, modem, dice, tell, pause_s, has_switches):
        super().__init__(rig, modem, None, tell)
        self.dice = dice
        self.pause_s = pause_s
        self.work_list = [entry for entry in WORK if has_switches or entry[0] is not Worker.switch]
        self.is_calm = False
        self.is_resting = False
        self.n_done = 0

    async def work(self):
        operations, weights = zip(*self.work_list)
        while not self.is_resting:
            await self.dice.choices(operations, weights)[0](self)
            self.n_done += 1
            for script in self.scripts:
                script.judge(self.runs)
            self.scripts.clear()
            await self.forget()
            await asyncio.sleep(self.dice.uniform(0, 2 * self.pause_s))

    async def forget(self):
        """The books of a long time are kept short; numbers of commands only grow."""
        if len(self.runs) > 5000:
            self.runs = {number for number in self.runs if number > self.number - 2000}
        self.messages = {number: reply for number, reply in self.messages.items() if number > self.n_messages - 50}
        self.arrived = {number for number in self.arrived if number > self.n_messages - 100}

    async def lose_segments(self, pause_s):
        """The first of two messages, again and again, under another reference each time; the second never comes."""
        reference = 0
        while not self.is_resting:
            reference = (reference + 1) % 256
            await self.rig.control(self.modem, 'sms ' + SEGMENT % reference)
            await asyncio.sleep(self.dice.uniform(0, 2 * pause_s))

    def count_flaws(self):
        """How many operations did not go well, and how many there were. A repetition is refused, as it has to be, and
        so is a switch that the eUICC does not allow."""
        counts = [(key, count) for key, count in self.verdicts.items()
                  if not re.match('sealed message|repetition|switch by .*: error sw', key)]
        return sum(count for key, count in counts if ': ok' not in key), sum(count for _, count in counts)


class Bystanders:
    """Clients of the bus that come, look and go; and one that looks on all the time."""

    WORDS = (('status',), ('--json=short', 'status'), ('sessions',), ('history',), ('channels',), ('metrics',),
             ('--json=short', 'history'))

    def __init__(self, rig, dice, pause_s):
        self.rig = rig
        self.dice = dice
        self.pause_s = pause_s
        self.n_calls = self.n_failed = 0
        self.watcher = None

    async def look(self):
        while True:
            await asyncio.sleep(self.dice.uniform(0, 2 * self.pause_s))
            self.n_calls += 1
            if await self.rig.client(*self.dice.choice(self.WORDS)) is None:
                self.n_failed += 1

    async def watch(self):
        """euiccctl watch, whose words nobody wants"""
        self.watcher = await asyncio.create_subprocess_exec(
            self.rig.programs['client'], '--bus=' + self.rig.address, 'watch', stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)

    async def stop(self):
        if self.watcher is not None and self.watcher.returncode is None:
            self.watcher.kill()
            await self.watcher.wait()


async def lose_network(rig, dice, pause_s, tell):
    """CAT_TP datagrams are lost, and an SM-SR now and then refuses connections for a while: each session is tried
    again."""
    while True:
        await asyncio.sleep(dice.uniform(0, 2 * pause_s))
        fault = dice.choice(('cat-tp-drop 2 3', 'cat-tp-deaf 1 2', 'close 300 1', 'refuse'))
        tell('fault: ' + fault)
        await rig.order(0, 'fail smsr ' + fault)
        await asyncio.sleep(REFUSES_S)
        await rig.order(0, 'fail smsr off')
        await rig.order(0, 'fail smsr close 1000000000')

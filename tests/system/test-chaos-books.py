#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The books of the fault campaign find what they are kept for: each row says whether it may be so."""
import asyncio
import random
import re
import sys
import unittest

sys.dont_write_bytecode = True

import chaos_faults
from chaos_faults import Faults
from chaos_rig import Failure, read_store
from chaos_work import SEALED, Script, Worker

INTERRUPTED = 'error interrupted at command 3 of 4 sw=9000,9000,6FF1'
TIMEOUT = 'error timeout: waiting for proof of receipt of counter 7'

# Verdict, bearer, whether the eUICC got the packet, which of the commands 1 to 4 ran, whether that may be
VERDICTS = (
    ('ok packets=1', 'sms', False, {1, 2, 3, 4}, True),
    ('ok packets=1', 'sms', False, {1, 2, 3}, False),
    ('ok packets=1', 'sms', False, {2, 3, 4}, False),
    ('ok scripts=1 executed=4 transport=https connections=1 resumed=0', 'https', False, set(), False),
    ('ok scripts=1 executed=4 transport=https connections=2 resumed=0', 'https', False, set(), True),
    ('ok scripts=1 executed=4 transport=https connections=2 resumed=0', 'https', False, {1}, False),
    (INTERRUPTED, 'https', False, {1, 2}, True),
    (INTERRUPTED, 'https', False, {1, 2, 3}, True),
    (INTERRUPTED, 'https', False, {1}, False),
    (INTERRUPTED, 'https', False, {1, 2, 3, 4}, False),
    (INTERRUPTED, 'https', False, {1, 3}, False),
    ('error status 02: the counter is low', 'sms', False, set(), True),
    ('error status 02: the counter is low', 'sms', False, {1}, False),
    ('error status 02: the counter is low', 'cat-tp', False, {1}, True),
    ('error status 02: the counter is low', 'cat-tp', False, {2}, False),
    (TIMEOUT, 'sms', False, set(), False),
    (TIMEOUT, 'sms', True, set(), True),
    (TIMEOUT, 'sms', True, {1}, True),
    (TIMEOUT, 'sms', True, {2}, False),
    ("error host is '198.18.0.1', not 'smsr.example'", 'https', False, set(), True),
    ("error host is '198.18.0.1', not 'smsr.example'", 'https', False, {2}, False),
    ("error X-Admin-Script-Status is 'unknown-application'", 'https', False, set(), True),
    ("error X-Admin-Script-Status is 'unknown-application'", 'https', False, {1}, False),
    ('error proof of receipt: counter 6, not 7', 'sms', False, set(), False),
    ('error sw 6985: conditions of use not satisfied (command 1)', 'sms', False, set(), False),
    ('error The answer to a packet of CAT_TP is a TP-UD', 'cat-tp', False, set(), True),
    ('error The answer to a packet of CAT_TP is a TP-UD', 'cat-tp', False, {2}, False),
    ('error sw 6985: conditions of use not satisfied (command 2)', 'cat-tp', False, set(), True),
    ('error sw 6985: conditions of use not satisfied (command 2)', 'cat-tp', False, {2}, False),
)
COMMAND = '1 A0000005591010FFFFFFFF8900000100 81E28800093A0706A304%08X 9000\n'


class FakeRig:
    def __init__(self, reply):
        self.reply = reply

    async def control(self, modem, command):
        return self.reply


class SmsrRig(FakeRig):
    async def control(self, modem, command):
        return self.reply if command.startswith('smsr ') else ''


def make_worker(reply):
    return Worker(FakeRig(reply), 0, None, lambda text: None)


def read(worker, name):
    return asyncio.run(getattr(worker, name)())


class PromptRig:
    """Nothing to kill, and whatever is ordered is done."""
    programs = {'kill_at': '', 'step_clock': ''}
    has_disk = is_disk_bad = is_disk_read_only = False

    def __init__(self, is_slow):
        self.is_slow = is_slow
        self.orders = []
        self.bus_there, self.started = asyncio.Event(), asyncio.Event()
        self.bus_there.set()
        self.started.set()

    def has_proxy(self):
        return False

    def reload(self):
        pass

    async def control(self, modem, command):
        await asyncio.sleep(0.001 if self.is_slow else 0)
        self.orders.append((modem, command))
        return 'ok'

    async def order(self, modem, command):
        await self.control(modem, command)

    async def client(self, *words):
        return ''

    async def state(self, modem):
        return {'eid': '', 'smsr': {'address': '192.0.2.1'}}


async def rage(seed, lasts_s, is_slow, n_faults):
    """What faults there were, with what they drew where nothing but themselves orders it"""
    chaos_faults.LASTS_S = lasts_s
    told = []
    rig = PromptRig(is_slow)
    faults = Faults(rig, lambda name: random.Random('%d/%s' % (seed, name)), told.append)
    raging = asyncio.create_task(faults.rage(False))
    while len([line for line in told if ' of rage ' in line]) <= n_faults:
        await asyncio.sleep(0.001)
        if raging.done():
            raging.result()
    raging.cancel()
    await asyncio.wait([raging])
    names = [line for line in told if ' of rage ' in line][:n_faults]
    orders = [order for order in rig.orders if re.match('lose-apdu|drop|fail (?!smsr)', order[1])]
    await faults.end_all()
    return names, orders


class Books(unittest.TestCase):
    def test_a_seed_draws_the_same_faults_whatever_becomes_of_each(self):
        pause, lasts = chaos_faults.PAUSE_S, chaos_faults.LASTS_S
        chaos_faults.PAUSE_S = 0.002
        try:
            names, orders = asyncio.run(rage(5, 0, False, 200))
            slow_names, slow_orders = asyncio.run(rage(5, 1000, True, 200))
            other_names, _ = asyncio.run(rage(6, 0, False, 200))
        finally:
            chaos_faults.PAUSE_S, chaos_faults.LASTS_S = pause, lasts
        n_orders = min(len(orders), len(slow_orders))
        self.assertGreater(n_orders, 20)
        self.assertEqual(orders[:n_orders], slow_orders[:n_orders])
        self.assertEqual(names, slow_names)
        self.assertNotEqual(names, other_names)

    def test_no_fault_of_the_disk_outlives_its_rage(self):
        """The agent had not ended yet when the rage was over."""
        async def end():
            rig = PromptRig(False)
            rig.is_disk_bad = rig.is_disk_read_only = True
            await Faults(rig, None, lambda text: None).end_all()
            return rig.is_disk_bad, rig.is_disk_read_only

        self.assertEqual(asyncio.run(end()), (False, False))

    def test_a_verdict_has_to_agree_with_what_ran(self):
        for verdict, via, is_stray, runs, is_right in VERDICTS:
            script = Script(1, 4, via)
            script.verdict, script.is_stray = verdict, is_stray
            with self.subTest(str(script), runs=runs):
                if is_right:
                    script.judge(runs)
                else:
                    self.assertRaises(Failure, script.judge, runs)

    def test_a_proof_may_come_late_behind_a_rest_too(self):
        worker = make_worker('')
        worker.rig = SmsrRig('error timeout: waiting for delivery of message 1 of 1')
        asyncio.run(worker.operate('push-cat-tp', 'sms'))
        worker.judge()
        self.assertTrue(worker.has_unproven)
        worker.rig.reply = 'ok packets=1'
        asyncio.run(worker.operate('push-cat-tp', 'sms'))
        self.assertTrue(worker.has_unproven)
        worker.judge()
        self.assertFalse(worker.has_unproven)

    def test_a_command_that_runs_twice_is_found(self):
        worker = make_worker(COMMAND % 5 + COMMAND % 6)
        read(worker, 'read_ledger')
        self.assertEqual(worker.runs, {5, 6})
        self.assertRaises(Failure, read, worker, 'read_ledger')

    def test_a_sealed_message_that_comes_twice_is_found(self):
        envelope = '80C2000059D157' + SEALED % 1
        busy = make_worker('%s 9300\n%s 9000' % (envelope, envelope))
        read(busy, 'read_envelopes')
        self.assertEqual(busy.arrived, {1})
        twice = make_worker('%s 9000\n%s 9108' % (envelope, envelope))
        self.assertRaises(Failure, read, twice, 'read_envelopes')

    def test_an_acknowledged_message_that_never_came_is_found(self):
        worker = make_worker('80C2000059D157%s 9000' % (SEALED % 1))
        worker.messages = {1: 'ok ack', 2: 'error timeout'}
        self.assertIsNone(read(worker, 'find_lost_message'))
        worker = make_worker('80C2000059D157%s 9000' % (SEALED % 1))
        worker.messages = {1: 'ok ack', 2: 'ok ack'}
        self.assertIn('[2]', read(worker, 'find_lost_message'))

    def test_a_segment_that_goes_to_the_card_is_seen(self):
        """The last one may be short, and its length an octet"""
        segment = '80C20000%sD1%s82028381060791947107160000%s400C919451214365877FF66621122010000060050003BE0505A02245 9000'
        for lengths in (('A6', '81A3', '8B8194'), ('7E', '7C', '8B6C')):
            worker = make_worker(segment % lengths)
            read(worker, 'read_envelopes')
            self.assertEqual(worker.n_strays, 1, lengths)

    def test_the_store_is_read_up_to_what_is_not_whole(self):
        def transaction(body):
            size = len(body)
            return size.to_bytes(4, 'big') + (size ^ 0xFFFFFFFF).to_bytes(4, 'big') + body + bytes(32)

        first = transaction(b'+\x08outbox-1\x00\x00\x00\x02ab+\x05job-1\x00\x00\x00\x00')
        second = transaction(b'-\x08outbox-1')
        log = b'euicc-agent store 1\n' + first
        self.assertEqual(read_store(log), {'outbox-1', 'job-1'})
        self.assertEqual(read_store(log + second), {'job-1'})
        self.assertEqual(read_store(log + second[:15]), {'outbox-1', 'job-1'})


if __name__ == '__main__':
    unittest.main()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is watched in a soak: what the agent holds, sample by sample, and whether it stays; and when its
timers go off."""
import asyncio
import datetime
import json
import os
import statistics
import time

GROWTH_MAX_KB = 128, 48  # of a quarter of the time against another; in eighths that only grow
EXACT_GROWTH_MAX_KB = 64, 24  # the same, where nothing is kept of what was freed
FIRST = 0.25  # of the time, in which buffers and lists come to their sizes
PAGE_KB = 4
TICKS = os.sysconf('SC_CLK_TCK')
COUNTS = {'files': 0, 'threads': 2, 'clients': 0, 'logical': 0, 'records': 0}  # by how many they may be more
WAITING = ('outbox-', 'answer-', 'job-', 'session-', 'inbox-')  # records of what is under way
START_TIMER = 'D011810301270082028182A4010%dA503%s'
STARTED = 'ok 81030127008202828183010'
EXPIRED = 'D70C82028281A4010%dA503'
POLL = 'D00D81030103008202818284020'  # POLL INTERVAL in seconds
STATUS = '80F2'
LATE_MAX_S = 5  # of a machine that has more to do
LATE_MEDIAN_S = 0.5
LOOKS = 60  # at the sessions, in an interval: one that has ended is only shown until 16 others have


class Sample:
    """Sizes in KiB, CPU in seconds; counts of what the agent, its modems and its store hold"""

    def __init__(self, rig):
        self.time_s = time.monotonic()
        pid = rig.life.pid
        memory = read_fields('/proc/%d/smaps_rollup' % pid)
        self.pss_kb = memory['Pss']
        self.private_kb = memory['Private_Dirty'] + memory['Private_Clean']
        self.anonymous_kb = memory['Anonymous']
        self.files = sum(rig.files().values())
        self.threads = len(os.listdir('/proc/%d/task' % pid))
        self.records = sum(not name.startswith(WAITING) for name in rig.records())
        self.store_kb = sum(entry.stat().st_size for entry in os.scandir(rig.state_directory)) / 1024
        with open('/proc/%d/stat' % pid, encoding='ascii') as file:
            fields = file.read().rpartition(')')[2].split()
        self.cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
        self.clients = self.logical = 0

    async def ask_modems(self, rig, modems):
        for modem in modems:
            state = await rig.state(modem)
            self.clients += len(state['clients'])
            self.logical += len(state['logical_channels'])


def read_fields(path):
    with open(path, encoding='ascii') as file:
        return {line.split(':')[0]: int(line.split()[1]) for line in file if line.rstrip().endswith('kB')}


def cut(samples, begin, end):
    """What lies between two parts of the time, each of 0 to 1"""
    first, last = samples[0].time_s, samples[-1].time_s
    return [sample for sample in samples if first + begin * (last - first) <= sample.time_s
            <= first + end * (last - first)]


def median_of(samples, name):
    return statistics.median(getattr(sample, name) for sample in samples)


def slope_of(samples, name):
    """Theil and Sen's: the median of the slopes of all pairs, in units of @name an hour"""
    step = max(1, len(samples) // 120)
    thin = samples[::step]
    slopes = [(getattr(later, name) - getattr(sample, name)) / (later.time_s - sample.time_s)
              for i, sample in enumerate(thin) for later in thin[i + 1:] if later.time_s > sample.time_s]
    return statistics.median(slopes) * 3600 if slopes else 0


def find_growth(samples, growth_max_kb=GROWTH_MAX_KB):
    """What is wrong with the memory, or None. A level that is reached once and kept is none: growth goes on."""
    second, last = (median_of(cut(samples, *part), 'anonymous_kb') for part in ((FIRST, 0.5), (0.75, 1)))
    eighths = [median_of(cut(samples, i / 8, (i + 1) / 8), 'anonymous_kb') for i in range(2, 8)]
    if last - second > growth_max_kb[0]:
        return 'memory has grown from %d kB in the second quarter to %d in the last' % (second, last)
    if eighths[-1] - eighths[0] > growth_max_kb[1] \
            and all(later > earlier for earlier, later in zip(eighths, eighths[1:])):
        return 'memory only grows: %s kB' % ', '.join('%d' % value for value in eighths)
    return None


def find_more(samples):
    """Counts go up and down with the load; what is lost for good shows in the least of a time. GLib keeps threads for
    later work, each for a while."""
    for name, n_more in COUNTS.items():
        second, last = (min(getattr(sample, name) for sample in cut(samples, *part))
                        for part in ((FIRST, 0.5), (0.75, 1)))
        if last > second + n_more:
            return '%s: never below %d in the last quarter, and %d in the second' % (name, last, second)
    return None


def swap_digits(seconds):
    """Timer value, TS 102 223 §8.38"""
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return ''.join('%d%d' % (part % 10, part // 10) for part in parts)


class CardTimer:
    """A timer that the card starts again whenever it has expired. @look_s: how exactly that is seen"""

    def __init__(self, rig, modem, timer, seconds, look_s):
        self.rig = rig
        self.modem = modem
        self.timer = timer
        self.seconds = seconds
        self.look_s = look_s
        self.late_s = []
        self.n_lost = 0
        self.seen = asyncio.Event()
        rig.readers.append(self.read)
        self.name = 'timer %d of the card, %d s' % (timer, seconds)

    def read(self, modem, line):
        if modem == self.modem and EXPIRED % self.timer in line:
            self.seen.set()

    async def run(self):
        while True:
            self.seen.clear()
            reply = await self.rig.control(self.modem, 'proactive ' + START_TIMER % (self.timer, swap_digits(self.seconds)))
            began = time.monotonic()
            if not reply.startswith('ok'):
                raise RuntimeError('%s: %s' % (self.name, reply))
            await asyncio.sleep(self.seconds - self.look_s / 2)
            while not self.seen.is_set() and time.monotonic() < began + self.seconds + 60:
                await self.rig.control(self.modem, 'envelopes')
                await asyncio.sleep(self.look_s)
            if self.seen.is_set():
                self.late_s.append(time.monotonic() - began - self.seconds)
            else:
                self.n_lost += 1


class CardPoll:
    """STATUS, at the interval that the card wanted. @look_s: how exactly that is seen"""

    def __init__(self, rig, modem, seconds, look_s):
        self.rig = rig
        self.modem = modem
        self.seconds = seconds
        self.look_s = look_s
        self.times = []
        self.name = 'POLL INTERVAL of %d s' % seconds

    async def run(self):
        reply = await self.rig.control(self.modem, 'proactive %s1%02X' % (POLL, self.seconds))
        if not reply.startswith('ok'):
            raise RuntimeError('%s: %s' % (self.name, reply))
        while True:
            apdus = await self.rig.control(self.modem, 'apdus')
            self.times += [time.monotonic()] * sum(line.startswith(STATUS) for line in apdus.splitlines())
            await asyncio.sleep(self.look_s)


class Sessions:
    """What [session] Interval= wants: by the agent's own account of when a session was wanted"""

    def __init__(self, rig, seconds):
        self.rig = rig
        self.seconds = seconds
        self.times = {}  # eUICC → times
        self.name = 'Interval=%ds' % seconds

    async def run(self):
        while True:
            output = await self.rig.client('--json=short', 'sessions')
            for session in json.loads(output) if output else ():
                if session['origin'] == 'schedule':
                    self.times.setdefault(session['eid'], set()).add(
                        datetime.datetime.fromisoformat(session['started_at'].replace('Z', '+00:00')).timestamp())
            await asyncio.sleep(self.seconds / LOOKS)


def is_late(late_s):
    """More than a moment, or ever more"""
    quarter = max(1, len(late_s) // 4)
    first, last = statistics.median(late_s[:quarter]), statistics.median(late_s[-quarter:])
    return max(late_s) > LATE_MAX_S or statistics.median(late_s) > LATE_MEDIAN_S or last - first > LATE_MEDIAN_S / 2


def describe_late(timer):
    late = timer.late_s
    if not late:
        return '%-32s never' % timer.name
    quarter = max(1, len(late) // 4)
    return '%-32s %5d times, late by %.3f s (median), %.3f s at most; first quarter %.3f s, last %.3f s; lost %d' % (
        timer.name, len(late), statistics.median(late), max(late), statistics.median(late[:quarter]),
        statistics.median(late[-quarter:]), timer.n_lost)


def measure_drift(times, seconds):
    """How many there were, and by how much the mean interval is longer, as a part of it. What was missed counts."""
    if len(times) < 3:
        return len(times), 0
    times = sorted(times)
    return len(times), (times[-1] - times[0]) / (len(times) - 1) / seconds - 1

# SPDX-License-Identifier: LGPL-2.1-or-later
"""A clock that jumps: whenever this process and all that it has started wait for time alone, it is set forward to the
first time for which any of them waits. What they do takes the time that it really takes. See warp-clock.c, which all of
them, this one too, have as their first library: their clocks are one.

A process waits when all its threads sleep; one to which something was sent does not, from the moment that it was sent.
What the kernel does later, such as handing on what was written to a terminal, is waited for by looking more than once.
"""
import asyncio
import ctypes
import mmap
import os
import select
import selectors
import signal
import struct
import sys
import tempfile
import time

LIBRARY = ('EA_TEST_WARP_CLOCK', 'tests/libwarp-clock.so')
N_SLEEPERS = 256
SIZE = 8 + N_SLEEPERS * 16
ALLOCATION = {'G_SLICE': 'always-malloc', 'GLIBC_TUNABLES': 'glibc.malloc.tcache_count=0'}  # what was freed is not kept
LOOKS = 3
LOOK_S = 0.0003
QUIET = b'SZ'
NS_PER_S = 10 ** 9
WAKE_SIGNAL = signal.SIGRTMIN + 9

libc = ctypes.CDLL(None, use_errno=True)


def preload(build):
    """For the processes from the next exec on"""
    library = os.path.abspath(os.environ.get(LIBRARY[0]) or os.path.join(build, LIBRARY[1]))
    if not os.path.exists(library):
        sys.exit('soak: there is no %s: --build says where it was built' % library)
    number, path = tempfile.mkstemp(prefix='euicc-warp-')
    os.ftruncate(number, SIZE)
    os.close(number)
    os.environ.update(ALLOCATION, LD_PRELOAD=library, EA_WARP_CLOCK=path)


class Clock:
    def __init__(self):
        with open(os.environ['EA_WARP_CLOCK'], 'r+b') as file:
            self.memory = mmap.mmap(file.fileno(), SIZE)
        self.n_quiet = self.n_jumps = 0

    def jump(self, deadline_ns):
        """@deadline_ns: for which this process waits, or None"""
        sleepers = list(struct.iter_unpack('=iiq', self.memory[8:]))
        deadlines = [deadline for process, _, deadline in sleepers if process and deadline]
        deadlines += [deadline_ns] if deadline_ns is not None else []
        now_ns = time.monotonic_ns()
        if deadlines and min(deadlines) > now_ns:
            ahead_ns = struct.unpack_from('=q', self.memory)[0] + min(deadlines) - now_ns
            struct.pack_into('=q', self.memory, 0, ahead_ns)
            self.n_jumps += 1
        now_ns = time.monotonic_ns()
        is_crowded = sum(process != 0 for process, _, _ in sleepers) > N_SLEEPERS / 2
        for number, (process, thread, deadline) in enumerate(sleepers):
            if process and deadline and deadline <= now_ns:
                self.signal(number, process, thread, WAKE_SIGNAL)
            elif process and is_crowded:
                self.signal(number, process, thread, 0)

    def signal(self, number, process, thread, signal_number):
        if libc.tgkill(process, thread, signal_number) != 0:  # it has ended, and its place is free
            struct.pack_into('=iiq', self.memory, 8 + 16 * number, 0, 0, 0)

    def rest(self, deadline_ns):
        select.select([], [], [], LOOK_S)
        self.n_quiet = self.n_quiet + 1 if is_quiet(os.getpid()) else 0
        if self.n_quiet >= LOOKS:
            self.n_quiet = 0
            self.jump(deadline_ns)


def is_quiet(process):
    """Whether all threads of it and of what it has started sleep; of this process, all but the one that asks."""
    folder = '/proc/%d/task' % process
    try:
        for thread in os.listdir(folder):
            if int(thread) != os.getpid() and read_state(folder, thread) not in QUIET:
                return False
            with open('%s/%s/children' % (folder, thread), encoding='ascii') as file:
                children = file.read().split()
            if not all(is_quiet(int(child)) for child in children):
                return False
    except (FileNotFoundError, ProcessLookupError):
        return False  # it has just ended
    return True


def read_state(folder, thread):
    with open('%s/%s/stat' % (folder, thread), 'rb') as file:
        return file.read().rpartition(b')')[2].split()[0]


class Selector(selectors.EpollSelector):
    """While there is nothing to do, the clock is looked after."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()

    def select(self, timeout=None):
        deadline_ns = None if timeout is None else time.monotonic_ns() + max(0, int(timeout * NS_PER_S))
        while True:
            events = super().select(0)
            if events or (deadline_ns is not None and time.monotonic_ns() >= deadline_ns):
                self.clock.n_quiet = 0
                return events
            self.clock.rest(deadline_ns)


def run(coroutine):
    """Without threads: one that waits for the interpreter sleeps, too."""
    loop = asyncio.SelectorEventLoop(Selector())
    if sys.version_info < (3, 12):  # which does so by itself
        asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()
        os.unlink(os.environ['EA_WARP_CLOCK'])

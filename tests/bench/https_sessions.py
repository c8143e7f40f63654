# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a session of the agent costs without a profile: against GnuTLS and openssl on the same server, and against
itself when its script is long.

The agent's sessions are opened at once and follow each other; its CPU is read when the last one is over, for which it
is asked rarely. What OpenSession costs is in it. openssl s_client is a process for each session, so that its start is
in its figures; GnuTLS is one process for all."""
import contextlib
import os
import shutil
import statistics
import subprocess
import time

import rig
from https import BUS_NAME, GOAL_FLAT, GOAL_GROWTH, N_RUNS, await_closed, call, open_session, row

N_SESSIONS = 16  # no more are shown when they are over
POLL_S = 0.25  # each question costs the agent time
N_SESSION_RUNS = 5
FLOOR_PSK = '30313233343536373839414243444546'
KEYS_OF_FLOOR = '[* scp81 40]\nKeyIdentifier=01\nPsk=%s\n' % FLOOR_PSK
OPENSSL = 'openssl s_client, a process each'
POST = b'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n'

SCRIPT_COMMANDS = (4, 4096)  # of 256 bytes each, in one answer


def get(agent, session, name):
    """What gdbus prints of a session's property."""
    return call(agent, session, 'org.freedesktop.DBus.Properties.Get', BUS_NAME + '.Session', name)


def seconds_under_way(agent, sessions):
    """Of all together: each begins when it is wanted, or when the one before has ended."""
    total, free_at = 0, 0
    for session in sessions:
        wanted, ended = (int(get(agent, session, name).split()[1].rstrip('>,)')) for name in ('StartedAt', 'EndedAt'))
        total += ended - max(wanted, free_at)
        free_at = ended
    return total / 1e6


def agent_sessions(agent):
    """Milliseconds of CPU for a session, and sessions a second while one is under way."""
    before = agent.cpu_ns()
    sessions = [open_session(agent) for _ in range(N_SESSIONS)]
    rig.await_true('the last session is closed', lambda: 'closed' in get(agent, sessions[-1], 'State'), POLL_S)
    cpu_ns = agent.cpu_ns() - before
    for session in sessions:
        await_closed(agent, session)
    return cpu_ns / N_SESSIONS / 1e6, N_SESSIONS / seconds_under_way(agent, sessions)


def gnutls_ms(build, port):
    """CPU of a session; the first one finds nothing prepared, and does not count."""
    output = subprocess.run([os.path.join(build, 'tests/bench/https-floor'), 'post', port, str(N_SESSIONS + 1)],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return statistics.mean(int(line) for line in output.split()[1:]) / 1e6


def openssl_sessions(port):
    """The same of a process of its own for each."""
    cpu_s, start = 0, time.monotonic()
    for _ in range(N_SESSIONS):
        client = subprocess.Popen(['openssl', 's_client', '-quiet', '-tls1_2', '-psk_identity', 'bench',
                                   '-psk', FLOOR_PSK, '-cipher', 'PSK-AES128-GCM-SHA256',
                                   '-connect', '127.0.0.1:' + port],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        client.stdin.write(POST)
        client.stdin.flush()
        if b'204' not in client.stdout.read():
            raise SystemExit('openssl s_client: no answer')
        _, _, usage = os.wait4(client.pid, 0)
        client.returncode = 0
        client.stdin.close()
        client.stdout.close()
        cpu_s += usage.ru_utime + usage.ru_stime
    return cpu_s / N_SESSIONS * 1e3, N_SESSIONS / (time.monotonic() - start)


def measure_sessions(build):
    """Connection, handshake, one POST without an answer's body, and the end; to the same server, in turn."""
    if shutil.which('openssl') is None:
        raise SystemExit('openssl is missing: packaging/install-dependencies check')
    with contextlib.ExitStack() as stack:
        null = stack.enter_context(open(os.devnull, 'w', encoding='ascii'))
        floor = os.path.join(build, 'tests/bench/https-floor')
        server = stack.enter_context(rig.process_at([floor, 'script', '0'], null))
        port = server.read_line()
        sim = stack.enter_context(rig.simulator(build, '--isdr=plain'))
        config = '[sm-sr]\nHost=127.0.0.1\nPort=%s\n' % port
        agent = stack.enter_context(rig.agent(build, sim, KEYS_OF_FLOOR, config=config))
        ours, theirs, alone = [], [], []
        for _ in range(N_SESSION_RUNS):
            ours.append(agent_sessions(agent))
            theirs.append(openssl_sessions(port))
            alone.append(gnutls_ms(build, port))
    (cpu, rate), (their_cpu, their_rate) = zip(*ours), zip(*theirs)
    yield row('session without a script, CPU', cpu, 'ms', 'GnuTLS alone', statistics.median(alone))
    yield row('session without a script, CPU', cpu, 'ms', OPENSSL, statistics.median(their_cpu))
    yield row('sessions a second, one after the other', rate, '/s', OPENSSL, statistics.median(their_rate))


def script_growth(build, n_commands):
    """Bytes that a session with one script of so many commands needs beyond one with a single command."""
    floor = os.path.join(build, 'tests/bench/https-floor')
    with rig.simulator(build, '--isdr=plain') as sim, contextlib.ExitStack() as stack:
        null = stack.enter_context(open(os.devnull, 'w', encoding='ascii'))
        servers = [stack.enter_context(rig.process_at([floor, 'script', str(count)], null))
                   for count in (1, n_commands)]
        ports = [server.read_line() for server in servers]
        config = '[sm-sr]\nHost=127.0.0.1\nPort=%s\n' % ports[0]
        agent = stack.enter_context(rig.agent(build, sim, KEYS_OF_FLOOR, config=config))
        peaks = []
        for port in (ports[0], ports[0], ports[1]):
            agent.forget_peak()
            await_closed(agent, open_session(agent, "{'port': <uint16 %s>}" % port))
            peaks.append(agent.status_bytes('VmHWM'))
    return peaks[2] - peaks[1]


def measure_script(build):
    small, large = ([script_growth(build, count) for _ in range(N_RUNS)] for count in SCRIPT_COMMANDS)
    yield row('memory, one script of 1 KiB', small, 'B', goal=GOAL_GROWTH)
    yield row('memory, one script of 1 MiB', large, 'B', goal=GOAL_GROWTH)
    yield row('the same, how much more', [statistics.median(large) - statistics.median(small)], 'B', goal=GOAL_FLAT)


def measure(build, _root):
    yield from measure_sessions(build)
    yield from measure_script(build)

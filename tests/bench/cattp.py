# SPDX-License-Identifier: LGPL-2.1-or-later
"""CAT_TP against the kernel's TCP, and TLS and HTTP above it, on bad links: the same payloads, links and seeds, packets
lost in both directions. Both are endpoints without anything behind them, CAT_TP with the sizes of the agent's sessions;
what the agent makes of sessions of both is told beside it. A run that does not end counts as one of TIMEOUT_S. Runs
wait for the link nearly all of their time, so that many go side by side, each in network namespaces of its own, which
takes root: without it nothing is measured."""
import collections
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys

import cattp_limits as limits

N_AT_ONCE = 80
TIMEOUT_S = 300
SERVER = '198.18.0.1'
PORT = '5000'

BULK = 65536
COMMAND = 1024
RESPONSE = 64
SHORT_COMMAND = 100

LINKS = {'A': 'rate=40kbit,rtt=600ms,queue=24000', 'B': 'rate=236kbit,rtt=800ms,queue=24000',
         'C': 'rate=20kbit,rtt=1500ms,jitter=500ms,queue=24000'}
LOSS_OF_C = 30

SDU, SDU_LARGE = limits.PDU_MAX - limits.CAT_TP, 2048  # a secured packet that fills a PDU, and the largest one

# A program, and its arguments for the side of the SM-SR and that of the agent
Peer = collections.namedtuple('Peer', 'program server client')
PEERS = {
    'cat-tp': Peer('cattp-endpoint', ('passive', PORT), ('active', SERVER, PORT)),
    'cubic': Peer('stream-endpoint', ('serve', PORT, 'cubic'), ('fetch', SERVER, PORT, 'cubic')),
    'bbr': Peer('stream-endpoint', ('serve', PORT, 'bbr'), ('fetch', SERVER, PORT, 'bbr')),
    'https': Peer('stream-endpoint', ('serve-https', PORT, 'cubic'), ('fetch-https', SERVER, PORT, 'cubic')),
}
NAMES = {'cubic': 'TCP cubic', 'bbr': 'TCP bbr', 'https': 'TCP + PSK-TLS + POST'}

# One measurement: a peer of PEERS, a link of LINKS, loss in per cent, octets of the command, of the response, and of an
# SDU at most
Case = collections.namedtuple('Case', 'peer link loss command response sdu')


class Result:
    """Moments in seconds, and the counts of the link; @is_done: the session has come to its end."""

    def __init__(self, run):
        lines = run.stdout.splitlines() if run is not None else []
        self.is_done = run is not None and run.returncode == 0
        self.moments = dict((words[0], int(words[1]) / 1e6) for words in map(str.split, lines[:-1]) if len(words) == 2)
        self.link = json.loads(lines[-1])['link'] if self.is_done else None

    def time(self, begin, end):
        return self.moments[end] - self.moments[begin] if self.is_done else TIMEOUT_S

    def octets(self):
        """Of both directions, whatever becomes of them."""
        return self.link['to_smsr']['octets'] + self.link['to_host']['octets']


def run_pair(build, case, seed):
    directory = os.path.join(os.path.abspath(build), 'tests/bench')
    peer = PEERS[case.peer]
    program = os.path.join(directory, peer.program)
    sizes = [case.command] + [case.sdu] * (case.peer == 'cat-tp')
    answer = [case.command] * (case.peer != 'https') + [case.response] * (case.peer in ('cat-tp', 'https'))
    commands = [' '.join(map(str, ('exec', program, *words))) for words in
                ((*peer.server, *sizes), (*peer.client, *answer))]
    link = '%s,loss=%d%%,seed=%d' % (LINKS[case.link], case.loss, seed)
    try:
        return Result(subprocess.run([os.path.join(directory, 'link-pair'), link, *commands], stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, text=True, timeout=TIMEOUT_S, check=False))
    except subprocess.TimeoutExpired:
        return Result(None)


def bulk(peer, link, loss, sdu=SDU):
    return Case(peer, link, loss, BULK, 0, sdu)


def exchange(peer, link, loss, command=COMMAND):
    return Case(peer, link, loss, command, RESPONSE, SDU)


def plan(is_quick):
    """How many seeds each case has."""
    n_steady, n_bulk, n_exchange, n_sessions = (1, 3, 10, 20) if is_quick else (3, 40, 60, 100)
    cases = {bulk('cat-tp', 'A', loss, SDU_LARGE): count for loss, count in ((0, n_steady), (15, n_bulk))}
    for peer in ('cat-tp', 'cubic', 'bbr'):
        cases.update({bulk(peer, 'A', 0): n_steady, bulk(peer, 'A', 5): n_bulk, bulk(peer, 'A', 15): n_bulk,
                      bulk(peer, 'B', 5): n_bulk})
    for peer in ('cat-tp', 'https'):
        cases.update({exchange(peer, 'A', 0, SHORT_COMMAND): n_steady, exchange(peer, 'A', 0): n_steady,
                      exchange(peer, 'A', 15): n_exchange, exchange(peer, 'C', LOSS_OF_C): n_sessions})
    return cases


def run_all(build, cases):
    """Case → Results in the order of their seeds. The ones that last longest begin first."""
    results = {case: [None] * count for case, count in cases.items()}
    order = sorted(cases, key=lambda case: (case.loss, case.command), reverse=True)
    with concurrent.futures.ThreadPoolExecutor(N_AT_ONCE) as pool:
        runs = {pool.submit(run_pair, build, case, seed + 1): (case, seed)
                for case in order for seed in range(cases[case])}
        for run in concurrent.futures.as_completed(runs):
            case, seed = runs[run]
            results[case][seed] = run.result()
    return results


def percentile(values, share):
    return sorted(values)[max(0, -(-len(values) * share // 100) - 1)]


def row(measure, values, unit, value=None, against=None, floor=None, goal=None, limit=None):
    """@goal: (comparison, number): of the ratio where there is a floor; without one of the value."""
    value = statistics.median(values) if value is None else value
    ratio = value / floor if floor else None
    made = dict(measure=measure, value=value, unit=unit, against=against, ratio=ratio, goal=None, holds=None,
                runs=len(values), min=min(values), max=max(values))
    if goal is not None:
        judged = value if ratio is None else ratio
        made.update(goal='%s %.4g%s' % (*goal, '' if ratio is None else ' x'),
                    holds=judged <= goal[1] if goal[0] == '<=' else judged >= goal[1])
    if limit is not None:
        made['limit'] = limit
    return made


def done(results, case):
    """Those that came to their end; there has to be one."""
    found = [result for result in results[case] if result.is_done]
    if not found:
        raise SystemExit('%s: no run came to its end; try link-pair by hand' % (case,))
    return found


def times(results, case, begin, end):
    """In milliseconds."""
    return [result.time(begin, end) * 1000 for result in results[case]]


def goodputs(results, case):
    """In kbit/s, from when the sender has the connection to when the receiver has all."""
    return [BULK * 8e-3 / result.time('open', 'command') for result in results[case]]


def measure_first(results, agent_ms):
    ours = times(results, exchange('cat-tp', 'A', 0, SHORT_COMMAND), 'start', 'first')
    theirs = times(results, exchange('https', 'A', 0, SHORT_COMMAND), 'start', 'first')
    limit = limits.first_s('A', SHORT_COMMAND) * 1000
    yield row('A 0 %, to the first command', ours, 'ms', None, NAMES['https'], statistics.median(theirs), ('<=', 0.5),
              limit)
    yield row('A 0 %, to the first command, ' + NAMES['https'], theirs, 'ms')
    yield row('A 0 %, to the first APDU, agent with CAT_TP', agent_ms['cat-tp'], 'ms', None, 'agent with HTTPS',
              statistics.median(agent_ms['https']), ('<=', 0.5))
    yield row('A 0 %, to the first APDU, agent with HTTPS', agent_ms['https'], 'ms')


def measure_exchange(results):
    for loss in (0, 15):
        ours, theirs = (times(results, exchange(peer, 'A', loss), 'start', 'response') for peer in ('cat-tp', 'https'))
        name = 'A %d %%, 1 KiB command and response' % loss
        yield row(name, ours, 'ms', None, NAMES['https'], statistics.median(theirs), ('<=', 0.6),
                  limits.exchange_s('A', COMMAND, RESPONSE) * 1000)
        if loss > 0:
            yield row(name + ', p95', ours, 'ms', percentile(ours, 95), NAMES['https'], percentile(theirs, 95),
                      ('<=', 0.6))
        yield row('%s, %s' % (name, NAMES['https']), theirs, 'ms')
    sizes = [[result.octets() for result in done(results, exchange(peer, 'A', 0))] for peer in ('cat-tp', 'https')]
    yield row('A 0 %, 1 KiB command and response, on the wire', sizes[0], 'B', None, NAMES['https'],
              statistics.median(sizes[1]))


def total_goodput(values):
    """Of all runs together, so that slow ones count as long as they last."""
    return statistics.harmonic_mean(values)


def measure_bulk(results):
    ours = goodputs(results, bulk('cat-tp', 'A', 0))
    limit = limits.payload_rate('A', BULK, SDU)
    yield row('A 0 %, 64 KiB goodput', ours, 'kbps', None, 'link payload limit', limit, ('>=', 0.97), limit)
    for link, loss, goals in (('A', 5, (1, 1)), ('A', 15, (1, 1)), ('B', 5, (1.5, 1))):
        ours = goodputs(results, bulk('cat-tp', link, loss))
        name = '%s %d %%, 64 KiB goodput' % (link, loss)
        for what, average in (('median', statistics.median), ('of all runs', total_goodput)):
            limit = limits.goodput(link, loss / 100, BULK, SDU, average)
            for peer, goal in zip(('cubic', 'bbr'), goals):
                theirs = average(goodputs(results, bulk(peer, link, loss)))
                yield row('%s, %s' % (name, what), ours, 'kbps', average(ours), NAMES[peer], theirs, ('>=', goal),
                          limit)
        for peer in ('cubic', 'bbr'):
            yield row('%s, %s' % (name, NAMES[peer]), goodputs(results, bulk(peer, link, loss)), 'kbps')
    for loss in (0, 15):
        ours = goodputs(results, bulk('cat-tp', 'A', loss, SDU_LARGE))
        yield row('A %d %%, 64 KiB goodput in SDUs of 2048' % loss, ours, 'kbps',
                  limit=limits.goodput('A', loss / 100, BULK, SDU_LARGE))


def measure_wire(results):
    for link, loss in (('A', 0), ('A', 5), ('A', 15), ('B', 5)):
        ours, theirs = ([result.octets() / BULK for result in done(results, bulk(peer, link, loss))]
                        for peer in ('cat-tp', 'cubic'))
        made = row('%s %d %%, 64 KiB, wire / payload' % (link, loss), ours, '', goal=('<=', 1.1 / (1 - loss / 100)),
                   limit=limits.wire(link, loss / 100, BULK, SDU))
        made.update(against=NAMES['cubic'], ratio=made['value'] / statistics.median(theirs))
        yield made


def measure_sessions(results):
    for peer, name in (('cat-tp', 'CAT_TP'), ('https', NAMES['https'])):
        case = exchange(peer, 'C', LOSS_OF_C)
        count = len(results[case])
        n_done = sum(result.is_done for result in results[case])
        goal = ('>=', count) if peer == 'cat-tp' else None
        yield row('C 30 %%, of %d sessions completed, %s' % (count, name), [n_done], '', goal=goal)
        ended = [result.time('start', 'response') * 1000 for result in done(results, case)]
        yield row('C 30 %%, time of those that completed, %s' % name, ended, 'ms')


def agent_first_ms(build):
    """Of sessions of the agent itself by transport, in a network namespace; the name is in its cache."""
    module = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cattp_agent.py')
    run = subprocess.run(['unshare', '--net', sys.executable, module, build, LINKS['A']], stdout=subprocess.PIPE,
                         text=True, check=False)
    if run.returncode != 0:
        raise SystemExit('cat-tp: the agent had no session over the link')
    return json.loads(run.stdout)


def can_link(build):
    """Says so where there can't be a link."""
    program = os.path.join(os.path.abspath(build), 'tests/bench/link-pair')
    return subprocess.run([program, 'rtt=0s', 'echo ready; exec cat', 'true'], stdout=subprocess.DEVNULL,
                          check=False).returncode == 0


def measure(build, _root, is_quick=False):
    if not can_link(build):
        print('cat-tp: left out', file=sys.stderr)
        return
    agent_ms = agent_first_ms(build)
    results = run_all(build, plan(is_quick))
    yield from measure_first(results, agent_ms)
    yield from measure_exchange(results)
    yield from measure_bulk(results)
    yield from measure_wire(results)
    yield from measure_sessions(results)

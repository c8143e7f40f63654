# SPDX-License-Identifier: LGPL-2.1-or-later
"""What secured packets in short messages cost the agent. The floor is GnuTLS with the same bytes."""
import os
import statistics
import subprocess

N_RUNS = 9
GOAL_OPEN_US = 50


def measure_open(build):
    """One packet with 1 KiB of data: CC verified and deciphered. Both take turns, so that what else the machine
    does falls upon both."""
    program = os.path.join(build, 'tests', 'bench', 'open-packet')
    output = subprocess.run([program, str(N_RUNS)], check=True, stdout=subprocess.PIPE, text=True).stdout
    runs = [tuple(map(float, line.split())) for line in output.splitlines()]
    if len(runs) != N_RUNS:
        raise SystemExit('%s: %d runs of %d' % (program, len(runs), N_RUNS))
    agent, floor = ([run[i] for run in runs] for i in range(2))
    value = statistics.median(agent)
    yield dict(measure='open-1k', value=value, unit='us', against='GnuTLS alone',
               ratio=value / statistics.median(floor), goal='<= %g' % GOAL_OPEN_US,
               holds=value <= GOAL_OPEN_US, runs=len(agent), min=min(agent), max=max(agent))


def measure(build, _root):
    yield from measure_open(build)

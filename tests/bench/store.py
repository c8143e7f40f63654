# SPDX-License-Identifier: LGPL-2.1-or-later
"""What durable state costs the disk: fsyncs and bytes for each commit, and SQLite doing the same."""
import os
import subprocess
import sys
import tempfile

import rig

N_MESSAGES = 1000
COMMITS_A_MESSAGE = 2
N_RUNS = 3
GOAL_SYNCS = 2
GOAL_BYTES = 8192

# The same as store-commits.c
SQLITE = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1] + '/db', isolation_level=None)
for pragma in ('locking_mode=EXCLUSIVE', 'journal_mode=WAL', 'synchronous=FULL'):
    db.execute('PRAGMA ' + pragma).fetchall()
db.execute('CREATE TABLE record (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID')
write = 'INSERT OR REPLACE INTO record VALUES (?, ?)'
for i in range(int(sys.argv[2])):
    message = 'inbox-0123456789ab-%010d' % i
    db.execute(write, (message, os.urandom(180)))
    db.execute('BEGIN')
    db.execute(write, ('replay-0123456789ab', os.urandom(60)))
    db.execute(write, ('job-0123456789ab-%d' % (i % 8), os.urandom(200)))
    db.execute('DELETE FROM record WHERE name = ?', (message,))
    db.execute('COMMIT')
db.close()
"""


def count(build, argv):
    """fsyncs and bytes for each commit of a program that gets a directory and a number of messages."""
    with tempfile.TemporaryDirectory() as directory, tempfile.NamedTemporaryFile() as file:
        directory = os.path.realpath(directory)
        counts = rig.Counts(build, directory, file.name)
        subprocess.run(argv + [directory, str(N_MESSAGES)], env=dict(os.environ, **counts.environment),
                       check=True)
        totals = counts.read()
    if totals[1] == 0:
        raise SystemExit('%s: nothing was seen to be written' % argv[0])
    return [total / (N_MESSAGES * COMMITS_A_MESSAGE) for total in totals]


def has_sqlite():
    return subprocess.run([sys.executable, '-c', 'import sqlite3'], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def measure(build, root):
    build = os.path.abspath(build)
    commits = os.path.join(build, 'tests', 'bench', 'store-commits')
    runs = [count(build, [commits]) for _ in range(N_RUNS)]
    peer = count(build, [sys.executable, '-c', SQLITE]) if has_sqlite() else [None, None]
    for i, (name, unit, goal) in enumerate((('fsyncs a commit', '', GOAL_SYNCS),
                                            ('written a commit', 'B', GOAL_BYTES))):
        values = sorted(run[i] for run in runs)
        value = values[len(values) // 2]
        yield dict(measure=name, value=value, unit=unit, against='SQLite' if peer[i] else None,
                   ratio=value / peer[i] if peer[i] else None, goal='<= %g' % goal,
                   holds=0 < value <= goal, runs=len(values), min=values[0], max=values[-1])

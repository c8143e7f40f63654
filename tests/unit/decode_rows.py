# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of tests/vectors, what the program says of them, and whether the two agree.

What a row publishes is an Expected, which remembers the members that were read: a member that nobody reads
is a fact that nobody compares, and has to be in IGNORED with the reason.
"""
import json
import os
import re
import subprocess

from decode_reasons import DISAGREE, FAILS, IGNORED

VECTORS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'vectors')


# --- what a row publishes ------------------------------------------------------------------------------

def is_group(node):
    return isinstance(node, dict) or (isinstance(node, list)
                                      and any(isinstance(part, (dict, list)) for part in node))


def get_parts(node, name):
    """The members or elements of a group, each with its full name."""
    if isinstance(node, dict):
        return [(name + '.' + key if name else key, part) for key, part in node.items()]
    return [('%s[%d]' % (name, i), part) for i, part in enumerate(node)]


def get_leaves(node, name):
    if not is_group(node):
        return {name}
    return set().union(*(get_leaves(part, part_name) for part_name, part in get_parts(node, name)))


class Expected:
    """A published object; members are named by their path, with dots."""

    def __init__(self, node, name='', unread=None):
        self.node, self.name = node, name
        self.unread = get_leaves(node, name) if unread is None else unread

    def peek(self, path):
        """The member, which does not count as read; None when it is not there."""
        node = self.node
        for key in path.split('.'):
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def __contains__(self, path):
        return self.peek(path) is not None

    def get(self, path):
        return self._read(self.peek(path), self.name + '.' + path if self.name else path)

    def __getitem__(self, path):
        if path not in self:
            raise KeyError(path)
        return self.get(path)

    def __iter__(self):
        return iter(self.node)

    def _read(self, node, name):
        if isinstance(node, dict):
            return Expected(node, name, self.unread)
        if is_group(node):
            return [self._read(part, part_name) for part_name, part in get_parts(node, name)]
        self.unread.discard(name)
        return node


def refuse_repeated_names(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError('a name is repeated: %s' % names)
    return dict(pairs)


def refuse_constant(name):
    raise ValueError('%s is not JSON' % name)


def read_json(text):
    return json.loads(text, object_pairs_hook=refuse_repeated_names, parse_constant=refuse_constant)


def read_rows(name):
    with open(os.path.join(VECTORS, name + '.tsv'), encoding='utf-8') as file:
        for line in file.read().split('\n')[1:]:
            if line:
                row, _, item, expected, _ = line.split('\t')
                yield row, item, Expected(read_json(expected))


# --- what the program says -----------------------------------------------------------------------------

def run_decode(client, kind, text, options=('--json=short',)):
    return subprocess.run([client, *options, 'decode', kind, '-'], input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding='utf-8', check=False)


def decode(client, kind, items, options=()):
    """The objects that the program prints for @items, in order."""
    result = run_decode(client, kind, '\n'.join(items) + '\n', ('--json=short', *options))
    *lines, rest = result.stdout.split('\n')
    objects = [read_json(line) for line in lines]
    if rest or len(objects) != len(items) or result.returncode != any('error' in o for o in objects):
        raise SystemExit('decode %s: %d items, %d lines, status %d: %s'
                         % (kind, len(items), len(objects), result.returncode, result.stderr))
    return objects


def value(thing):
    """The number of a named value, or what else it is."""
    return thing['value'] if isinstance(thing, dict) and 'value' in thing else thing


def at(actual, path):
    """The value at a path of names and indices, None where there is none."""
    for key in path.split('.'):
        if isinstance(actual, list) and key.isdigit() and int(key) < len(actual):
            actual = actual[int(key)]
        else:
            actual = actual.get(key) if isinstance(actual, dict) else None
    return value(actual)


# --- comparing -----------------------------------------------------------------------------------------

class Report:
    """Counts rows and facts of one file, and prints what does not agree."""

    used_reasons = set()

    def __init__(self, name, file=''):
        self.name, self.file, self.n_rows, self.n_facts, self.bad, self.row = name, file, 0, 0, 0, ''
        print('[ RUN      ]', name)

    def begin(self, row):
        self.row, self.n_rows = row, self.n_rows + 1

    def fail(self, text):
        self.bad += 1
        print('%s: %s: %s' % (self.name, self.row, text))

    def check(self, text, is_true):
        self.n_facts += 1
        if not is_true:
            self.fail(text)

    def same(self, key, actual, expected):
        self.n_facts += 1
        disagrees = actual != expected or isinstance(actual, bool) != isinstance(expected, bool)
        if disagrees and (self.row, key) not in DISAGREE:
            self.fail('%s is %r, not %r' % (key, actual, expected))
        if not disagrees and (self.row, key) in DISAGREE:
            self.fail('%s agrees now: its reason is out of date' % key)
        if disagrees:
            self.used_reasons.add((self.row, key))

    def all_were_read(self, expected):
        for name in sorted(expected.unread):
            path = re.sub(r'\[\d+\]', '', name)
            parts = path.split('.')
            keys = [(place, '.'.join(parts[:size])) for place in (self.row, self.file, '*')
                    for size in range(len(parts), 0, -1)]
            reasons = [key for key in keys if key in IGNORED]
            self.used_reasons.update(reasons[:1])
            if not reasons:
                self.fail('%s is compared with nothing' % name)

    def end(self):
        if self.n_facts == 0:
            self.fail('no fact was compared')
        print('[%s] %s: %d rows, %d facts' % ('  FAILED  ' if self.bad else '       OK ', self.name,
                                              self.n_rows, self.n_facts), flush=True)
        return self.bad == 0


def check_reasons():
    """Reasons that no row needs are out of date."""
    report = Report('decode has no reason that no row needs')
    for table in (DISAGREE, IGNORED, {(row, 'error'): 0 for row in FAILS}):
        for key in table:
            report.check('%s %s: nothing needs this reason' % key, key in Report.used_reasons)
    return report.end()


def compare_table(report, actual, expected, table):
    """Compare members that differ in name alone, or by a simple conversion: (theirs, ours, conversion)."""
    for theirs, ours, convert in table:
        if theirs in expected:
            report.same(ours, at(actual, ours), convert(expected[theirs]))


def compare_row(report, actual, expected, item, compare):
    error = at(actual, 'error.name')
    if report.row in FAILS or error:
        report.same('error', error, FAILS.get(report.row, (None, ''))[0])
        Report.used_reasons.add((report.row, 'error'))
        return
    try:
        compare(report, actual, expected, item)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        report.fail('what is compared is not there: %r' % error)
    report.all_were_read(expected)


def check_file(client, name, kind, compare, options=lambda row, expected: ()):
    """Decode all rows of a file that need the same options at once, and compare each."""
    report = Report('decode %s' % name, name)
    groups = {}
    for row, item, expected in read_rows(name):
        key = (kind(row, item, expected) if callable(kind) else kind, tuple(options(row, expected)))
        groups.setdefault(key, []).append((row, item, expected))
    for (chosen, chosen_options), rows in groups.items():
        got = decode(client, chosen, [item for _, item, _ in rows], chosen_options)
        for (row, item, expected), actual in zip(rows, got):
            report.begin(row)
            compare_row(report, actual, expected, item, compare)
    return report.end()


# --- conversions ---------------------------------------------------------------------------------------

def same(thing):
    return thing


def upper(text):
    return text.upper()


def number(text):
    """A number written in hexadecimal digits."""
    return int(text, 16)


def octets(numbers):
    return ''.join('%02X' % octet for octet in numbers)


def is_true(word):
    return word in (True, 'TRUE', 'true', '1')


def in_table(table):
    """A conversion by the longest of the names in @table that a word ends with."""
    def convert(word):
        return table[max((name for name in table if word.endswith(name)), key=len)]
    return convert

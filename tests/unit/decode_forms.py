# SPDX-License-Identifier: LGPL-2.1-or-later
"""The forms of what goes in and comes out: how items may be written, and what is printed beside short JSON."""
import re
import subprocess

from decode_rows import Expected, Report, at, read_json, read_rows, run_decode

ITEM = '9B0100'
KIND = 'tlv'
STATUS_FAILED = 1
STATUS_WRONG_USAGE = 2

CONTROLS = re.compile('[\x00-\x09\x0b-\x1f\x7f-\x9f]')


def check_input(client, name, text, n_items):
    """However @n_items of ITEM are written, the same object comes out for each."""
    report = Report(name)
    expected = run_decode(client, KIND, ITEM + '\n').stdout
    result = run_decode(client, KIND, text)
    report.row = repr(text)
    report.check('the item is not location status', at(read_json(expected), 'objects.0.location_status') == 0)
    report.same('status', result.returncode, 0)
    report.same('output', result.stdout, expected * n_items)
    return report.end()


def check_status(client, name, arguments, status, words):
    """The exit status, no output, and an error that names what is wrong."""
    report = Report(name)
    result = subprocess.run([client, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding='utf-8', check=False)
    report.row = ' '.join(arguments)
    report.same('status', result.returncode, status)
    report.same('output', result.stdout, '')
    report.check('%r is not in %r' % (words, result.stderr), words in result.stderr)
    return report.end()


def is_refused(text):
    try:
        read_json(text)
    except ValueError:
        return True
    return False


def check_strictness():
    """What this test itself must not pass over."""
    report = Report('decode is read strictly')
    report.check('a repeated name is taken', is_refused('{"a": {"b": 1, "b": 1}}'))
    report.check('NaN is taken', is_refused('{"a": NaN}'))
    report.check('JSON is refused', not is_refused('{"a": {"b": 1}, "b": [null, -1.5e3]}'))
    expected = Expected({'a': {'b': 1, 'c': [1, 2]}, 'd': [{'e': 1}, {'e': 2}]})
    report.same('a.b', expected['a.b'], 1)
    report.same('d', [part['e'] for part in expected['d']][:1], [1])
    report.same('unread', expected.unread, {'a.c'})
    report.same('missing', expected.get('a.x'), None)
    return report.end()


def get_items(files):
    """The items of each file by the kind that they are read as."""
    for name, kind, _ in files:
        rows = list(read_rows(name))
        kinds = {kind(*row) if callable(kind) else kind for row in rows}
        for one in sorted(kinds):
            yield name, one, [item for row, item, expected in rows
                              if (kind(row, item, expected) if callable(kind) else kind) == one]


def read_all_json(text):
    """The objects of a text one after the other; each begins in the first column."""
    return [read_json(part) for part in re.split(r'\n(?=\{)', text) if part.strip()]


def check_pretty(client, files):
    report = Report('decode prints the same in pretty JSON')
    for name, kind, items in get_items(files):
        report.begin(name)
        text = '\n'.join(items) + '\n'
        short = run_decode(client, kind, text)
        pretty = run_decode(client, kind, text, ('--json=pretty',))
        report.same('objects', read_all_json(pretty.stdout), read_all_json(short.stdout))
        report.same('status', pretty.returncode, short.returncode)
        report.check('not laid out', pretty.stdout.count('\n') > short.stdout.count('\n'))
    return report.end()


def check_tree(client, files):
    """One item at a time: items are parted by an empty line, which would hide one within."""
    report = Report('decode prints trees of lines without control characters')
    for name, kind, items in get_items(files):
        for item in items:
            report.begin('%s %s' % (name, item[:60]))
            tree = run_decode(client, kind, item, ('--json=off',)).stdout
            *lines, rest = tree.split('\n')
            report.check('an empty line', all(line.strip() for line in lines))
            report.check('the last line does not end', rest == '')
            report.check('a control character', not CONTROLS.search(tree))
    return report.end()


def check_forms(client, files):
    spaced = ' 9B:01 00 '
    return [
        check_strictness(),
        check_input(client, 'decode reads lines that end in CR LF', (ITEM + '\r\n') * 3, 3),
        check_input(client, 'decode reads a last line without its end', ITEM + '\n' + ITEM, 2),
        check_input(client, 'decode reads items with blanks and colons', spaced + '\n9b:01:00\n9b 01\t00\n', 3),
        check_status(client, 'decode of an unknown kind is wrong usage', ('decode', 'nonsense', ITEM),
                     STATUS_WRONG_USAGE, 'nonsense'),
        check_status(client, 'decode fails without its key file',
                     ('--key-file=/nonexistent', 'decode', 'command-packet', ITEM), STATUS_FAILED,
                     '/nonexistent'),
        check_pretty(client, files),
        check_tree(client, files),
    ]

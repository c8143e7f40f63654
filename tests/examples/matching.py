# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether an output is what a document shows.

"…" stands for anything in a line, and alone on a line for any number of lines. Times and dates are those
of the moment, and blanks between words do not count: columns are as wide as what is in them.
"""
import re

MOMENT = re.compile(r'\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|(?<=\d)[+-]\d\d:\d\d')
NUMBER = re.compile(r'(?<![\w.])\d{1,9}(?![\w.])')


def squeeze(text):
    """Lines with single blanks, without empty ones at either end."""
    return [' '.join(line.split()) for line in text.strip('\n').split('\n')]


def alike(text, do_numbers_differ):
    """A pattern for text without wildcards."""
    pattern = ''
    end = 0
    for found in MOMENT.finditer(text):
        pattern += number_pattern(text[end:found.start()], do_numbers_differ)
        pattern += re.sub(r'\d', r'\\d', re.sub(r'[+-]', '[+-]', found.group()))
        end = found.end()
    return pattern + number_pattern(text[end:], do_numbers_differ)


def number_pattern(text, do_numbers_differ):
    if not do_numbers_differ:
        return re.escape(text)
    return r'\d+'.join(re.escape(part) for part in NUMBER.split(text))


def line_pattern(line, do_numbers_differ):
    return '.*'.join(alike(part, do_numbers_differ) for part in line.split('…'))


def matches(shown, text, do_numbers_differ=False, may_go_on=False):
    pattern = ''.join('(?:.*\n)*?' if line == '…' else line_pattern(line, do_numbers_differ) + '\n'
                      for line in squeeze('\n'.join(shown)))
    actual = '\n'.join(squeeze(text)) + '\n'
    return bool((re.match if may_go_on else re.fullmatch)(pattern, actual))


def shows_failure(shown):
    """A line begins with the name of our program that failed, with FILE:LINE, or with the simulator's "error"."""
    return any(re.match(r'(error|euiccctl:|euicc-agentd:|euicc-sim:|Error:|\S+:\d+:|\S+: Line)(\s|$)', line)
               for line in shown)

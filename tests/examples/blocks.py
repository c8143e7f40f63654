# SPDX-License-Identifier: LGPL-2.1-or-later
"""Literal blocks of Markdown and scdoc, and the commands in them."""
import re
import subprocess

MARK = re.compile(r'^(?:; |<!-- *)example: *(.*?) *(?:-->)?$')
PROMPT = '$ '
KINDS = ('not run', 'no command', 'configuration', 'key file')
WORDS = KINDS + ('before', 'after', 'await', 'meanwhile', 'until shown', 'here', 'needs', 'within',
                 'numbers differ')


class Mistake(Exception):
    """A document that can't be understood, as FILE:LINE: reason."""


class Command:
    """What is typed, and the lines that are shown below it, if any."""

    def __init__(self, line, text):
        self.line = line
        self.text = text
        self.shown = []


class Block:
    """A literal block with the marks in front of it."""

    def __init__(self, path, line, lines, marks):
        self.path = path
        self.line = line
        self.lines = lines
        self.marks = marks
        self.kind = next((word for word, _ in marks if word in KINDS), 'commands')
        self.commands = split_commands(self) if self.kind == 'commands' else []

    def where(self, line=None):
        return '%s:%d' % (self.path, line or self.line)

    def values(self, word):
        return [value for known, value in self.marks if known == word]

    def value(self, word, default=''):
        return (self.values(word) or [default])[0]

    def has(self, word):
        return bool(self.values(word))


def is_incomplete(text):
    """Whether the shell would wait for more lines."""
    if re.search(r'(^|[^\\])(\\\\)*\\$', text):
        return True
    said = subprocess.run(['bash', '-n'], input=text + '\n', capture_output=True, text=True,
                          check=False).stderr
    return bool(re.search('unexpected end of file|unexpected EOF|here-document', said))


def split_commands(block):
    has_prompt = any(line.startswith(PROMPT) for line in block.lines)
    commands = []
    lines = list(enumerate(block.lines, block.line))
    while lines:
        number, line = lines.pop(0)
        if has_prompt and not line.startswith(PROMPT):
            if not commands:
                raise Mistake('%s: output in front of the first command' % block.where(number))
            commands[-1].shown.append(line)
            continue
        text = line[len(PROMPT):] if has_prompt else line
        if not text.strip() or text.lstrip().startswith('#'):
            continue
        while lines and is_incomplete(text):
            text += '\n' + lines.pop(0)[1]
        if '…' in text:
            raise Mistake('%s: a command that is not written out' % block.where(number))
        commands.append(Command(number, text))
    return commands


def read_mark(path, number, text):
    word, _, value = text.partition(':')
    if word not in WORDS:
        raise Mistake('%s:%d: no such mark: %s' % (path, number, word))
    if word in ('not run', 'no command') and not value.strip():
        raise Mistake('%s:%d: %s without a reason' % (path, number, word))
    return word, value.strip()


def literal_lines(path, lines):
    """Yields (number, 'mark' or 'literal' or 'text', line)."""
    is_scdoc = path.endswith('.scd')
    is_fenced = False
    is_indented = False
    was_blank = True
    for number, line in enumerate(lines, 1):
        mark = MARK.match(line)
        if line.startswith('```'):
            is_fenced = not is_fenced
            yield number, 'text', line
        elif is_fenced:
            yield number, 'literal', re.sub(r'\\(.)', r'\1', line) if is_scdoc else line
        elif mark:
            is_indented = False
            yield number, 'mark', mark.group(1)
        elif not is_scdoc and line.startswith('    ') and (was_blank or is_indented):
            is_indented = True
            yield number, 'literal', line[4:]
        elif is_indented and not line:
            yield number, 'literal', line
        else:
            is_indented = False
            yield number, 'text', line
        was_blank = not line


def read_blocks(path):
    with open(path, encoding='utf-8') as file:
        lines = file.read().split('\n')
    blocks = []
    marks = []
    literal = []

    def end():
        while literal and not literal[-1][1]:
            literal.pop()
        if literal:
            blocks.append(Block(path, literal[0][0], [line for _, line in literal], marks[:]))
            marks.clear()
            literal.clear()

    for number, kind, line in literal_lines(path, lines):
        if kind == 'literal':
            literal.append((number, line))
            continue
        end()
        if kind == 'mark':
            marks.append(read_mark(path, number, line))
    end()
    if marks:
        raise Mistake('%s: a mark without a block: %s' % (path, marks[0][0]))
    return blocks

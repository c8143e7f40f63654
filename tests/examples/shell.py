# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shell that a reader has open: what one command leaves behind is there for the next."""
import os
import re
import select
import signal
import subprocess
import time

LOOK_AGAIN_S = 0.05
READY_S = 10


class TimedOut(Exception):
    """A command has not ended in its time."""


class Shell:
    """A bash with job control; each command's output goes to a file of its own."""

    def __init__(self, directory, environment):
        self.directory = directory
        self.environment = environment
        self.count = 0
        self.news, end = os.pipe()
        self.bash = subprocess.Popen(  # pylint: disable=consider-using-with
            ['bash', '--norc'], stdin=subprocess.PIPE, pass_fds=(end,), env=environment,
            cwd=environment['HOME'], stderr=subprocess.DEVNULL, start_new_session=True, text=True)
        os.close(end)
        self.rest = ''
        self.say('set -m; . "$EXAMPLES_FUNCTIONS"; exec {news}>&%d %d>&-' % (end, end))

    def output_path(self):
        return os.path.join(self.directory, 'output-%d' % self.count)

    def output(self):
        with open(self.output_path(), encoding='utf-8', errors='replace') as file:
            return file.read()

    def await_word(self, deadline, look=None):
        """The next line of news from bash; None when look() said that this is enough."""
        while '\n' not in self.rest:
            if time.monotonic() > deadline:
                raise TimedOut
            if select.select([self.news], [], [], LOOK_AGAIN_S)[0]:
                piece = os.read(self.news, 4096).decode()
                if not piece:
                    raise TimedOut
                self.rest += piece
            elif look is not None and look():
                return None
        word, _, self.rest = self.rest.partition('\n')
        return word

    def say(self, line):
        self.bash.stdin.write(line + '\n')
        self.bash.stdin.flush()

    def send(self, text, how):
        """How the file with the text is run and what is told then, where RUN stands for the former."""
        self.count += 1
        path = os.path.join(self.directory, 'command-%d' % self.count)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text + '\n')
        with open(self.output_path(), 'w', encoding='utf-8'):
            pass
        self.say(how.replace('RUN', '. "%s" </dev/null >"%s" 2>&1 {news}>&-' % (path, self.output_path())))

    def run(self, text, seconds):
        """Runs it to its end; (exit status, output)."""
        deadline = time.monotonic() + seconds
        self.send(text, 'RUN; echo $? >&$news')
        status = int(self.await_word(deadline))
        if re.search(r'euicc-sim\s+--dir\b', text) and re.search(r'&\s*(#.*)?$', text):
            self.await_ready()
        return status, self.output()

    def run_until(self, text, seconds, is_shown, meanwhile):
        """Runs it until its output is as shown, while somebody else does something."""
        deadline = time.monotonic() + seconds
        self.send(text, '( RUN ) & echo $! >&$news; wait $!; echo $? >&$news')
        group = int(self.await_word(deadline))
        others = []

        def look():
            said = self.output()
            if meanwhile and said and not others:
                others.append(subprocess.Popen(  # pylint: disable=consider-using-with
                    ['bash', '-c', '. "$EXAMPLES_FUNCTIONS"\n' + meanwhile], env=self.environment,
                    stdout=subprocess.DEVNULL))
            return is_shown(said)

        try:
            if self.await_word(deadline, look) is None:
                os.killpg(group, signal.SIGINT)
                self.await_word(deadline)
        except TimedOut:
            os.killpg(group, signal.SIGKILL)
            self.await_word(deadline + READY_S)
        for other in others:
            other.wait(timeout=seconds)
        return 0, self.output()

    def await_ready(self):
        deadline = time.monotonic() + READY_S
        while 'ready' not in self.output():
            if time.monotonic() > deadline:
                raise TimedOut
            select.select([], [], [], LOOK_AGAIN_S)

    def close(self):
        self.bash.kill()
        self.bash.stdin.close()
        self.bash.wait()
        os.close(self.news)

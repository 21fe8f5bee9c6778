# SPDX-License-Identifier: GPL-2.0
"""A shell on a pseudo-terminal, driven by a script."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

PROMPT = "\x02brkwatch\x03"
# The limit is generous, because a guest without KVM on a busy machine is slow.
DEADLINE = 60


class Timeout(Exception):
    """The expected text did not come; the exception holds the text that came instead."""


class Terminal:
    """One interactive bash without line editing: its input comes back
    as the terminal's echo, then the command's output, then the prompt."""

    def __init__(self, folder, deadline=DEADLINE):
        self.deadline = deadline
        self.unread = ""
        self.bytes = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # Python ignores some signals, and a background job may have inherited other ignored ones.
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            os.chdir(folder)
            # No other variable is passed on: kselftest's runner preloads libstdbuf, for example.
            env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            env.update(PS1=PROMPT, PS2="", TERM="dumb", LC_ALL="C.UTF-8")
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], env)
        # The terminal is wide, so that no program folds its lines.
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))
        self.read_until(lambda text: text.endswith(PROMPT))

    def read_until(self, is_enough):
        """Return the text as soon as is_enough(text) holds."""
        end = time.monotonic() + self.deadline
        while not is_enough(self.unread):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                self._raise(f"nothing more came in {self.deadline} seconds")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                self._raise("the terminal was closed")
            self._take(data)
        text, self.unread = self.unread, ""
        return text

    def _take(self, data):
        """A character may arrive in two pieces."""
        self.bytes += data
        try:
            text, self.bytes = self.bytes.decode(), b""
        except UnicodeDecodeError as error:
            if len(self.bytes) - error.start < 4:
                text = self.bytes[:error.start].decode()
                self.bytes = self.bytes[error.start:]
            else:
                text, self.bytes = self.bytes.decode(errors="replace"), b""
        self.unread += text.replace("\r\n", "\n")

    def _raise(self, why):
        text, self.unread = self.unread, ""
        raise Timeout(f"{why}; last: {text[-2000:].replace(PROMPT, '')!r}")

    def send(self, text):
        os.write(self.fd, text.encode())

    def start(self, command):
        """Start a command; its echo is not its output."""
        self.send(command + "\n")
        echoes = command.count("\n") + 1
        text = self.read_until(lambda text: text.count("\n") >= echoes)
        self.unread = text.split("\n", echoes)[echoes]

    def finish(self):
        """Return the output of the running command up to its end."""
        text = self.read_until(lambda text: text.endswith(PROMPT))
        return text[:-len(PROMPT)]

    def run(self, command):
        self.start(command)
        return self.finish()

    def status(self):
        """Exit status of the last command, which stays unchanged."""
        return int(self.run("( exit $? ); echo $?").split()[-1])

    def close(self):
        """Ends the running programs: the shell's children get a SIGHUP."""
        os.close(self.fd)
        os.kill(self.pid, signal.SIGHUP)
        os.waitpid(self.pid, 0)

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run the commands that documents show and compare their outputs.

    doctest.py [--with FOLDER] [--name NAME] [--show] FILE.rst...

In each document the literal blocks with lines "$ COMMAND" show what a user
types and sees. Every document gets an empty folder, or a copy of FOLDER, and
shells on pseudo-terminals of their own. The result is TAP, one line a
command. With --show the documents are played to a reader instead: title,
first paragraph, commands with their real outputs (without --normalize), and
the paragraph after each block. A difference from the document fails there
too, but the addresses do not count then.

In a literal block:

    $ COMMAND    typed at the shell; "\\" at a line's end continues it in a
                 line that begins with "> "
    <Enter>      at the end of a line: the reader presses the key there
    ^C           at the start of a line: the reader presses these keys there,
                 which the terminal echoes
    ...          in a line: anything in its place; alone on a line: any lines.
                 Used for what the release's C library decides, and process ids

An rst comment before a block says more about it:

    .. terminal: 2       the block is seen on the second terminal; without a
                         "$" in its first line it continues where that
                         terminal's command waited
    .. doctest: skip     the block does not run
    .. needs: FILE       the block runs if that file exists

Tabs and blanks at a line's end do not count.

An address in a document comes from some run, so the test compares distances:
addresses that are near each other there must be as near here.
"""

import argparse
import os
import pathlib
import re
import shutil
import sys
import tempfile
import textwrap

from terminal import PROMPT, Terminal, Timeout

# User addresses of x86-64, as programs and /proc/PID/maps write them.
ADDRESS = re.compile(r"(?<![0-9a-f])(0x)?([57][0-9a-f]{11})(?![0-9a-f])")
# Random layout moves places in a process by more than this, or together.
NEAR = 1 << 24
PAGE = 4096
# Places that brkwatch writes instead of addresses under --normalize, and its time.
PLACE = r"(?:heap|<(?:map|addr)\d+>|(?:0x)?[57][0-9a-f]{11})(?:[+-]0x[0-9a-f]+)?"
SOME_PLACE = re.compile(PLACE)
TIME = re.compile(r"^ *\d+\.\d{6} (?=[a-z_]+\(|\+\+\+|---)")
# On a wide terminal brkwatch aligns the meanings of calls.
ALIGNED = re.compile(r" {2,}(?=# )")
WILD = "..."
SHAPE = re.compile(f"({re.escape(WILD)}|{PLACE})")


UNDERLINE = re.compile(r"([=\-~^\"'*+#])\1+")
KEY = re.compile(r"<Enter>(?=\n|$)|^(?=\^[A-Z])", re.MULTILINE)


class Step:
    """One command and its output; no command if the step continues another one."""

    def __init__(self, command=None):
        self.command = command
        self.expected = []
        # Whether the document leaves it running, and with an unfinished line.
        self.waits = self.prompts = False

    def add(self, line):
        if self.command and self.command.endswith("\\") and line.startswith("> "):
            self.command += "\n" + line[2:]
        else:
            self.expected.append(line)

    def segments(self):
        """The expected lines up to each key press, and the keys."""
        text = "\n".join(self.expected)
        keys = ["\n" if match[0] else chr(ord(text[match.end() + 1]) & 0x1f)
                for match in KEY.finditer(text)]
        return KEY.split(text), keys


class Block:
    """A literal block: its steps, and the paragraph after it."""

    def __init__(self, lines, terminal):
        self.terminal = terminal
        self.after = None
        self.steps = []
        for line in lines:
            if line.startswith("$ "):
                self.steps.append(Step(line[2:]))
                continue
            if not self.steps:
                self.steps.append(Step())
            self.steps[-1].add(line)


class Document:
    """What an rst file asks its reader to do."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.title = self.intro = ""
        self.blocks = []
        self._read(self.path.read_text(encoding="utf-8").expandtabs().splitlines())
        self._find_waiting()

    def _read(self, lines):
        notes, literal = {}, False
        while lines:
            indented = lines[0].startswith(" ")
            if not lines[0].strip():
                del lines[0]
            elif indented and literal:
                self._literal(take(lines, lambda line: not line or line[0] == " "), notes)
                notes, literal = {}, False
            else:
                paragraph = take(lines, lambda line: line.strip() and
                                 line.startswith(" ") == indented)
                literal = not indented and self._paragraph(paragraph, notes)

    def _literal(self, lines, notes):
        text = textwrap.dedent("\n".join(lines)).strip("\n")
        lines = [line.rstrip() for line in text.split("\n")]
        needed = notes.get("needs", "/")
        if "doctest" not in notes and os.path.exists(needed) and ("terminal" in notes or lines[0].startswith("$ ")):
            self.blocks.append(Block(lines, int(notes.get("terminal", 1))))

    def _paragraph(self, lines, notes):
        """Whether a literal block comes next."""
        text = " ".join(lines)
        note = re.fullmatch(r"\.\. (terminal|doctest|needs): ([\w/]+)", text)
        if note:
            notes[note[1]] = note[2]
        elif len(lines) > 1 and UNDERLINE.fullmatch(lines[-1]):
            self.title = self.title or lines[-2]
            self._prose("")
        elif not text.startswith(".. "):
            self._prose(re.sub(r"^::$", "", text).replace("::", ":"))
        return text.endswith("::") and not text.startswith(".. ")

    def _prose(self, text):
        """Only the first paragraph after a title or a block is kept."""
        if self.title and not self.intro:
            self.intro = text.strip()
        elif self.blocks and self.blocks[-1].after is None:
            self.blocks[-1].after = text

    def _find_waiting(self):
        """A step goes on in its terminal's next block if that has no command."""
        last = {}
        for block in self.blocks:
            first, before = block.steps[0], last.get(block.terminal)
            if first.command is None:
                if not before:
                    raise SystemExit(f"{self.path}: nothing to continue: {first.expected}")
                before.waits = True
                before.prompts = first.segments()[0][0].rstrip() == before.expected[-1]
            last[block.terminal] = block.steps[-1]

    def steps(self):
        return [(block, step) for block in self.blocks for step in block.steps]


def take(lines, wanted):
    """Remove and return the wanted lines at the front."""
    n = 0
    while n < len(lines) and wanted(lines[n]):
        n += 1
    taken, lines[:n] = lines[:n], []
    return taken


class Places:
    """The document's addresses moved to this run; addresses that are near each other move together."""

    def __init__(self):
        self.known = []

    def fit(self, there, here):
        for known, moved in self.known:
            if abs(known - there) < NEAR:
                return here - there == moved
        if (here - there) % PAGE:
            return False
        self.known.append((there, here - there))
        return True


def fits_line(expected, actual, places):
    """Whether a line is the expected one, except for the common move of its addresses."""
    parts = [ADDRESS.split(part) for part in expected.split(WILD)]
    pattern = ".*".join(
        "".join(re.escape(piece or "") if i % 3 == 0 else
                (piece or "") if i % 3 == 1 else "([57][0-9a-f]{11})"
                for i, piece in enumerate(part)) for part in parts)
    match = re.fullmatch(pattern, actual)
    if not match:
        return False
    there = [int(a, 16) for part in parts for a in part[2::3]]
    return all(places.fit(t, int(h, 16)) for t, h in zip(there, match.groups()))


def fits_shape(expected, actual):
    """Whether a line is the expected one, except for addresses, times and the column of the meaning."""
    pattern = "".join(".*" if piece == WILD else PLACE if SOME_PLACE.fullmatch(piece) else
                      re.escape(piece) for piece in SHAPE.split(expected))
    return bool(re.fullmatch(pattern, ALIGNED.sub("  ", TIME.sub("", actual))))


def first_misfit(expected, actual, fits):
    """None, or the difference between the lines."""
    at = 0
    for i, line in enumerate(expected):
        if line == WILD:
            rest = expected[i + 1:]
            for skipped in range(at, len(actual) + 1):
                if first_misfit(rest, actual[skipped:], fits) is None:
                    return None
            return f"no lines after {WILD!r} fit: {rest!r}"
        if at >= len(actual):
            return f"missing: {line!r}"
        if not fits(line, actual[at]):
            return f"expected {line!r}\ngot      {actual[at]!r}"
        at += 1
    if at < len(actual):
        return f"more came: {actual[at]!r}"
    return None


def echo_first(key, text):
    """Put a key's echo where a reader sees it nearly always.

    The kernel sends the signal of Ctrl-C before it echoes the key, so on a busy machine the first
    output that the signal causes can come before the echo.
    """
    if key in ("", "\n"):
        return text
    echo = "^" + chr(ord(key) | 0x40)
    return echo + text.replace(echo, "", 1) if echo in text else text


def lines_of(text):
    """Lines without tabs and trailing blanks."""
    return [line.expandtabs().rstrip() for line in text.split("\n")]


class Player:
    """Plays a document on terminals and judges their output."""

    def __init__(self, folder, show):
        self.folder = folder
        self.show = show
        self.terminals = {}
        self.places = {}

    def close(self):
        for terminal in self.terminals.values():
            terminal.close()

    def play(self, step, number):
        """Do one step; return None or what was wrong."""
        if number not in self.terminals:
            self.terminals[number] = Terminal(self.folder)
        terminal = self.terminals[number]
        if step.command is not None:
            command = step.command.replace(" --normalize", "") if self.show else step.command
            self._say("$ " + command.replace("\n", "\n> ") + "\n")
            self.places[number] = Places()
            terminal.start(command)
        return self._judge(step, number, self._listen(step, terminal))

    def _listen(self, step, terminal):
        """Press the keys where the document does; return all output."""
        segments, keys = step.segments()
        text, pressed = "", ""
        for segment, key in zip(segments, keys):
            text += echo_first(pressed, self._wait(terminal, segment))
            if terminal.unread:
                return text + "(ended before a key was pressed)"
            # A terminal echoes Ctrl-C itself.
            self._say("<Enter>" if key == "\n" else "")
            terminal.send(key)
            pressed = key
        if not step.waits:
            text += echo_first(pressed, self._said(terminal.finish()))
        else:
            text += echo_first(pressed, self._wait(terminal, segments[-1] + ("" if step.prompts else "\n")))
            if terminal.unread:
                text += "(ended although the document goes on)"
            elif step.prompts:
                terminal.unread = text[text.rfind("\n") + 1:]
        return text

    def _wait(self, terminal, segment):
        """Read until the end of a segment has come, or the prompt is back."""
        expected = lines_of(segment)

        def is_enough(text):
            got = lines_of(text)
            return text.endswith(PROMPT) or (WILD in expected or len(got) >= len(expected)) and \
                fits_shape(expected[-1], got[-1])

        text = terminal.read_until(is_enough) if segment else ""
        if text.endswith(PROMPT):
            terminal.unread = PROMPT
            text = text[:-len(PROMPT)]
        return self._said(text)

    def _said(self, text):
        self._say(text)
        return text

    def _say(self, text):
        if self.show:
            print(text, end="", flush=True)

    def _judge(self, step, number, text):
        expected = KEY.sub("", "\n".join(step.expected))
        actual = lines_of(text)
        if not actual[-1]:
            actual.pop()
        if self.show:
            return first_misfit(lines_of(expected) if expected else [], actual, fits_shape)
        return first_misfit(lines_of(expected) if expected else [], actual,
                            lambda e, a: fits_line(e, a, self.places[number]))


class Scratch:
    """A folder to play in: empty, or a copy of another."""

    def __init__(self, model):
        self.path = tempfile.mkdtemp(prefix="doctest-")
        if model:
            shutil.copytree(model, self.path, dirs_exist_ok=True)
            os.chmod(self.path, 0o755)

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)


def attempt(player, step, number):
    try:
        return player.play(step, number)
    except Timeout as error:
        # Later commands would wait for this one forever.
        player.terminals.pop(number).close()
        return str(error)


def test(documents, model, name):
    """TAP on stdout; whether all went well."""
    count, failed = 0, 0
    print("TAP version 13")
    print(f"1..{sum(len(document.steps()) for document in documents)}", flush=True)
    for document in documents:
        scratch = Scratch(model)
        player = Player(scratch.path, False)
        for block, step in document.steps():
            wrong = attempt(player, step, block.terminal)
            count += 1
            failed += wrong is not None
            command = (step.command or "(continued)").replace("#", "\\#").replace("\n", " ")
            for line in (wrong or "").splitlines():
                print("#", line)
            print(f"{'not ok' if wrong else 'ok'} {count} {name}: "
                  f"{document.path.stem}: {command}", flush=True)
        player.close()
        scratch.close()
    print(f"# Totals: pass:{count - failed} fail:{failed} xfail:0 xpass:0 skip:0 error:0")
    return not failed


def prose(text, indent=""):
    text = re.sub(r"``(.*?)``|`(.*?)`_*", lambda m: m[1] or m[2], text)
    print(textwrap.fill(text, 78, initial_indent=indent, subsequent_indent=indent), flush=True)


def play_to_reader(documents, model):
    """The documents on stdout; whether all went well."""
    for document in documents:
        scratch = Scratch(model)
        player = Player(scratch.path, True)
        print(f"\n{document.title}\n{'=' * len(document.title)}\n")
        prose(document.intro)
        many = len({block.terminal for block in document.blocks}) > 1
        for block in document.blocks:
            print(f"\n[terminal {block.terminal}]" if many else "")
            for step in block.steps:
                wrong = attempt(player, step, block.terminal)
                if wrong:
                    print(f"\n{document.path.name}: not what the document says: {wrong}",
                          file=sys.stderr)
                    return False
            if block.steps[-1].prompts:
                print()
            if block.after:
                print()
                prose(block.after, "    ")
        player.close()
        scratch.close()
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--with", dest="model", metavar="FOLDER",
                        help="play in a copy of FOLDER instead of an empty one")
    parser.add_argument("--name", default="doc", help="what test names begin with")
    parser.add_argument("--show", action="store_true", help="play to a reader")
    parser.add_argument("files", nargs="+", metavar="FILE.rst")
    args = parser.parse_args()
    documents = [Document(path) for path in args.files]
    if args.show:
        return not play_to_reader(documents, args.model)
    return not test(documents, args.model, args.name)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of doctest.py itself: what it must accept and what it must not."""

import contextlib
import io
import pathlib
import re
import sys
import tempfile

import doctest

HEAD = "Title\n=====\n\nA question?\n\nRun::\n\n"

# name, whether it must pass, document, and what --show prints of it (or None)
CASES = [
    ("equal output", True, "    $ echo one; echo two\n    one\n    two\n", "$ echo one; echo two"),
    ("another output", False, "    $ echo one\n    two\n", None),
    ("a line too few", False, "    $ echo one; echo two\n    one\n", None),
    ("a line too many", False, "    $ echo one\n    one\n    two\n", None),
    ("no output", True, "    $ true\n", "$ true"),
    ("output where none is", False, "    $ echo one\n", None),
    ("... in a line", True, "    $ echo pid 17 ends\n    pid ... ends\n", None),
    ("... does not cover the rest", False, "    $ echo pid 17 ends\n    pid ... begins\n", None),
    ("... for lines", True, "    $ seq 9\n    1\n    ...\n    9\n", None),
    ("... for lines, wrong end", False, "    $ seq 9\n    1\n    ...\n    8\n", None),
    ("addresses that moved together", True,
     "    $ echo 0x7f0000001000 7f0000003000-\n    0x7e1111111000 7e1111113000-\n", None),
    ("another distance", False,
     "    $ echo 0x7f0000001000 7f0000003000-\n    0x7e1111111000 7e1111114000-\n", None),
    ("another place in the page", False, "    $ echo 0x7f0000001010\n    0x7e1111111000\n", None),
    ("far addresses move alone", True,
     "    $ echo 0x550000001000 0x7f0000001000\n    0x560000000000 0x7e1111111000\n", None),
    ("a missing 0x", False, "    $ echo 0x7f0000001000\n    7f0000001000\n", None),
    ("a command in two lines", True, "    $ echo one \\\n    > two\n    one two\n", None),
    ("a key press", True,
     "    $ read -p 'Enter: '; echo done\n    Enter: <Enter>\n    done\n", "Enter: <Enter>"),
    ("a key press that nobody waits for", False, "    $ echo one\n    Enter: <Enter>\n", None),
    ("Ctrl-C", True, "    $ sh -c 'echo on; exec sleep 60'\n    on\n    ^C\n", None),
    ("Ctrl-C that is echoed late", True,
     "    $ sh -c 'stty -echo; trap \"echo; printf ^C; stty echo; exit\" INT; echo on; while :; do :; done'\n"
     "    on\n    ^C\n", None),
    ("state is kept", True, "    $ a=1\n\nThen::\n\n    $ echo $a\n    1\n", "Then:"),
    ("not to be run", True, None, None),
    ("needs what is not there", True,
     "    $ true\n\nMore:\n\n.. needs: /nowhere\n\n::\n\n    $ echo\n    never\n", None),
    ("needs what is there", False,
     "    $ true\n\nMore:\n\n.. needs: /dev/null\n\n::\n\n    $ echo\n    never\n", None),
    ("a text that is no command", True, "    int main(void);\n", None),
    ("two terminals", True,
     "    $ read -p 'Enter: '; cat f\n    Enter:\n\nThere:\n\n"
     ".. terminal: 2\n\n::\n\n    $ echo here >f\n\nBack:\n\n"
     ".. terminal: 1\n\n::\n\n    Enter: <Enter>\n    here\n", "[terminal 2]"),
    ("a program that ends too early", False,
     "    $ echo Enter:\n    Enter:\n\nBack:\n\n.. terminal: 1\n\n::\n\n    Enter: <Enter>\n", None),
    ("brkwatch's places", True, "    $ echo 'brk(NULL) = heap+0x21000'\n"
     "    brk(NULL) = heap+0x21000\n", None),
]
SHOWN = "    $ echo '   0.000123 brk(0x550000021000) = 0x550000021000  # heap 1'\n"
SKIPPED = HEAD.replace("Run::", ".. doctest: skip\n\n::") + "    $ false\n    never\n"


def run(function, text):
    """(result, what was printed)"""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "doc.rst")
        path.write_text(text, encoding="utf-8")
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            good = function([doctest.Document(path)])
        return good, out.getvalue()


def tested(text):
    return run(lambda documents: doctest.test(documents, None, "doc"), text)


def shown(text):
    return run(lambda documents: doctest.play_to_reader(documents, None), text)


def case_holds(passes, body, shows):
    text = SKIPPED if body is None else HEAD + body
    good, out = tested(text)
    commands = len(re.findall(r"(?m)^(?:not )?ok ", out))
    if good != passes or f"1..{commands}\n" not in out:
        return out
    good, out = shown(text)
    if good != passes or (shows and shows not in out):
        return out
    return None


def show_compares_shape():
    """Real addresses and times match normalized ones; figures must be equal."""
    body = HEAD + SHOWN + "    brk(heap+0x21000) = heap+0x21000  # heap {}\n"
    for figure, passes in (("1", True), ("2", False)):
        good, out = shown(body.format(figure))
        if good != passes:
            return out
    return None


def main():
    # When only the shape counts, distances are not compared.
    shape_only = {"another distance", "another place in the page", "a missing 0x"}
    print(f"TAP version 13\n1..{len(CASES) + 1}", flush=True)
    failed = 0
    results = [(name, case_holds(passes, body, shows) if name not in shape_only else
                tested(HEAD + body)[1] if tested(HEAD + body)[0] else None)
               for name, passes, body, shows in CASES]
    results.append(("--show compares all but addresses", show_compares_shape()))
    for count, (name, wrong) in enumerate(results, 1):
        failed += wrong is not None
        for line in (wrong or "").splitlines():
            print("#", line)
        print(f"{'ok' if wrong is None else 'not ok'} {count} doctest: {name}", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

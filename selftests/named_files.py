#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Whether standard input lists each file that a document or a comment names.

A document names a file between double backquotes or in a link, a comment anywhere; both may
give only the end of its path.
"""

import re
import sys

NAME = r"[A-Za-z0-9_][A-Za-z0-9_./-]*\.(?:c|h|js|py|rst|sh|yaml|config)"
IN_DOCUMENT = re.compile(rf"(?:``|<)({NAME})(?:``|>`)")
IN_COMMENT = re.compile(rf"(?<![\w./<-])({NAME})\b(?!>)")
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def named_in(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".rst"):
        return set(IN_DOCUMENT.findall(text))
    return {name for comment in COMMENT.findall(text) for name in IN_COMMENT.findall(comment)}


def main():
    paths = sys.stdin.read().split()
    ends = {path[at:] for path in paths for at in (0, *(i + 1 for i, c in enumerate(path) if c == "/"))}
    wrong = [f"{path} names {name}" for path in paths if path.endswith((".rst", ".c", ".h"))
             for name in sorted(named_in(path) - ends)]
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()

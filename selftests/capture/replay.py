# SPDX-License-Identifier: GPL-2.0
"""Reading a capture with the tool that is tested."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BRKWATCH = os.path.abspath(sys.argv[-1])


def contents(name):
    with open(name, "rb") as file:
        return file.read()


def read(path, *options):
    """Status, lines of output and messages."""
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run([BRKWATCH, "--read", path, *options, "-o", out.name], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        return done.returncode, contents(out.name).decode().splitlines(), done.stderr.splitlines()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that stays in execve() for as long as it likes, without any privilege.

	stuck.py FOLDER

In namespaces of its own, the program mounts a FUSE file system on FOLDER, and the server never
answers a read. A child has such a read under way (AIO, O_DIRECT) and executes a program, so that
the kernel cannot free its old memory map before the read ends. The program prints the child's PID
and ends with its input.
"""

import ctypes
import os
import struct
import sys

from fuse import MAP_ANONYMOUS, MAP_PRIVATE, PAGE, PROT_READ, PROT_WRITE, Server, map_page
from namespace import be_nobody, libc, need

SYS_IO_SETUP, SYS_IO_SUBMIT = 206, 209
IOCB_CMD_PREAD = 0


def stay_in_exec(folder):
    file = os.open(f"{folder}/0", os.O_RDONLY | os.O_DIRECT)
    page = map_page(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
    context = ctypes.c_ulong(0)
    need(libc.syscall(SYS_IO_SETUP, 8, ctypes.byref(context)), "io_setup")
    block = ctypes.create_string_buffer(
        struct.pack("<QIIHhIQQqQII", 0, 0, 0, IOCB_CMD_PREAD, 0, file, page, PAGE, 0, 0, 0, 0))
    blocks = (ctypes.c_void_p * 1)(ctypes.addressof(block))
    need(libc.syscall(SYS_IO_SUBMIT, context, 1, blocks), "io_submit")
    # When its server is gone the child goes on. It must end then: it has the test's own stderr.
    os.execv("/bin/true", ["true"])


def main():
    folder = sys.argv[1]
    be_nobody()
    server = Server(folder, lambda file, request: None)
    child = os.fork()
    if not child:
        os.close(server.fuse)
        stay_in_exec(folder)
    print(child, flush=True)
    sys.stdin.read()
    os._exit(0)


main()

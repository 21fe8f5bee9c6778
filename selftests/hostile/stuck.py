#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A process that stays in execve() for as long as it likes, without any privilege.

	stuck.py FOLDER

In namespaces of its own it mounts a FUSE file system on FOLDER whose server never answers a
read. Its child has such a read under way (AIO, O_DIRECT) and executes a program: its old
memory map cannot go before the read ends. It says the child's PID, and ends with its input.
"""

import ctypes
import os
import struct
import sys
import threading

NOBODY = 65534
PR_SET_DUMPABLE = 4
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
SYS_IO_SETUP, SYS_IO_SUBMIT = 206, 209
PAGE = 4096
PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS = 3, 0x22
IOCB_CMD_PREAD = 0

LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, INTERRUPT = 1, 2, 3, 14, 15, 18, 25, 26, 36
ENOSYS = 38
ROOT, FILE = 1, 2
FILE_BYTES = 1 << 20
FOR_EVER = 1 << 30
ASYNC_READ, ASYNC_DIO = 1 << 0, 1 << 15

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


def need(result, what):
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return result


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def attributes(node):
    mode, size = (0o40755, 0) if node == ROOT else (0o100644, FILE_BYTES)
    return struct.pack("<6Q10I", node, size, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, PAGE, 0)


def answer(op, node):
    """What the server says; None is nothing."""
    if op == INIT:
        flags = ASYNC_READ | ASYNC_DIO
        return struct.pack("<IIIIHHIIHHI7I", 7, 31, 0, flags, 0, 0, 1 << 16, 1, 0, 0, 0, *[0] * 7)
    if op == LOOKUP:
        return struct.pack("<QQQQII", FILE, 0, FOR_EVER, FOR_EVER, 0, 0) + attributes(FILE)
    if op == GETATTR:
        return struct.pack("<QII", FOR_EVER, 0, 0) + attributes(node)
    if op == OPEN:
        return struct.pack("<QII", 1, 0, 0)
    return b"" if op in (RELEASE, FLUSH) else None


def serve(fuse):
    while True:
        request = os.read(fuse, 1 << 20)
        _, op, number, node = struct.unpack_from("<IIQQ", request)
        if op in (READ, FORGET, INTERRUPT):
            continue
        said = answer(op, node)
        error = -ENOSYS if said is None else 0
        said = said or b""
        os.write(fuse, struct.pack("<IiQ", 16 + len(said), error, number) + said)


def mount(folder):
    """As nobody, who is root in a user namespace of his own."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    # Else /proc/self belongs to root, since we were.
    need(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl")
    need(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"0 {NOBODY} 1")
    write("/proc/self/gid_map", f"0 {NOBODY} 1")
    fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0".encode()
    need(libc.mount(b"stuck", folder.encode(), b"fuse", 6, options), "mount")
    return fuse


def stay_in_exec(folder):
    file = os.open(f"{folder}/file", os.O_RDONLY | os.O_DIRECT)
    page = libc.mmap(None, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0)
    context = ctypes.c_ulong(0)
    need(libc.syscall(SYS_IO_SETUP, 8, ctypes.byref(context)), "io_setup")
    block = ctypes.create_string_buffer(
        struct.pack("<QIIHhIQQqQII", 0, 0, 0, IOCB_CMD_PREAD, 0, file, page, PAGE, 0, 0, 0, 0))
    blocks = (ctypes.c_void_p * 1)(ctypes.addressof(block))
    need(libc.syscall(SYS_IO_SUBMIT, context, 1, blocks), "io_submit")
    # When its server is gone it goes on, and is to end then: it has the test's own stderr.
    os.execv("/bin/true", ["true"])


def main():
    folder = sys.argv[1]
    fuse = mount(folder)
    threading.Thread(target=serve, args=(fuse,), daemon=True).start()
    child = os.fork()
    if not child:
        os.close(fuse)
        stay_in_exec(folder)
    print(child, flush=True)
    sys.stdin.read()
    os._exit(0)


main()

# SPDX-License-Identifier: GPL-2.0
"""A FUSE file system whose server answers reads as it likes."""

import ctypes
import errno
import os
import struct
import threading

from namespace import libc, need

PAGE = 4096
PROT_READ, PROT_WRITE = 1, 2
MAP_PRIVATE, MAP_ANONYMOUS = 2, 0x20

LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, INTERRUPT = 1, 2, 3, 14, 15, 18, 25, 26, 36
ROOT, FILES = 1, 2
FILE_BYTES = 1 << 20
FOR_EVER = 1 << 30
# The number of requests that may be under way before the kernel waits.
MANY = 50000
ASYNC_READ, ASYNC_DIO = 1 << 0, 1 << 15
HEADER, BODY = struct.Struct("<IIQQIII"), 40

libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


def map_page(protection, flags, file=-1):
    return libc.mmap(None, PAGE, protection, flags, file, 0)


class Server:
    """A server with numbers as names of its files.

    read(file, request) answers a read: it returns bytes, an errno, or None for no answer yet;
    say(request, ...) answers later. pid is the process that asks.
    """

    # Of each file.
    mode, size = 0o100644, FILE_BYTES

    def __init__(self, folder, read, more=""):
        self.fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        self.read = read
        self.pid = 0
        options = f"fd={self.fuse},rootmode=40000,user_id=0,group_id=0{more}".encode()
        need(libc.mount(b"test", folder.encode(), b"fuse", 6, options), "mount")
        threading.Thread(target=self.serve, daemon=True).start()

    def attributes(self, node):
        mode, size = (0o40755, 0) if node == ROOT else (self.mode, self.size)
        return struct.pack("<6Q10I", node, size, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, PAGE, 0)

    def answer(self, op, node, request, body):
        if op == INIT:
            flags = ASYNC_READ | ASYNC_DIO
            return struct.pack("<IIIIHHIIHHI7I", 7, 31, 0, flags, MANY, MANY, 1 << 16, 1, 0, 0, 0, *[0] * 7)
        if op == LOOKUP:
            node = FILES + int(body.rstrip(b"\0"))
            return struct.pack("<QQQQII", node, 0, FOR_EVER, FOR_EVER, 0, 0) + self.attributes(node)
        if op == GETATTR:
            return struct.pack("<QII", FOR_EVER, 0, 0) + self.attributes(node)
        if op == OPEN:
            return struct.pack("<QII", 1, 0, 0)
        if op == READ:
            return self.read(node - FILES, request)
        return b"" if op in (RELEASE, FLUSH) else errno.ENOSYS

    def say(self, request, said):
        error, said = (-said, b"") if isinstance(said, int) else (0, said)
        os.write(self.fuse, struct.pack("<IiQ", 16 + len(said), error, request) + said)

    def serve(self):
        while True:
            message = os.read(self.fuse, 1 << 20)
            _, op, request, node, _, _, self.pid = HEADER.unpack_from(message)
            if op in (FORGET, INTERRUPT):
                continue
            said = self.answer(op, node, request, message[BODY:])
            if said is not None:
                self.say(request, said)

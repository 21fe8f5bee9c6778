# SPDX-License-Identifier: GPL-2.0
"""Fills lists, maps memory, also in threads, and prints where; CPython's own figures go to stderr."""

import ctypes
import json
import mmap
import os
import sys
import threading

MIB = 1 << 20
kept = [[str(i) * 3 for i in range(20000)]]
threads = [threading.Thread(target=lambda: kept.append([bytes(2000) for _ in range(200)])) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
large = bytearray(40 * MIB)
# As large as an arena of CPython's own allocator.
own = mmap.mmap(-1, MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
own[:] = bytes(MIB)
places = [(id(bytes(100)), "block"),
          (ctypes.addressof(ctypes.c_char.from_buffer(large)) + MIB, "large block"),
          (ctypes.addressof(ctypes.c_char.from_buffer(own)), "own mapping")]
print(json.dumps({"allocator": 0, "places": [(hex(at), what) for at, what in places]}), flush=True)
sys._debugmallocstats()
# Without the interpreter's end, which would unmap arenas.
os._exit(0)

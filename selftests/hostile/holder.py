#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Processes that keep their mmap lock held for as long as they like.

	holder.py nobody|container FOLDER

As the user nobody, in a user namespace of its own or in one that root made, the program mounts a
FUSE file system on FOLDER. Then it follows its input line by line and answers with a number:
	hold		starts a child that holds its lock; its PID
	let PID		makes the child release the lock
	idle USER	starts a child that does nothing, as that user of the namespace; its PID
	idle unshare	the same, in a user namespace that the child makes; its PID

A child holds its lock by a read of a page of a file. The server fails such reads until the kernel
waits for the answer with the lock held for reading, and then does not answer. A second thread maps
memory and waits for the lock to write, so that no other process gets the lock to read.
"""

import ctypes
import errno
import os
import signal
import sys
import threading

from fuse import MAP_ANONYMOUS, MAP_PRIVATE, PAGE, PROT_READ, Server, map_page
from namespace import become, be_container, be_nobody, libc, unshare

PR_SET_PDEATHSIG = 1
libc.memchr.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]


class Files(Server):
    """Reads of a file fail self.fails times; the next one waits for its answer."""

    def __init__(self, folder):
        self.fails = None
        self.times = {}
        self.waits = {}
        self.news = threading.Condition()
        super().__init__(folder, self.read_one)

    def read_one(self, file, request):
        self.times[file] = self.times.get(file, 0) + 1
        if self.fails is None or self.times[file] <= self.fails:
            return errno.EIO
        with self.news:
            self.waits[file] = request
            self.news.notify()
        return None

    def wait_for(self, file):
        with self.news:
            self.news.wait_for(lambda: file in self.waits)

    def let(self, file):
        self.say(self.waits.pop(file), bytes(PAGE))


class Holder:
    def __init__(self, folder):
        self.folder = folder
        self.files = Files(folder)
        self.pids = {}
        # If all reads fail, the kernel makes the last one with the lock held, and gives up.
        os.waitpid(self.child(self.look, 0), 0)
        self.files.fails = self.files.times[0] - 1

    def child(self, run, *how):
        """Forks a child that closes the FUSE file, so that its requests fail once the server is gone."""
        pid = os.fork()
        if not pid:
            os.close(self.files.fuse)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            run(*how)
            os._exit(0)
        return pid

    def look(self, file):
        fd = os.open(f"{self.folder}/{file}", os.O_RDONLY)
        libc.memchr(map_page(PROT_READ, MAP_PRIVATE, fd), 0, 1)

    def look_and_map(self, file, go):
        threading.Thread(target=self.look, args=(file,)).start()
        os.read(go, 1)
        map_page(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS)
        signal.pause()

    def hold(self):
        file = len(self.pids) + 1
        out, into = os.pipe()
        pid = self.child(self.look_and_map, file, out)
        self.pids[pid] = file
        self.files.wait_for(file)
        os.write(into, b".")
        return pid

    def let(self, pid):
        self.files.let(self.pids[int(pid)])
        return 0

    def do_nothing(self, user, into):
        if user == "unshare":
            unshare()
        elif int(user):
            become(int(user))
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.write(into, b".")
        signal.pause()

    def idle(self, user):
        out, into = os.pipe()
        pid = self.child(self.do_nothing, user, into)
        os.read(out, 1)
        return pid


def main():
    who, folder = sys.argv[1:]
    if who == "nobody":
        be_nobody()
    else:
        be_container()
    holder = Holder(folder)
    does = {"hold": holder.hold, "let": holder.let, "idle": holder.idle}
    print(os.getpid(), flush=True)
    for line in sys.stdin:
        what, *how = line.split()
        print(does[what](*how), flush=True)
    os._exit(0)


main()

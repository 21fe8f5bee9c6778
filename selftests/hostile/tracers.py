# SPDX-License-Identifier: GPL-2.0
"""Tracers that hook brk(2), each as a context that others.py enters with the process to trace.

What a context yields has seen(pid): how many calls of the process the tracer has seen.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time

from helpers import Wrong, wait_for, write

TRACING = "/sys/kernel/tracing"
FUNCTION = "__x64_sys_brk"
# The module is there if the kernel has livepatches.
PATCH_FILE = "patch/patch_brk.ko"
PATCH, PATCH_MODULE = "/sys/kernel/livepatch/patch_brk", "/sys/module/patch_brk"
PIPED = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


class Refused(Exception):
    """The kernel did not let the tracer hook the function."""


def set_tracing(name, text):
    write(f"{TRACING}/{name}", text)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Tracing:
    """A tracer of ftrace, which marks its lines with a word."""

    def __init__(self, word):
        self.word = word
        set_tracing("trace", "")

    def seen(self, pid):
        return sum(f"-{pid} " in line and self.word in line
                   for line in read(f"{TRACING}/trace").splitlines())


@contextlib.contextmanager
def kprobe_event(_):
    """Puts a kprobe of ftrace on the function."""
    set_tracing("kprobe_events", f"p:other {FUNCTION}")
    set_tracing("events/kprobes/other/enable", "1")
    yield Tracing("other:")
    set_tracing("events/kprobes/other/enable", "0")
    # Opening the file for writing empties it.
    set_tracing("kprobe_events", "")


@contextlib.contextmanager
def kretprobe_event(_):
    """Puts a kretprobe of ftrace on the function."""
    set_tracing("kprobe_events", f"r:other {FUNCTION}")
    set_tracing("events/kprobes/other/enable", "1")
    yield Tracing("other:")
    set_tracing("events/kprobes/other/enable", "0")
    # Opening the file for writing empties it.
    set_tracing("kprobe_events", "")


@contextlib.contextmanager
def function_tracer(_):
    """Traces entries of the function with ftrace."""
    set_tracing("set_ftrace_filter", FUNCTION)
    set_tracing("current_tracer", "function")
    yield Tracing(FUNCTION)
    set_tracing("current_tracer", "nop")
    set_tracing("set_ftrace_filter", "")


@contextlib.contextmanager
def function_graph(_):
    """Traces entries and returns of the function with ftrace, which changes where it returns to."""
    set_tracing("set_ftrace_filter", FUNCTION)
    set_tracing("current_tracer", "function_graph")
    # Otherwise only the CPU is in a line, and not the process.
    set_tracing("trace_options", "funcgraph-proc")
    yield Tracing(f"{FUNCTION}()")
    set_tracing("trace_options", "nofuncgraph-proc")
    set_tracing("current_tracer", "nop")
    set_tracing("set_ftrace_filter", "")


@contextlib.contextmanager
def tracepoint(_):
    """Enables the tracepoint of the call."""
    set_tracing("events/syscalls/sys_enter_brk/enable", "1")
    yield Tracing("sys_brk(")
    set_tracing("events/syscalls/sys_enter_brk/enable", "0")


class Patch:
    """The new function counts the calls of one process."""

    def seen(self, _):
        return int(read(f"{PATCH_MODULE}/parameters/calls"))


@contextlib.contextmanager
def livepatch(pid):
    """Replaces the function by another one."""
    subprocess.run(["insmod", PATCH_FILE, f"pid={pid}"], check=True)
    wait_for("all tasks have the new function", lambda: read(f"{PATCH}/transition") == "0\n")
    yield Patch()
    write(f"{PATCH}/enabled", "0")
    # The kernel holds the module until no task can run the new function.
    wait_for("no task has the new function", lambda: read(f"{PATCH_MODULE}/refcnt") == "0\n")
    subprocess.run(["rmmod", "patch_brk"], check=True)


class Bpftrace(subprocess.Popen):
    """bpftrace counts in the kernel and prints the counts on SIGINT."""

    def __init__(self, probe):
        program = f'BEGIN {{ printf("ready\\n"); }} {probe}:{FUNCTION} {{ @[pid] = count(); }}'
        super().__init__(["bpftrace", "-e", program], **PIPED)
        # Its loop prints the word, and comes when all programs are attached.
        for line in self.stdout:
            if "ready" in line:
                return
            print(f"# bpftrace: {line}", end="")
            # A version may go on without the program.
            if re.search(r"(error|unable|could not|failed)\b.*attach", line, re.I):
                break
        self.kill()
        self.communicate()
        raise Refused

    def seen(self, pid):
        self.send_signal(signal.SIGINT)
        found = re.search(rf"@\[{pid}\]: (\d+)", self.communicate()[0])
        return int(found[1]) if found else 0


@contextlib.contextmanager
def bpftrace(_):
    """Puts a kprobe of bpftrace on the function."""
    yield Bpftrace("kprobe")


# Every version of bpftrace knows these names; the newer ones say fentry and fexit as well.
@contextlib.contextmanager
def bpftrace_fentry(_):
    """Lets the function call a program of bpftrace directly at its entry."""
    yield Bpftrace("kfunc")


@contextlib.contextmanager
def bpftrace_fexit(_):
    """Lets the function call a program of bpftrace directly, which calls the rest of it."""
    yield Bpftrace("kretfunc")


class PerfTrace(subprocess.Popen):
    """perf trace ends with its target; on a signal it would drop what it has not read."""

    def seen(self, _):
        return self.communicate()[0].count("brk(")


def has_perf_events(pid):
    """The events are on if perf has opened them and waits in poll(2)."""
    waits = read(f"/proc/{pid}/syscall").startswith("7 ")
    folder = f"/proc/{pid}/fd"
    return waits and any(os.readlink(f"{folder}/{fd}") == "anon_inode:[perf_event]" for fd in os.listdir(folder))


@contextlib.contextmanager
def perf(pid):
    """Traces the call with perf trace."""
    other = PerfTrace(["perf", "trace", "-e", "brk", "-p", str(pid)], **PIPED)
    while not has_perf_events(other.pid):
        if other.poll() is not None:
            raise Wrong("perf does not trace")
        time.sleep(0.05)
    yield other


# BPF programs that the function itself calls: no other one may have it called directly.
DIRECT = (bpftrace_fentry, bpftrace_fexit)
OF_COMMAND = {"bpftrace": (bpftrace, *DIRECT), "perf": (perf,)}


def tracers(commands):
    """Those of @commands, which must be installed; without commands, all that this system has."""
    if commands:
        return [way for command in commands for way in OF_COMMAND[command]]
    found = [kprobe_event, kretprobe_event, function_tracer, function_graph]
    # A kernel may be built without these.
    if os.path.exists(f"{TRACING}/events/syscalls"):
        found.append(tracepoint)
    if os.path.exists(PATCH_FILE):
        found.append(livepatch)
    for command, own in OF_COMMAND.items():
        if shutil.which(command):
            found += own
    return found

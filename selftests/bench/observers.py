# SPDX-License-Identifier: GPL-2.0
"""The observers of a process: each is a context in which it observes the given target."""

import contextlib
import glob
import os
import signal
import subprocess
import sys
import time

CALLS = ("brk", "mmap", "munmap")
TRACING = "/sys/kernel/tracing"
HOOK = "/sys/module/brkwatch/parameters/hook"
USER = 1000
# Runs a command as a user without privilege, at the priority that the tool gives itself as root.
AS_USER = ("nice", "-n", "-20", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups")


@contextlib.contextmanager
def nothing(_):
    yield


@contextlib.contextmanager
def running(argv, is_ready, **how):
    """A program that has begun its work when it is ready, and ends by SIGINT."""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, **how) as process:
        while not is_ready(process):
            if process.poll() is not None:
                sys.exit(f"{argv[0]} ended with {process.returncode}")
            time.sleep(0.01)
        yield process
        process.send_signal(signal.SIGINT)


def brkwatch(*args, asleep=False, others=(), prefix=()):
    """The tool with these options; PREFIX stands before its command."""
    @contextlib.contextmanager
    def way(target):
        pids = [str(process.pid) for process in (*others, target)]

        def is_watching(process):
            return all(process.stderr.readline().startswith(b"brkwatch: watching") for _ in pids)

        with running([*prefix, "brkwatch", *args, "-p", ",".join(pids)], is_watching,
                     stderr=subprocess.PIPE) as process:
            if asleep:
                process.send_signal(signal.SIGSTOP)
                os.waitid(os.P_PID, process.pid, os.WSTOPPED)
            yield
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read().decode()
            if process.wait() or "lost " in said and "lost 0 " not in said:
                sys.exit(said)
    return way


def reader(*options):
    """The reader of the module's tests, asleep: its session has what OPTIONS say and nothing else."""
    @contextlib.contextmanager
    def way(target):
        with running(["./reader", *options, str(target.pid)], lambda process: process.stdout.readline() == b"ready\n",
                     stdout=subprocess.PIPE) as process:
            process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED)
            yield
            process.send_signal(signal.SIGCONT)
    return way


@contextlib.contextmanager
def session():
    """A session that watches nobody, so that the probes are in."""
    with running(["./reader", "-c"], lambda process: process.stdout.readline() == b"ready\n",
                 stdout=subprocess.PIPE):
        yield


@contextlib.contextmanager
def hook(name):
    """The module hooks functions in this way. No session may be open at the beginning or the end."""
    with open(HOOK, encoding="ascii") as file:
        before = file.read().strip()
    set_hook(name)
    yield
    set_hook(before)


def set_hook(name):
    with open(HOOK, "w", encoding="ascii") as file:
        file.write(name)


def directly(way):
    """The same with direct calls as hooks."""
    @contextlib.contextmanager
    def hooked(target):
        with hook("direct"), way(target):
            yield
    return hooked


def another(make):
    """The module watches another process."""
    @contextlib.contextmanager
    def way(_):
        other = make()
        with brkwatch("-c", "-o", "t")(other):
            yield
        other.end()
    return way


def many(sessions, *args):
    """This many readers of the same process."""
    @contextlib.contextmanager
    def way(target):
        with contextlib.ExitStack() as stack:
            for _ in range(sessions):
                stack.enter_context(brkwatch(*args)(target))
            yield
    return way


def crowd(make, processes):
    """This many processes, none of which is watched."""
    @contextlib.contextmanager
    def way(_):
        others = [make() for _ in range(processes - 1)]
        yield others
        for other in others:
            other.end()
    return way


def among(make, watches, *args):
    """The last of this many processes that one session watches."""
    @contextlib.contextmanager
    def way(target):
        with crowd(make, watches)(target) as others, brkwatch(*args, others=others)(target):
            yield
    return way


def floor(skip):
    """Kretprobes that do nothing."""
    @contextlib.contextmanager
    def way(_):
        subprocess.run(["insmod", sys.argv[2], f"skip={skip}"], check=True)
        yield
        subprocess.run(["rmmod", "floor"], check=True)
    return way


def strace(*options):
    def way(target):
        return running(["strace", *options, "-f", "-o", "s", "-e", ",".join(CALLS), "-p", str(target.pid)],
                       lambda p: p.stderr.readline(), stderr=subprocess.PIPE)
    return way


def events(prefix):
    return [f"{prefix}{way}_{call}" for call in CALLS for way in ("enter", "exit")]


def has_perf_events(process):
    """perf has opened its events and waits in poll(2), so they are on."""
    with open(f"/proc/{process.pid}/syscall", encoding="ascii") as file:
        waits = file.read().startswith("7 ")
    return waits and any(os.readlink(fd) == "anon_inode:[perf_event]"
                         for fd in glob.glob(f"/proc/{process.pid}/fd/*") if os.path.lexists(fd))


def perf_record(target):
    return running(["perf", "record", "-q", "-o", "p", "-e", ",".join(events("syscalls:sys_")), "-p",
                    str(target.pid)], has_perf_events, stderr=subprocess.DEVNULL)


def perf_trace(target):
    return running(["perf", "trace", "-o", "p", "-e", ",".join(CALLS), "-p", str(target.pid)],
                   has_perf_events, stderr=subprocess.DEVNULL)


def is_tracing(_):
    with open(f"{TRACING}/events/syscalls/sys_exit_munmap/enable", encoding="ascii") as file:
        return file.read().strip() == "1"


def trace_cmd(target):
    chosen = [argument for event in events("syscalls:sys_") for argument in ("-e", event)]
    return running(["trace-cmd", "record", "-q", "-o", "c", "-P", str(target.pid), *chosen], is_tracing,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def bpftrace(*probes):
    """The script of a user who needs arguments and results of these calls."""
    @contextlib.contextmanager
    def way(target):
        program = ['BEGIN { printf("ready\\n"); }']
        for call in CALLS:
            program += [f'{probes[0].format(call)} /pid == {target.pid}/ {{ @at[tid] = nsecs; }}',
                        f'{probes[1].format(call)} /@at[tid]/ {{ printf("{call} %d %llu\\n", pid, '
                        f'nsecs - @at[tid]); delete(@at[tid]); }}']
        with running(["bpftrace", "-e", "\n".join(program)], lambda p: b"ready" in p.stdout.readline(),
                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            with open("b", "wb") as file, subprocess.Popen(["cat"], stdin=process.stdout, stdout=file):
                yield
                process.send_signal(signal.SIGINT)
                process.wait()
    return way

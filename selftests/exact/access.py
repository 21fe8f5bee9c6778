# SPDX-License-Identifier: GPL-2.0
"""Readers and targets of all kinds, and what a reader is told."""

import contextlib
import os
import shutil
import subprocess

import harness

USER, OTHER = 1000, 1001
NOT_DUMPABLE = ("import ctypes, os\nctypes.CDLL(None).prctl(4, 0)\n"
                "while data := os.read(0, 100): os.write(1, data)")
# Open for any time at all is enough to know whether it may be watched.
MOMENT = "0.01"


def as_user(uid, *caps, gid=None):
    """Prefix of a command that runs as that user, with these capabilities."""
    prefix = ["setpriv", f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups"]
    if caps:
        names = ",".join(f"+{cap}" for cap in caps)
        prefix += [f"--inh-caps={names}", f"--ambient-caps={names}"]
    return prefix


def copy_of_cat(name):
    """A copy that everybody may run, and its path."""
    os.chmod(".", 0o755)
    shutil.copy(os.path.realpath("/bin/cat"), name)
    os.chmod(name, 0o755)
    return os.path.abspath(name)


def set_uid_cat():
    path = copy_of_cat("set-uid-cat")
    os.chmod(path, 0o4755)
    return path


def capable_cat():
    path = copy_of_cat("capable-cat")
    subprocess.run(["setcap", "cap_net_raw+ep", path], check=True)
    return path


# What makes each kind of target's command. All of them say what they are told.
TARGETS = {
    "own": lambda: [*as_user(USER), "cat"],
    "root's": lambda: ["cat"],
    "another user's": lambda: [*as_user(OTHER), "cat"],
    "another group's": lambda: [*as_user(USER, gid=OTHER), "cat"],
    "set-uid": lambda: [*as_user(USER), set_uid_cat()],
    "not dumpable": lambda: [*as_user(USER), "python3", "-c", NOT_DUMPABLE],
    "with file capabilities": lambda: [*as_user(USER), capable_cat()],
    "with a capability": lambda: [*as_user(USER, "net_raw"), "cat"],
    "in a user namespace": lambda: [*as_user(USER), "unshare", "-Ur", "cat"],
}

READERS = {
    "root": [],
    "user": as_user(USER),
    "user with CAP_PERFMON": as_user(USER, "perfmon"),
    "user with CAP_SYS_PTRACE": as_user(USER, "sys_ptrace"),
    "user with CAP_SYS_ADMIN": as_user(USER, "sys_admin"),
    "user with CAP_NET_RAW": as_user(USER, "net_raw"),
    "root of a user namespace": [*as_user(USER), "unshare", "-Ur"],
}
# Those who may open a session, and those who may watch the system, whatever the parameter.
SESSION = {"root", "user with CAP_PERFMON", "user with CAP_SYS_PTRACE", "user with CAP_SYS_ADMIN"}
SYSTEM = {"root", "user with CAP_PERFMON", "user with CAP_SYS_ADMIN"}


def start(kind):
    """A target of that kind that runs its program, no longer what prepares it."""
    target = harness.Program(TARGETS[kind](), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    target.stdin.write(b"here\n")
    harness.equal(target.stdout.readline(), b"here\n")
    return target


def end(target):
    target.stdin.close()
    target.wait()
    target.stdout.close()


def may_read_maps(reader, pid):
    """The kernel's own word."""
    done = subprocess.run([*reader, "cat", f"/proc/{pid}/maps"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def watch(reader, *options):
    """What the tool said to a reader that watched for a moment: (status, lines)."""
    done = subprocess.run([*reader, "brkwatch", "-c", "-o", "/dev/null", "--duration", MOMENT, *map(str, options)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, check=False)
    return done.returncode, done.stderr.splitlines()


def reload(**parameters):
    subprocess.run(["modprobe", "-r", "brkwatch"], check=True)
    subprocess.run(["modprobe", "brkwatch", *(f"{key}={value}" for key, value in parameters.items())],
                   check=True)


@contextlib.contextmanager
def parameter(name, value):
    """A parameter of the loaded module has that value."""
    path = f"/sys/module/brkwatch/parameters/{name}"
    before = harness.contents(path)
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))
    try:
        yield
    finally:
        with open(path, "w", encoding="ascii") as file:
            file.write(before)

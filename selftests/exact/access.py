# SPDX-License-Identifier: GPL-2.0
"""Readers and targets of all kinds, and what the tool reports to each reader."""

import contextlib
import os
import shutil
import subprocess

import harness

USER, OTHER = 1000, 1001
NOT_DUMPABLE = ("import ctypes, os\nctypes.CDLL(None).prctl(4, 0)\n"
                "while data := os.read(0, 100): os.write(1, data)")
# A session of any duration shows whether the reader may watch the target.
MOMENT = "0.01"


def as_user(uid, *caps, gid=None):
    """Returns the prefix of a command that runs as that user, with these capabilities."""
    prefix = ["setpriv", f"--reuid={uid}", f"--regid={gid or uid}", "--clear-groups"]
    if caps:
        names = ",".join(f"+{cap}" for cap in caps)
        prefix += [f"--inh-caps={names}", f"--ambient-caps={names}"]
    return prefix


def copy_of_cat(name):
    """Makes a copy that every user may run, and returns its path."""
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


# Makes the command of each kind of target. Each target repeats its input.
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
# SESSION may open a session, and SYSTEM may watch the system, whatever the parameter is.
SESSION = {"root", "user with CAP_PERFMON", "user with CAP_SYS_PTRACE", "user with CAP_SYS_ADMIN"}
SYSTEM = {"root", "user with CAP_PERFMON", "user with CAP_SYS_ADMIN"}


def start(kind):
    """Starts a target and waits until it runs its program, not the one that prepares it."""
    target = harness.Program(TARGETS[kind](), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    target.stdin.write(b"here\n")
    harness.equal(target.stdout.readline(), b"here\n")
    return target


def end(target):
    target.stdin.close()
    target.wait()
    target.stdout.close()


def may_read_maps(reader, pid):
    """Asks the kernel whether the reader may read the maps."""
    done = subprocess.run([*reader, "cat", f"/proc/{pid}/maps"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def watch(reader, *options):
    """Lets a reader watch for a moment; returns what the tool said: (status, lines)."""
    done = subprocess.run([*reader, "brkwatch", "-c", "-o", "/dev/null", "--duration", MOMENT, *map(str, options)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, check=False)
    return done.returncode, done.stderr.splitlines()


def reload(**parameters):
    with harness.PROBES.out():
        subprocess.run(["modprobe", "-r", "brkwatch"], check=True)
        subprocess.run(["modprobe", "brkwatch", *(f"{key}={value}" for key, value in parameters.items())],
                       check=True)


@contextlib.contextmanager
def parameter(name, value):
    """Sets a parameter of the loaded module, and restores it."""
    path = f"/sys/module/brkwatch/parameters/{name}"
    before = harness.contents(path)
    with harness.PROBES.out():
        with open(path, "w", encoding="ascii") as file:
            file.write(str(value))
        try:
            yield
        finally:
            with open(path, "w", encoding="ascii") as file:
                file.write(before)

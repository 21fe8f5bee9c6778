#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The kernel's own netlink client can use the module with our spec and nothing else."""

import os
import select
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = f"{HERE}/brkwatch.yaml"
sys.path.insert(0, f"{HERE}/ynl")

from lib import NlError, YnlFamily  # noqa: E402

KINDS = {"brk", "mmap", "munmap", "mremap", "mprotect", "pkey-mprotect", "madvise", "shmat", "shmdt",
         "clone", "exec", "exit", "fault", "snapshot", "leave"}
LIFECYCLE = {"clone", "exec", "exit", "fault", "snapshot", "leave"}
count = 0


def test(name, passed, said=""):
    global count
    count += 1
    for line in str(said).splitlines() if not passed else ():
        print("#", line)
    print("ok" if passed else "not ok", count, name, flush=True)


def cli(*args):
    # --no-schema, because validating the spec takes half a minute in an emulated guest.
    done = subprocess.run([sys.executable, f"{HERE}/ynl/cli.py", "--no-schema", "--spec", SPEC, *args],
                          capture_output=True, text=True)
    return done.stdout + done.stderr


def cli_tests():
    said = cli("--do", "session-new", "--json", '{"ring-bytes": 8192}')
    test("cli.py opens a session", "'ring-bytes': 8192" in said, said)
    said = cli("--multi", "session-new", "{}", "--multi", "watch-new", f'{{"pid": {os.getpid()}}}')
    test("cli.py adds a watch", f"'pid': {os.getpid()}" in said, said)
    said = cli("--do", "watch-new", "--json", '{"pid": 1}')
    test("cli.py shows our sentence", "send session-new first" in said, said)


def held(argv):
    """Forks a child that runs argv once the caller calls the returned function."""
    gate, go = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(go)
        os.read(gate, 1)
        os.execv(argv[0], argv)
    os.close(gate)

    def run():
        os.write(go, b"x")
        os.close(go)
        return os.waitpid(pid, 0)[1]

    return pid, run


def wait_gone(family):
    """Takes messages until one reports that no watched process is left."""
    while True:
        if not select.select([family.sock], [], [], 20)[0]:
            return False
        family.check_ntf()
        if any(note["name"] == "ready" and note["msg"]["live"] == 0
               for note in family.async_msg_queue):
            return True


def family_tests():
    family = YnlFamily(SPEC, schema="")
    state = family.do("session-new", {"events": KINDS, "askers": True, "limits": True, "latencies": True})
    test("all kinds of events are known", state["events"] == KINDS, state)
    pid, run = held(["/bin/true"])
    watch = family.do("watch-new", {"pid": pid, "on-exec": True})
    try:
        family.do("watch-new", {"pid": pid})
        test("a second watch is refused", False)
    except NlError as err:
        test("a second watch is refused", "already" in str(err.nl_msg.extack["msg"]), err)
    run()
    test("a note says that the process is gone", wait_gone(family))

    events = [event for part in family.dump("drain", {}) for event in part["event"]]
    kinds = [event["kind"] for event in events]
    test("events are decoded by the spec", set(kinds) <= KINDS and kinds[0] == "exec" and
         kinds[-1] == "exit" and "mmap" in kinds, kinds)
    test("calls come with who made them, and no other event does",
         all(("ip" in event) == (event["kind"] not in LIFECYCLE) for event in events) and
         all(len(event["asker"]) % 8 == 0 for event in events if "asker" in event), events)
    test("events come with durations", all("duration" in event for event in events), events)
    test("all are of the watch", {event["watch"] for event in events} == {watch["id"]}, events)
    last = family.dump("watch-get", {})
    test("counters agree with the events", len(last) == 1 and "exited" in last[0] and
         last[0]["made"] == len(events) and last[0]["mmap-calls"] == kinds.count("mmap"), last)
    hooks = {probe["name"]: probe["hook"] for probe in family.dump("probe-get", {}) if not probe["optional"]}
    test("each probe is hooked by what the spec names", hooks["fault"] == "tracepoint" and
         {hooks[call] for call in ("brk", "mmap", "mremap")} <= {"kprobe", "direct"}, hooks)
    state = family.do("session-get", {})
    test("nothing is lost", state["delivered"] == len(events) and
         state["lost-ring"] == state["lost-probe"] == 0, state)


print("TAP version 13")
print("1..13")
cli_tests()
family_tests()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""-w and --read: each source in each view, and incomplete files."""

import contextlib
import json
import os
import re
import signal
import struct
import subprocess

from harness import (CALLS, HERE, NONE_LOST, Target, Watcher, brkwatch, contents, equal, events, holds, main,
                     refuses, test, without_module)

# Sinks with the options that choose them, and options that change what they write.
VIEWS = {"text": (), "normalized text": ("--normalize",), "times": ("-ttt", "-T"), "JSON": ("--json",),
         "summary": ("-c",), "summary of each": ("-c", "--per-process"), "JSON summary": ("-c", "--json"), "both": ("-C",), "map": ("--map",),
         "map as JSON": ("--map", "--json"),
         "strace": ("--strace",), "plot": ("--plot", "-"), "stacks": ("-k",), "strace with stacks": ("--strace", "-k"),
         "JSON with stacks": ("--json", "-k"), "summary with stacks": ("-c", "-k"),
         "JSON summary with stacks": ("-c", "--json", "-k"), "folded": ("--stacks=folded",),
         "held": ("-c", "-k", "--min-age", "0.001"), "folded-held": ("--stacks=folded-held",),
         "folded-peak": ("--stacks=folded-peak",)}
SENT, SNAPSHOT_GET = 4, 8
RECORD, MESSAGE = struct.Struct("<IIII"), struct.Struct("<IHHII")


def launched(*options):
    equal(brkwatch(*options, "-f", CALLS, "20"), (0, "", ""))


def attached(*options):
    target = Target()
    watcher = Watcher(*options, "-p", target.pid)
    target.do("others")
    target.do("20")
    if "--map" in options:  # a map looks once, then the tool ends
        equal(watcher.end(), (0, []))
        return
    target.do("exec")
    target.do("mark half way")
    target.end()
    equal(watcher.end(), (0, []))


def system_wide(*options):
    with subprocess.Popen(["brkwatch", *options, "-q", "-a"], stderr=subprocess.PIPE) as watcher:
        # With --map the tool looks once, then ends.
        while watcher.poll() is None and (not os.path.exists("f") or os.path.getsize("f") < 20000):
            subprocess.run([CALLS, "20"], check=True)
        # The watch is on by now, but the file may hold only snapshots of processes that ran before.
        subprocess.run([CALLS, "20"], check=True)
        if "--map" not in options:
            watcher.send_signal(signal.SIGINT)
        equal(watcher.stderr.read(), b"")
        equal(watcher.wait(), 0)


@test
def sources_and_views():
    """launch, attach and system-wide: each view writes the same from the file as it did live"""
    for source in (launched, attached, system_wide):
        for view, options in VIEWS.items():
            source(*options, "-w", "f", "-o", "live")
            equal(brkwatch("--read", "f", *options, "-o", "again"), (0, "", ""))
            holds(os.path.getsize("live") > 100, source.__name__, view, contents("live"))
            if contents("live") != contents("again"):
                status = subprocess.run(["diff", "live", "again"], stdout=subprocess.PIPE, check=False)
                raise AssertionError(f"{source.__name__}, {view}:\n{status.stdout.decode()[:2000]}")
            for name in ("f", "live", "again"):
                os.unlink(name)


@test
def pages():
    """--html: the page that is made from each source's file equals the page that was made live"""
    for source in (launched, attached, system_wide):
        source("--html", "live", "-w", "f", "-o", "t")
        equal(brkwatch("--read", "f", "--html", "again", "-o", "t"), (0, "", ""))
        holds(contents("live").endswith("</html>\n") and contents("live").count("\n[") > 20, contents("live")[-2000:])
        holds(contents("live") == contents("again"), source.__name__)
        for name in ("f", "live", "again"):
            os.unlink(name)
    # Without a place for the page the tool reports that, and the rest is not lost.
    equal(brkwatch("--html", "/dev/full", "-o", "t", CALLS, "1")[::2], (1, "brkwatch: cannot write '/dev/full': No "
                                                                        "space left on device; choose another file "
                                                                        "with --html\n"))
    holds(NONE_LOST in contents("t"), contents("t"))


def on_terminal(*args):
    """What a terminal gets from brkwatch."""
    ours, theirs = os.openpty()
    said = b""
    with subprocess.Popen(["brkwatch", *args], stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        # EIO: no process has the terminal open any more.
        with contextlib.suppress(OSError):
            while more := os.read(ours, 1 << 16):
                said += more
    os.close(ours)
    return said.decode()


@test
def progress():
    """progress shows on a terminal, is erased at the end, and nothing else is written there meanwhile"""
    equal(brkwatch("-q", "-w", "f", CALLS, "200")[:2], (0, ""))
    for options in (["-c"], ["-c", "--json"], ["--map"], ["-w", "g"], ["-o", "t"]):
        said = on_terminal("--read", "f", *options)
        marks = re.findall(r"(\d+) % read\r", said)
        equal((options, marks[-1:], marks), (options, ["100"], sorted(marks, key=int)))
        holds("\x1b[K" in said and " % read" not in said.split("\x1b[K")[-1], options, said)
    for options in ([], ["--json"], ["-C"], ["--strace"]):
        holds(" % read" not in on_terminal("--read", "f", *options), options)


def asked_for(path):
    """How many snapshots of a process the tool has requested so far."""
    with open(path, "rb") as file:
        data = file.read()
    found = 0
    # The last record may still be incomplete.
    with contextlib.suppress(AssertionError):
        for _, direction, message in records(data):
            found += direction == SENT and message[16] == SNAPSHOT_GET and len(message) > 20
    return found


def flood(target, watcher):
    """More events than the ring holds, without a failed call."""
    watcher.stop()
    for _ in range(100):
        target.do("mark once more")
    watcher.go_on()


@test
def accounts():
    """-w alone reads no event until the accounts need it: for a thread, a failed call, or a loss"""
    def watched():
        target = Target()
        return target, Watcher("-w", "f", "--buffer", "4K", "-p", target.pid)

    def ended_well(target, watcher):
        target.end()
        equal(watcher.end()[0], 0)
        os.unlink("f")

    target, watcher = watched()
    for word in ("mark first", "refused", "mark last"):
        target.do(word)
        while word.startswith("mark") and word[5:].encode() not in open("f", "rb").read():
            pass
    equal(asked_for("f"), 1)
    ended_well(target, watcher)
    for more in (lambda target, watcher: target.do("thread"), lambda target, watcher: target.do("1"), flood):
        target, watcher = watched()
        more(target, watcher)
        while asked_for("f") < 2:
            pass
        ended_well(target, watcher)


@test
def one_file():
    """each view shows a file that was stored without a view; a file is copied into a file"""
    equal(brkwatch("-q", "-k", "-w", "f", CALLS, "20")[:2], (0, ""))
    equal(brkwatch("--read", "f", "-w", "g", "-o", "t1")[:2], (0, ""))
    for options in VIEWS.values():
        equal(brkwatch("--read", "f", *options, "-o", "a"), (0, "", ""))
        equal(brkwatch("--read", "g", *options, "-o", "b"), (0, "", ""))
        equal(contents("a"), contents("b"))
        holds(os.path.getsize("a") > 100, contents("a"))
    with open("f", "rb") as file:
        piped = subprocess.run(["brkwatch", "--read", "-", "--normalize"], stdin=file, stdout=subprocess.PIPE,
                               check=True)
    shown = brkwatch("--read", "f", "--normalize")
    equal((0, piped.stdout.decode(), ""), shown)
    holds("\nbrk(" in shown[1], shown[1][:500])


@test
def intervals():
    """-c --interval -w: each report again, with its original time; without --interval only the last one"""
    for options in (("-c",), ("-c", "--json")):
        target = Target()
        watcher = Watcher(*options, "--interval", "0.05", "-w", "f", "-o", "live", "-p", target.pid)
        for _ in range(3):
            before = os.path.getsize("live")
            target.do("10")
            while os.path.getsize("live") == before:
                pass
        target.end()
        equal(watcher.end(), (0, []))
        equal(brkwatch("--read", "f", *options, "--interval", "1", "-w", "g", "-o", "again"), (0, "", ""))
        equal(brkwatch("--read", "g", *options, "--interval", "9", "-o", "twice"), (0, "", ""))
        holds(contents("live").count('"time_ns"' if "--json" in options else "after ") >= 3, contents("live"))
        equal((contents("again"), contents("twice")), (contents("live"), contents("live")))
        equal(brkwatch("--read", "g", *options, "-o", "last"), (0, "", ""))
        holds(contents("live").endswith(contents("last")), contents("last"))
        # No snapshot was taken at those times, so there is only a map of the end.
        equal(brkwatch("--read", "f", "--map", "-o", "map"), (0, "", ""))
        for name in ("f", "g"):
            os.unlink(name)


# Only one of the two has these values, because a session that leaves out events has no complete
# accounts.
ACCOUNTS = ("rss_pages", "peak_rss_pages", "duration_ns", "watch", "child_watch")


def without_accounts(path):
    return [{key: value for key, value in event.items() if key not in ACCOUNTS} for event in events(path)[:-1]]


@test
def filters():
    """--read with a filter shows the events that the module would have delivered with it"""
    cases = [("-e", "brk,exit"), ("-e", "mark"), ("--min-size", "64K"), ("--failed",), ("--comm", "c?ll*"),
             ("--comm", "x"), ("-e", "mmap", "--failed", "--min-size", "1")]
    target = Target()
    watchers = [Watcher("-w", "f", "-p", target.pid)]
    watchers += [Watcher("--json", *case, "-o", f"live{number}", "-p", target.pid)
                 for number, case in enumerate(cases)]
    for word in ("others", "20", "refused", "mark half way", "3"):
        target.do(word)
    target.end()
    for watcher in watchers:
        equal(watcher.end()[0], 0)
    sizes = set()
    for number, case in enumerate(cases):
        equal(brkwatch("--read", "f", "--json", *case, "-o", "again"), (0, "", ""))
        equal((case, without_accounts("again")), (case, without_accounts(f"live{number}")))
        sizes.add(len(events("again")))
    holds(len(sizes) > 4 and min(sizes) < 5, sizes)
    # Events that a filter leaves out still count in the accounts.
    _, whole, _ = brkwatch("--read", "f")
    _, part, _ = brkwatch("--read", "f", "-e", "brk,exit")
    equal([line for line in whole.splitlines() if " brk(" in line or " +++ exited" in line], part.splitlines()[:-1])
    equal(len(brkwatch("--read", "f", "-e", "brk", "--count", "3")[1].splitlines()), 4)


@test
def by_tcpdumps_manners():
    """-w alone prints only the last line; -w - writes to standard output"""
    status, out, said = brkwatch("-q", "-w", "f", "true")
    equal((status, out), (0, ""))
    holds(re.fullmatch(rf"events \d+, {re.escape(NONE_LOST)}\n", said), said)
    done = subprocess.run(["brkwatch", "-q", "-w", "-", "true"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    with open("g", "wb") as file:
        file.write(done.stdout)
    _, first, _ = brkwatch("--read", "g", "-c", "--normalize")
    _, second, _ = brkwatch("--read", "f", "-c", "--normalize")
    equal(first.splitlines()[1:3], second.splitlines()[1:3])


@test
def enough_stored():
    """-w --count ends by itself: the file has so many events at least, and none of those that follow"""
    number = 50
    target = Target()
    watcher = Watcher("-w", "f", "--count", number, "-p", target.pid)
    while watcher.poll() is None:
        target.do("1")
    equal(watcher.end()[0], 0)
    made = target.do("20")
    equal(target.end(), 0)
    equal(brkwatch("--read", "f", "--json", "-o", "t"), (0, "", ""))
    stored = len(events("t")[:-1])
    holds(number <= stored < sum(made[call] for call in ("brk", "mmap", "munmap")), stored, made)


@test
def standard_streams():
    """--read writes to standard output, and so does -: each stream has one use"""
    equal(brkwatch("-q", "-k", "-w", "f", CALLS, "20")[:2], (0, ""))
    for options in VIEWS.values():
        equal(brkwatch("--read", "f", *options, "-o", "t"), (0, "", ""))
        for more in ((), ("-o", "-")):
            equal((options, brkwatch("--read", "f", *options, *more)), (options, (0, contents("t"), "")))
    equal(brkwatch("--read", "f", "--html", "page", "-o", "last"), (0, "", ""))
    equal(brkwatch("--read", "f", "--html", "-"), (0, contents("page"), contents("last")))
    for options, first, second, option in (
            (("-w", "-", "-c"), "-w", "what is shown", "-o"), (("-w", "-", "-o", "-"), "-w", "-o", "-o"),
            (("-w", "-", "--html", "-"), "-w", "--html", "--html"), (("--html", "-", "-o", "-"), "--html", "-o", "-o")):
        refuses(f"{first} and {second} cannot both go to standard output; name a file with {option}",
                "--read", "f", *options)
    # No file receives the output for a closed stream.
    done = subprocess.run(["sh", "-c", "exec brkwatch --read f -c -w g >&-"], stderr=subprocess.PIPE, text=True,
                          check=False)
    equal((done.returncode, done.stderr),
          (1, "brkwatch: cannot write to standard output: Bad file descriptor; write to a file with -o\n"))
    with open("f", "rb") as file:
        before = file.read()
    with open("f", "ab") as file:
        done = subprocess.run(["brkwatch", "--read", "f"], stdout=file, stderr=subprocess.PIPE, text=True, check=False)
    equal((done.returncode, done.stderr), (1, "brkwatch: --read and what is shown cannot share a file; name another "
                                              "one with -o\n"))
    with open("f", "rb") as file:
        equal(file.read(), before)


def records(data):
    """Offsets and (direction, protocol, netlink message) of the records of a pcap file."""
    at = 24
    while at + RECORD.size <= len(data):
        _, _, length, whole = RECORD.unpack_from(data, at)
        equal(length, whole)
        start = at + RECORD.size
        holds(start + length <= len(data), at)
        direction, hardware = struct.unpack_from(">HH", data, start)
        protocol, = struct.unpack_from(">H", data, start + 14)
        equal((hardware, protocol), (824, 16))
        yield at, direction, data[start + 16:start + length]
        at = start + length
    equal(at, len(data))


@test
def layout():
    """a capture is a pcap file of LINKTYPE_NETLINK that begins with the controller's answer"""
    equal(brkwatch("-q", "-w", "f", CALLS, "2")[0], 0)
    with open("f", "rb") as file:
        data = file.read()
    magic, major, minor, _, _, _, linktype = struct.unpack_from("<IHHiIII", data)
    equal((magic, major, minor, linktype), (0xa1b2c3d4, 2, 4, 253))
    listed = list(records(data))
    _, direction, message = next(found for found in listed if MESSAGE.unpack_from(found[2])[1] == 16
                                 and found[1] == 0)
    equal((direction, message[16], b"brkwatch\0" in message), (0, 1, True))
    family, = struct.unpack_from("<H", message, message.index(struct.pack("<HH", 6, 1)) + 4)
    kinds = {MESSAGE.unpack_from(message)[1] for _, _, message in listed}
    equal(kinds - {2, 3, 16, family}, set())
    for _, _, message in listed:
        equal(MESSAGE.unpack_from(message)[0], len(message))


def without_origin(line):
    """An event, and who asked."""
    event = json.loads(line)
    return event, event.pop("origin", None), event.pop("origin_guess", None)


@test
def cut_short():
    """when the end of a file is missing, all before it is shown, and one sentence reports the cut"""
    equal(brkwatch("-q", "-w", "f", CALLS, "2")[0], 0)
    whole = brkwatch("--read", "f", "--json", "--normalize")[1].splitlines()
    with open("f", "rb") as file:
        data = file.read()
    edges = {at for at, _, _ in records(data)}
    first = sorted(edges)[4]
    shown_before = 0
    for at in sorted({*range(0, 60, 7), *range(first, len(data), len(data) // 60), *sorted(edges)[6::9]}):
        with open("g", "wb") as file:
            file.write(data[:at])
        status, out, said = brkwatch("--read", "g", "--json", "--normalize", timeout=20)
        lines, (last,) = out.splitlines(), said.splitlines()
        holds(last.startswith("brkwatch: "), at, said)
        if at < first:
            equal((status, lines), (1, []))
            continue
        equal((at, status), (at, 0 if at in edges else 1))
        holds(("has no end" in last) == (at in edges), at, last)
        holds(len(lines) <= len(whole), at)
        for line, wanted in zip(map(without_origin, lines[:-1]), map(without_origin, whole), strict=False):
            equal(line[0], wanted[0])
            # The files that are mapped follow the events of a drain, so who asked may be missing.
            holds(line[1] in (wanted[1], None), line, wanted)
        holds(len(lines) > shown_before, at)
        shown_before = len(lines) - 1
    holds(shown_before > 10, shown_before)


@test
def flipped():
    """any byte with any value: the tool ends without a crash or hang, and with at most one error"""
    equal(brkwatch("-q", "-w", "f", CALLS, "2")[0], 0)
    with open("f", "rb") as file:
        data = file.read()
    for at in range(1, len(data), len(data) // 120):
        with open("g", "wb") as file:
            file.write(data[:at] + bytes([data[at] ^ (1 + at % 255)]) + data[at + 1:])
        for options in (("--json",), ("-c",)):
            status, _, said = brkwatch("--read", "g", *options, timeout=20)
            holds(status in (0, 1), at, status, said[-500:])
            holds(len(re.findall("^brkwatch: ", said, re.M)) <= 1, at, said[-500:])


@test
def killed():
    """a killed writer leaves a readable file; its summary is counted from events"""
    target = Target()
    watcher = Watcher("-w", "f", "-p", target.pid)
    made = target.do("50")
    while True:
        status, shown, _ = brkwatch("--read", "f", "-c")
        if re.search(rf"^brk +{made['brk']} ", shown, re.M):
            break
    watcher.kill()
    watcher.wait()
    equal(target.poll(), None)
    status, shown, said = brkwatch("--read", "f", "-c", "--bytes")
    equal((status, said), (0, "brkwatch: the capture has no end, because its writer was killed; everything in it was "
                              "shown\n"))
    holds(shown.startswith("counted from the events: "), shown)
    for name, calls, failed, moved in (("brk", "brk", "refused", "grown"), ("munmap", "munmap", "munmap_failed",
                                                                           "unmapped")):
        equal(re.search(rf"^{name} +(\d+) +(\d+) +(\d+) ", shown, re.M).groups(),
              (str(made[calls]), str(made[failed]), str(made[moved])))
    target.end()


@test
def counted_alike():
    """figures that are counted from events equal the kernel's"""
    program = f"{HERE}/verdicts"
    equal(brkwatch("-q", "-w", "f", "-f", "sh", "-c", f"{CALLS} 30; {CALLS} 7; {program} freed; {program} threads; "
                   f"{program} churn")[0], 0)
    _, kernels, _ = brkwatch("--read", "f", "-c", "--per-process", "--normalize")
    equal(kernels.count("\nverdict: "), 3)
    with open("f", "rb") as file:
        data = file.read()
    # The file lacks the request that ends all watches, and its answer.
    listed = list(records(data))
    end = max(number for number, (_, direction, message) in enumerate(listed)
              if direction == 4 and message[16] == 6 and len(message) > 20)
    after = next(at for at, direction, _ in listed[end + 1:] if direction == 4)
    with open("g", "wb") as file:
        file.write(data[:listed[end][0]] + data[after:])
    _, ours, _ = brkwatch("--read", "g", "-c", "--per-process", "--normalize")
    # Events do not contain private memory, and the figures of ended processes come from the kernel.
    without = [[line for line in text.splitlines() if not line.startswith("data: ")]
               for text in (kernels, ours.split("\n\n", 1)[1])]
    holds(len(without[0]) < len(kernels.splitlines()), kernels)
    equal(without[1], without[0])


@test
def full_disk():
    """a full disk under -w: one sentence, status 1, and the stored part is readable"""
    os.mkdir("small")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", "small"], check=True)
    try:
        status, _, said = brkwatch("-q", "-w", "small/f", CALLS, "300")
        equal((status, said), (1, "brkwatch: cannot write 'small/f': No space left on device; "
                                  "choose another file with -w\n"))
        status, shown, _ = brkwatch("--read", "small/f")
        holds(" brk(" in shown, shown[:500])
        equal(status, 1)
    finally:
        subprocess.run(["umount", "small"], check=True)


@test
def without_rights():
    """--read needs neither the module nor root"""
    equal(brkwatch("-q", "-w", "f", CALLS, "2")[0], 0)
    os.chmod(".", 0o755)
    _, wanted, _ = brkwatch("--read", "f")
    with without_module():
        equal(brkwatch("--read", "f", user=65534, group=65534, extra_groups=[])[1], wanted)
        equal(subprocess.run(["grep", "-c", "^brkwatch ", "/proc/modules"], stdout=subprocess.PIPE,
                             check=False).stdout, b"0\n")


@test
def refused():
    """a file that is not a capture, and options that do not fit, are refused"""
    with open("f", "w", encoding="ascii") as file:
        file.write("no capture\n" * 9)
    status, _, said = brkwatch("--read", "f")
    equal(status, 1)
    holds(re.fullmatch(r"brkwatch: cannot read 'f': .*; name a file that was made with -w\n", said), said)
    refuses("cannot read 'none': No such file or directory; name a file that was made with -w",
            "--read", "none")
    for args in (("-p", "1"), ("true",), ("-a",), ("-f",)):
        refuses("--read shows what was stored; leave out what to watch", "--read", "f", *args)
    for args, name in ((("--check",), "--check"), (("--buffer", "4M"), "--buffer"),
                       (("--duration", "1"), "--duration"), (("--status",), "--status")):
        refuses(f"--read and {name} do not go together; leave one of them out", "--read", "f", *args)
    for args, name in ((("--uid", "0"), "--uid"), (("--cgroup", "/"), "--cgroup")):
        refuses(f"a capture has no user and no control group of a call; give {name} when it is made",
                "--read", "f", *args)
    refuses("-w copies the whole capture; leave it or --event out", "--read", "f", "-w", "g", "-e", "brk")
    refuses("-c counts every call; leave --failed out", "--read", "f", "-c", "--failed")
    refuses("--map needs every event; leave --comm out", "--read", "f", "--map", "--comm", "x")
    status, _, said = brkwatch("-w", "/nowhere/f", "true")
    equal((status, said), (1, "brkwatch: cannot open /nowhere/f: No such file or directory; "
                              "choose another file with -w\n"))


main()

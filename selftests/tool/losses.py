#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A ring that is too small: the tool reports the loss, and no figure relies on lost events."""

from harness import NONE_LOST, Target, Watcher, bare, brkwatch, contents, equal, events, holds, main, test

UNKNOWN = "anonymous unknown (events lost)"


def stopped(buffer, *options):
    """A stopped watcher, while its target made many calls, which the figures count."""
    target = Target()
    watcher = Watcher("--buffer", buffer, *options, "-p", target.pid)
    watcher.stop()
    own = target.do(1000)
    return target, watcher, own, own["brk"] + own["mmap"] + own["munmap"]


def lossy(*options):
    """The same with too small a ring, and the watcher goes on."""
    target, watcher, own, made = stopped("4K", *options)
    watcher.go_on()
    return target, watcher, own, made


def losses(received, lost):
    return f"events {received}, lost {lost} (ring {lost}, probe 0, watch 0, socket 0)"


@test
def as_json():
    """--json: lost equals the calls made minus the events delivered"""
    target, watcher, _, made = lossy("--json", "-o", "j")
    target.end()
    equal(watcher.end(), (0, []))
    *delivered, last = events("j")
    lost = made + 1 - len(delivered)
    holds(lost > made // 2, lost, made)
    equal(last, {"event": "lost", "ring": lost, "probe": 0, "watch": 0, "socket": 0})


@test
def end_of_process():
    """--json: a process ends while the ring has no room for calls, and its end is delivered"""
    target, watcher, _, made = stopped("4K", "--json", "-o", "j")
    target.end()
    watcher.go_on()
    equal(watcher.end(), (0, []))
    *delivered, last = events("j")
    equal((delivered[-1]["event"], delivered[-1]["code"]), ("exit", 0))
    lost = made - (len(delivered) - 1)
    equal(last, {"event": "lost", "ring": lost, "probe": 0, "watch": 0, "socket": 0})
    holds(lost > 1000, lost)


@test
def as_text():
    """text: lost equals made minus delivered; then anonymous is unknown until the next exec"""
    target, watcher, *_ = lossy("--all")
    # Lines that are read have left the ring, so new events have room; the first of these reports the
    # loss before it. A distinct call marks where it ends.
    lines = [watcher.line()]
    target.do(1)
    own = target.do("refused")
    made = own["brk"] + own["mmap"] + own["munmap"]
    while "refused: " not in lines[-1]:
        lines.append(watcher.line())
    own = target.do("exec")
    while "+++ exec" not in lines[-1]:
        lines.append(watcher.line())
    before = len(lines)
    target.do(1)
    target.end()
    status, rest = watcher.end()
    equal(status, 0)
    lines += rest
    figures = [line for line in lines[:before] if "anonymous" in line.partition("  # ")[2]]
    known = [line for line in figures if line.endswith(" since attach")]
    unknown = [line for line in figures if UNKNOWN in line]
    holds(known and unknown and figures == known + unknown, *figures)
    figures = [line for line in lines[before:] if "anonymous" in line.partition("  # ")[2]]
    holds(figures and not any(UNKNOWN in line or "since attach" in line for line in figures), *figures)
    # All lost events lie between. The snapshot at the exec is an event without a line.
    kept = sum(" = " in line for line in lines[:before])
    equal(own["brk"], 0)
    equal(lines[-1], losses(len(lines), made - kept))


@test
def as_summary():
    """-c: the totals stay exact, figures that rely on events are unknown"""
    target, watcher, own, made = lossy("-c", "--bytes", "-w", "c")
    target.end()
    status, lines = watcher.end()
    equal(status, 0)
    words = [bare(line).split() for line in lines]
    holds(["brk", *(str(own[name]) for name in ("brk", "refused", "grown", "grown_largest"))] in words,
          *lines)
    holds(["munmap", *(str(own[name]) for name in ("munmap", "munmap_failed", "unmapped",
                                                   "unmapped_largest"))] in words, *lines)
    holds(f"anonymous: mapped {own['mapped']} bytes, unmapped and still mapped unknown (events lost)"
          in lines, *lines)
    received = int(words[-1][1].rstrip(","))
    equal(lines[-1], losses(received, made + 1 - received))


@test
def large_enough():
    """a larger --buffer loses nothing with the same calls"""
    target, watcher, _, made = stopped("4M", "--json", "-o", "j")
    watcher.go_on()
    target.end()
    equal(watcher.end(), (0, []))
    equal(len(events("j")), made + 2)
    equal(events("j")[-1]["ring"], 0)


@test
def priority():
    """the tool gets priority over others, the command that it launches does not"""
    status, out, _ = brkwatch("-q", "-o", "t", "--", "sh", "-c", "cat /proc/self/stat /proc/$PPID/stat")
    nices = [line.rpartition(")")[2].split()[16] for line in out.splitlines()]
    equal((status, nices), (0, ["0", "-20"]))


@test
def summary_of_stress():
    """-c loses nothing of stress-ng's brk and mmap stressors with the default ring"""
    for stressor in (("--brk", "1", "--brk-ops", "10000"),
                     ("--mmap", "1", "--mmap-ops", "20", "--mmap-bytes", "1m")):
        status, _, err = brkwatch("-c", "-f", "--strict", "-o", "c", "--", "stress-ng", "--quiet", *stressor)
        equal((status, err), (0, ""))
        last = contents("c").splitlines()[-1]
        holds(last.endswith(NONE_LOST), last)


if __name__ == "__main__":
    main(keep=False)

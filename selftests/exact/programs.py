#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The ledger of real programs equals the kernel's own account of them.

Debian 12 runs the whole table, later releases run the marked part.
"""

import platform
import signal

from checked import HERE, check, demand_equal, main, parse, tests
from harness import Target, Watcher, contents, equal, holds, test

FOLLOW = ("-f",)
# stress-ng runs as nobody, because as root it would break memory.
STRESS = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "stress-ng", "--quiet", "--seed", "1",
          "--temp-path", "/tmp")

THREADS = """
import threading
def work(n):
    for i in range(30):
        keep = [bytes(n * 1000 + j) for j in range(200)]
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
SUBPROCESSES = """
import subprocess, multiprocessing
for i in range(5):
    subprocess.run(["sh", "-c", "echo $((%d * 2)) | cat" % i], check=True)
with multiprocessing.Pool(2) as pool:
    assert sum(pool.map(abs, range(-100, 0))) == 5050
"""
PERL = 'my @l; push @l, "x" x ($_ % 4000) for 1..8000; @l = (); my %h; $h{$_} = [$_] for 1..20000'
NODE = """
const { Worker, isMainThread, workerData } = require("worker_threads");
const work = n => { let keep = []; for (let i = 0; i < 200; i++) keep.push(Buffer.alloc(n + i), "x".repeat(i) + i); };
work(isMainThread ? 100000 : workerData);
if (isMainThread) for (const n of [1000, 50000]) new Worker(__filename, { workerData: n });
if (isMainThread) require("child_process").execFileSync("true");
"""
SQL = """
create table t (n integer primary key, x text);
with recursive c(n) as (select 1 union all select n + 1 from c where n < 6000)
insert into t select n, hex(randomblob(20)) from c;
create index i on t (x);
select count(*), max(x) from t where x > '8' group by substr(x, 1, 1) order by 1;
delete from t where n % 3; vacuum;
"""
REDIS = """
redis-server --port 0 --unixsocket ./redis --save '' --daemonize no >log &
until [ -S redis ]; do sleep 0.1; done
redis-benchmark -s ./redis -q -n 400 -c 8 -d 2000 -t set,get,lpush,zadd >bench
redis-cli -s ./redis shutdown nosave
wait
"""
NGINX = """
mkdir -p logs
printf 'error_log stderr; pid nginx.pid; worker_processes 2; daemon off; events { }
http { access_log off; server { listen unix:%s/socket; root /usr/share/common-licenses; } }' "$PWD" >conf
nginx -p "$PWD" -c conf 2>log &
until [ -S socket ]; do sleep 0.1; done
printf 'GET /GPL-3 HTTP/1.0\\r\\n\\r\\n' >get
for i in 1 2 3 4 5; do python3 -c '
import socket
s = socket.socket(socket.AF_UNIX); s.connect("socket"); s.sendall(open("get", "rb").read())
while s.recv(65536): pass'; done
nginx -p "$PWD" -c conf -s quit 2>>log
wait
"""
GIT = """
git init -q . && cp /usr/include/*.h . && git add . &&
git -c user.name=x -c user.email=x@y commit -q -m x && git repack -q -a -d && git log --stat >log
"""
BASH = """
for i in {1..400}; do a[i]="$i $(( i * i ))"; s+="${a[i]}"; done
for i in {1..8}; do t=$(echo "${#s}" | sed 's/1/2/'); done
shopt -s globstar; f=(/usr/share/**); echo "${#f[@]} $t"
"""
SOURCE = '#include <stdio.h>\n#include <stdlib.h>\n#include <math.h>\nint main(void) { return puts("x") < 0; }\n'
LINES = 'BEGIN { srand(1); for (i = 0; i < 60000; i++) print rand(), i }'


def shell(text):
    return ("bash", "-c", text)


def stress(name, ops, *more):
    return (f"stress-ng {name}", True, FOLLOW,
            (*STRESS, f"--{name}", "1", f"--{name}-ops", str(ops), *more))


# name, whether all releases run it, options, command
PROGRAMS = (
    ("python3, 8 threads", True, (), ("python3", "-c", THREADS)),
    ("python3, subprocesses", False, FOLLOW, ("python3", "-c", SUBPROCESSES)),
    ("perl", False, (), ("perl", "-e", PERL)),
    ("node, 2 workers, a child", True, FOLLOW, shell(f"echo '{NODE}' >x.js && node x.js")),
    ("gcc, cc1, as, ld", True, FOLLOW, shell(f"echo '{SOURCE}' >x.c && gcc -O2 -o x x.c && ./x")),
    ("sqlite3", True, (), ("sqlite3", "x.db", SQL)),
    ("redis-server, redis-benchmark", True, FOLLOW, shell(REDIS)),
    ("nginx", False, FOLLOW, shell(NGINX)),
    ("git", False, FOLLOW, shell(GIT)),
    ("tar | xz", False, FOLLOW, shell("tar -c /usr/include/linux | xz -0 -T2 >x.tar.xz && xz -t x.tar.xz")),
    ("sort of a large file", False, FOLLOW,
     shell(f"awk '{LINES}' >x && sort -S 2M --parallel 2 x | sort -n -k 2 -S 64M >y && wc -l x y")),
    ("bash", False, FOLLOW, shell(BASH)),
    ("find", False, (), ("find", "/usr/share", "-name", "*.txt", "-size", "+1")),
    ("grep -r", False, (), ("grep", "-rc", "define", "/usr/include/linux")),
    ("make", False, FOLLOW, shell("printf 'all: a b c\\na b c:\\n\\techo $@ >$@\\n' >Makefile && make -s -j2")),
    ("jq", False, (), shell("jq -n '[range(20000) | {a: ., b: (. * 2 | tostring)}] | map(.b) | length'")),
    ("rsync", False, FOLLOW, ("rsync", "-a", "/usr/include/linux/", "x")),
    ("32 bits, 200 threads", True, (), (f"{HERE}/threads200-32",)),
    ("200 threads", True, (), (f"{HERE}/threads200",)),
    ("a segment over a mapping", True, (), (f"{HERE}/segment",)),
    stress("brk", 2000),
    stress("mmap", 4, "--mmap-bytes", "1M"),
    stress("mmapfixed", 10),
    stress("mremap", 10, "--mremap-bytes", "1M"),
    stress("madvise", 1),
    stress("mprotect", 200),
    stress("munmap", 20),
    stress("vm", 10, "--vm-bytes", "1M"),
    stress("stack", 1),
    stress("fork", 50),
    stress("vfork", 50),
    stress("clone", 30),
    stress("malloc", 2000),
)
FORMAT = "# {:<30} {:>9} {:>8} {:>6} {:>7} {:>9} {:>9} {:>11}"
table = []


def equal_ledger(row):
    name, _, options, command = row
    checked = check(*command, options=("--strict", *options))
    table.append((name, len(checked.processes), checked.events, checked.lost, checked.ranges,
                  checked.uncertain, checked.snapshots, checked.differences))
    if len(table) == 1:
        print(FORMAT.format("program", "processes", "events", "lost", "ranges", "uncertain", "snapshots",
                            "differences"))
    print(FORMAT.format(*table[-1]), flush=True)
    demand_equal(checked)
    if options:
        holds(len(checked.processes) > 1, "no child was compared", checked.said[-2000:])


def of_this_release():
    release = platform.freedesktop_os_release().get("VERSION_CODENAME")
    return [row for row in PROGRAMS if release == "bookworm" or row[1]]


tests(of_this_release(), equal_ledger)

RUNNING = """
import sys, mmap
keep = []
for line in sys.stdin:
    keep += [mmap.mmap(-1, 5000), bytearray(300000), [list(range(1000)) for i in range(50)]]
    keep[:1] = []
    print("done", flush=True)
"""


def go_on(target):
    """Lets the target do some more work, and stops it again."""
    target.go_on()
    target.tell("go")
    equal(target.stdout.readline(), b"done\n")
    target.stop()


@test
def running():
    """a process that ran before is compared at each SIGUSR1 and at ^C"""
    target = Target("python3", "-c", RUNNING)
    go_on(target)
    watcher = Watcher("--check", "-o", "c", "-p", target.pid)
    for number in range(1, 4):
        go_on(target)
        watcher.send_signal(signal.SIGUSR1)
        while contents("c").count("check ") < number:
            pass
    go_on(target)
    watcher.send_signal(signal.SIGINT)
    status, _ = watcher.end()
    checked = parse(status, "", contents("c"))
    equal(len(checked.processes), 4)
    demand_equal(checked)
    holds(checked.ranges > 20, checked.said)


@test
def for_a_time():
    """a stopped process is compared at the end of --duration"""
    target = Target("python3", "-c", RUNNING)
    go_on(target)
    watcher = Watcher("--check", "--duration", "0.2", "-o", "c", "-p", target.pid)
    go_on(target)
    status, _ = watcher.end()
    checked = parse(status, "", contents("c"))
    equal(len(checked.processes), 1)
    demand_equal(checked)


main(300)

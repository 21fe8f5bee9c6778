#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What fish offers, asked on the host of the shell itself, as TAP.
set -uo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

number=0
failed=0

# offered WORDS: what fish offers for the last of them.
offered()
{
	fish --no-config -c "source $work/fish; complete -C 'brkwatch $1'" | cut -f1 | sort | paste -sd' '
}

result()
{
	local result=ok

	[ "$2" = "$3" ] || { result='not ok' failed=1; echo "# wanted '$3', got '$2'"; }
	echo "$result $((++number)) completion: fish, brkwatch $1"
}

# try WORDS WANTED
try() { result "$1" "$(offered "$1")" "$2"; }

echo TAP version 13
make -s -C "$project/user" >&2 || exit 1
"$project/user/brkwatch" --completion fish >"$work/fish" || exit 1
listed=$("$project/user/brkwatch" --help | grep -oE '^ .{5}--[a-z-]+' | grep -oE -- '--.*' |
	sort | paste -sd' ')
result -- "$(offered -- | tr ' ' '\n' | grep -E -- '^--[a-z]' | paste -sd' ')" "$listed"
try --stri --strict
try '-p 1 --sys' --system
try '-e pk' pkey_mprotect
try '--event sh' 'shmat shmdt'
try '--uid roo' root
try '-o /etc/hostna' /etc/hostname
try '--cgroup /sys/fs/cgro' /sys/fs/cgroup/
try '--completion ' 'bash fish'
try '--color ' 'always auto never'
try '--buffer ' ''
try "--pid $$" $$
try setsi setsid
try '-p 1 setsi' setsid
try '-- setsi' setsid
try 'ls --stri' ''
try 'ls /etc/hostna' /etc/hostname
echo "1..$number"
exit $failed

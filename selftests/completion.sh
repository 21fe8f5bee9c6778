#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What fish and zsh offer, asked on the host of the shells themselves, as TAP.
# shellcheck disable=SC2317  # offered calls them by name
set -uo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work

number=0
failed=0

# offered_SHELL WORDS: what the shell offers for the last of them, a line each.
offered_fish() { fish --no-config -c "source $work/fish; complete -C 'brkwatch $1'" | cut -f1; }

offered_zsh() { timeout 60 zsh -f "$project/selftests/completion.zsh" "${file:-$work/zsh/_brkwatch}" "brkwatch $1"; }

offered() { "offered_$shell" "$1" | sort -u | paste -sd' '; }

result()
{
	local result=ok

	[ "$2" = "$3" ] || { result='not ok' failed=1; echo "# wanted '$3', got '$2'"; }
	echo "$result $((++number)) completion: $shell, brkwatch $1"
}

# try WORDS WANTED
try() { result "$1" "$(offered "$1")" "$2"; }

echo TAP version 13
make -s -C "$project/user" >&2 || exit 1
listed=$("$project/user/brkwatch" --help | grep -oE '^ .{5}--[a-z-]+' | grep -oE -- '--.*' |
	sort | paste -sd' ')
mkdir "$work/zsh"
"$project/user/brkwatch" --completion fish >"$work/fish" &&
	"$project/user/brkwatch" --completion zsh | tee "$work/sourced" >"$work/zsh/_brkwatch" || exit 1
for shell in fish zsh; do
	# zsh completes names in a folder, and goes on with it.
	folder=/etc/
	[ "$shell" = fish ] || folder=''
	result -- "$(offered -- | tr ' ' '\n' | grep -E -- '^--[a-z]' | paste -sd' ')" "$listed"
	try --stri --strict
	try '-p 1 --sys' --system
	try '-e pk' pkey_mprotect
	try '--event sh' 'shmat shmdt'
	try '--uid roo' root
	try '-o /etc/hostna' "${folder}hostname"
	try '--completion ' 'bash fish zsh'
	try '--color ' 'always auto never'
	try '--buffer ' ''
	try "--pid $$" $$
	try setsi setsid
	try '-p 1 setsi' setsid
	try '-- setsi' setsid
	try 'ls --stri' ''
	try 'ls /etc/hostna' "${folder}hostname"
done
shell=fish
try '--cgroup /sys/fs/cgro' /sys/fs/cgroup/
shell=zsh
try '--cgroup /sys/fs/cgro' cgroup
file=$work/sourced
try --stri --strict
echo "1..$number"
exit $failed

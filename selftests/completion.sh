#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What bash, fish and zsh offer, as the shells on this host report it; as TAP.
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

# bash calls this function for the offers, after splitting the words in its own way.
offered_bash()
{
	rm -f "$work/offered"
	HISTFILE='' bash --noprofile --rcfile "$work/bashrc" -i <<<"brkwatch $1"$'\t' >/dev/null 2>&1
	cat "$work/offered" 2>/dev/null
}

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
cat >"$work/bashrc" <<END
source <("$project/user/brkwatch" --completion bash)
tell() { _brkwatch; [ \${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "\${COMPREPLY[@]}" >>"$work/offered"; }
complete -F tell brkwatch
brkwatch() { printf '%s\\n' "\$@" >"$work/completed"; }
END
for shell in bash fish zsh; do
	# zsh completes names in a folder and after a comma, and continues there; fish also prints
	# the option of a value.
	folder=/etc/ first=brk, option=
	[ "$shell" != zsh ] || folder='' first=''
	[ "$shell" != fish ] || option=--event=
	result -- "$(offered -- | tr ' ' '\n' | grep -E -- '^--[a-z]' | paste -sd' ')" "$listed"
	try --stri --strict
	try '-p 1 --sys' --system
	try '-f --event=pk' ${option}pkey_mprotect
	try '-e brk,pk' ${first}pkey_mprotect
	try '--event=brk,sh' "$option${first}shmat $option${first}shmdt"
	try "--pid 1,$$" "${first:+1,}$$"
	try '-E A=b --stri' --strict
	try '-E A= setsi' setsid
	try '-e pk' pkey_mprotect
	try '--event sh' 'shmat shmdt'
	try '--uid roo' root
	try '-o /etc/hostna' "${folder}hostname"
	try '--completion ' 'bash fish zsh'
	try '--color ' 'always auto never'
	try '--stacks ' 'folded folded-held folded-peak'
	try '--buffer ' ''
	try "--pid $$" $$
	try setsi setsid
	try '-p 1 setsi' setsid
	try '-- setsi' setsid
	try 'ls --stri' ''
	try 'ls /etc/hostna' "${folder}hostname"
done
shell=bash
try "-e '!pk" '!pkey_mprotect'
try '-e trace=brk,pk' brk,pkey_mprotect
result '-e brk,pk, and Tab' "$(paste -sd' ' "$work/completed")" '-e trace=brk,pkey_mprotect'
try '--cgroup /sys/fs/cgro' /sys/fs/cgroup
shell=fish
try '-e !pk' '!pkey_mprotect'
try '--cgroup /sys/fs/cgro' /sys/fs/cgroup/
shell=zsh
try '--cgroup /sys/fs/cgro' cgroup
file=$work/sourced
try --stri --strict
echo "1..$number"
exit $failed

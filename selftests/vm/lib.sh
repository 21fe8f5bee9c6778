# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts in this folder share; sourced, never run.

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# The project these scripts stand in: a copy elsewhere builds its own project.
# shellcheck disable=SC2034
project=$(cd "$vm/../.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/brkwatch
# Options of mmdebstrap that have each package downloaded once for all roots.
# shellcheck disable=SC2034
share_packages=(--setup-hook="'$vm/packages-cache' take '$cache/packages' \"\$1\""
	--extract-hook="'$vm/packages-cache' keep '$cache/packages' \"\$1\""
	--customize-hook="'$vm/packages-cache' keep '$cache/packages' \"\$1\"")

say() { printf 'vm: %s\n' "$*" >&2; }

# 125 as in git-bisect: no verdict about the command could be had.
die()
{
	say "$*"
	exit 125
}

usage_error()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

check_release()
{
	case $1 in
	bookworm | trixie | trixie-backports | debug | kcsan) ;;
	bookworm-rt | trixie-rt | bookworm-peers | trixie-peers) ;;
	*) usage_error "no such release: '$1' (bookworm, trixie, trixie-backports, debug, kcsan, NAME-rt or NAME-peers)" ;;
	esac
}

# Does a release have a kernel of our own making?
has_own_kernel() { [ -e "$vm/$1.config" ]; }

# Chroots, bind mounts and device nodes: everything but QEMU wants root.
need_root()
{
	[ "$(id -u)" = 0 ] || die "$1 needs root; run as root once, then the cache serves"
}

need_tools()
{
	local tool missing=()

	for tool; do
		command -v "$tool" >/dev/null || missing+=("$tool")
	done
	[ ${#missing[@]} = 0 ] ||
		die "not installed: ${missing[*]}; run: sudo selftests/setup.sh"
}

# digest TEXT...: a short name for all that something is made of.
digest() { printf '%s\0' "$@" | sha256sum | cut -c1-16; }

# One maker at a time; the lock goes with the process, however it ends.
# lock NAME: holds it on file descriptor 9.
lock()
{
	mkdir -p "$cache/lock"
	exec 9>"$cache/lock/$1"
	flock --nonblock 9 && return
	say "waiting for another run that makes $1"
	flock 9
}

unlock() { exec 9>&-; }

# Interrupted makers leave NAME.tmp: to be called under its lock. Never across
# a mount point, should one have been left behind.
clear_tmp() { rm -rf --one-file-system "$1.tmp"; }

# isolated COMMAND...: mounts and processes of its own, all gone when it ends
# or is killed, so that nothing stays mounted in the cache.
isolated()
{
	unshare --mount --pid --fork --kill-child --mount-proc -- "$@" 9>&-
}

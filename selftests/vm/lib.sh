# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the scripts in this folder share; they source it.

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# The project of these scripts: a copy elsewhere builds its own project.
# shellcheck disable=SC2034
project=$(cd "$vm/../.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/brkwatch
# Options of mmdebstrap: each package is downloaded once for all roots.
# shellcheck disable=SC2034
share_packages=(--setup-hook="'$vm/packages-cache' take '$cache/packages' \"\$1\""
	--extract-hook="'$vm/packages-cache' keep '$cache/packages' \"\$1\""
	--customize-hook="'$vm/packages-cache' keep '$cache/packages' \"\$1\"")

say() { printf 'vm: %s\n' "$*" >&2; }

# 125 as in git-bisect: there is no verdict about the command.
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
	bookworm-rt | trixie-rt | bookworm-peers | trixie-peers | bookworm-programs) ;;
	*) usage_error "no such release: '$1' (bookworm, trixie, trixie-backports, debug, kcsan, NAME-rt, NAME-peers or bookworm-programs)" ;;
	esac
}

# Does a release have a kernel that we build ourselves?
has_own_kernel() { [ -e "$vm/$1.config" ]; }

# Chroots, bind mounts and device nodes need root; only QEMU does not.
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

# digest TEXT...: a short name for all inputs of a product.
digest() { printf '%s\0' "$@" | sha256sum | cut -c1-16; }

# Only one maker runs at a time; its lock ends with the process, in any case.
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

# Interrupted makers leave NAME.tmp; a caller holds its lock. Never cross a mount point, because an
# earlier maker may have left one.
clear_tmp() { rm -rf --one-file-system "$1.tmp"; }

# isolated COMMAND...: COMMAND gets its own mounts and processes, which all end with it, so that
# nothing stays mounted in the cache.
isolated()
{
	unshare --mount --pid --fork --kill-child --mount-proc -- "$@" 9>&-
}

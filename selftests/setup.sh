#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Installs the packages that a target of make needs on a Debian host (12 or later), and no others.
# Quick and silent when all are installed.
#
#   setup.sh [TARGET...]    TARGET: the target that the user gave to make; check if none
set -euo pipefail

# selftests/vm: a guest's programs are built in its root.
guests=(
	qemu-system-x86 mmdebstrap debian-archive-keyring busybox-static cpio e2fsprogs kmod make
	python3 rsync util-linux xz-utils zstd
)
# The tool, built on the host
tool=(
	gcc libc6-dev pkg-config
	libnl-3-dev libnl-genl-3-dev libkmod-dev libpcap-dev libncurses-dev libdw-dev libiberty-dev
)
pictures=(gnuplot-nox)
# Static and unit tests; strace shows which files the tool opens when it reads a capture.
checks=(
	clang-format codespell fish git libjson-c-dev perl python3-docutils python3-jsonschema
	python3-yaml shellcheck strace tshark zsh
)
# The page of --html, the Debian packages, libFuzzer
all_checks=(
	chromium-driver chromium-headless-shell clang fonts-dejavu-core lintian python3-selenium
)

# needed TARGET...: the packages of make's targets, a line each.
needed()
{
	local target names=()

	for target; do
		names+=("${guests[@]}")
		case $target in
		demo | vm | bench | check-long | check-hostile | check-matrix | check-debug) ;;
		pictures) names+=("${tool[@]}" "${pictures[@]}") ;;
		*) names+=("${tool[@]}" "${pictures[@]}" "${checks[@]}") ;;
		esac
		[ "$target" != check-all ] || names+=("${all_checks[@]}")
	done
	[[ " $* " != *' check-all '* ]] || fuzzer
	printf '%s\n' "${names[@]}" | sort -u
}

# missing: the packages that are not installed, a line each.
missing()
{
	local installed

	# dpkg-query fails for unknown packages, but its list is right all the same.
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
		"${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
	comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) \
		<(sort -u <<<"$installed")
}

# libFuzzer's package is named after the version of the compiler. The result is empty as long as apt
# does not know the package.
fuzzer()
{
	{ apt-cache depends clang 2>/dev/null || true; } |
		sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
}

distribution()
{
	# shellcheck disable=SC1091
	(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-}") 2>/dev/null ||
		echo unknown
}

fail()
{
	printf 'setup: %s\n' "$*" >&2
	exit 1
}

# look TARGET...: finds what the targets need, and which packages are missing.
look()
{
	mapfile -t packages < <(needed "$@")
	mapfile -t wanted < <(missing)
}

# install TARGET...
install()
{
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q </dev/null || fail 'apt-get update failed (see above)'
	# Look again, because apt knows all names now.
	look "$@"
	echo "setup: installing ${#wanted[@]} packages: ${wanted[*]}"
	apt-get install -q -y --no-install-recommends \
		-o Dpkg::Options::=--force-confold "${wanted[@]}" </dev/null ||
		fail 'apt-get install failed (see above)'
	echo 'setup: done'
}

[ $# -gt 0 ] || set -- setup
look "$@"
read -r id version < <(distribution)
if [ "$id" != debian ]; then
	fail "this is '$id', not Debian; install the equivalents of: ${packages[*]}
(on Debian: apt-get install --no-install-recommends ${packages[*]})"
fi
# testing and unstable have no number.
if [ "${version:-99}" -lt 12 ]; then
	fail "Debian $version is too old: 12 or later is needed; there, run: sudo selftests/setup.sh"
fi

# The guests' roots are made with chroot and mounts.
[ "$(id -u)" = 0 ] || fail "root is missing${wanted[0]:+, and these packages: ${wanted[*]}};" \
	"run: sudo make $*"
[ ${#wanted[@]} -gt 0 ] || exit 0
install "$@"

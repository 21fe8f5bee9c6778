#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Installs what building and testing need on a Debian host (12 or later), and
# nothing else. Quick and silent when everything is there.
#
#   setup.sh [TARGET...]    TARGET: what the user asked make for
set -euo pipefail

packages=(
	# the guests: selftests/vm
	qemu-system-x86 mmdebstrap debian-archive-keyring busybox-static cpio
	e2fsprogs kmod rsync util-linux xz-utils zstd
	# the tool
	gcc libc6-dev make pkg-config
	libnl-3-dev libnl-genl-3-dev libkmod-dev libjson-c-dev libpcap-dev libncurses-dev
	libdw-dev libiberty-dev
	# checks
	bc clang clang-format fish git gnuplot-nox lintian perl python3 python3-docutils python3-jsonschema
	python3-yaml shellcheck sparse strace tshark zsh
	# pages
	chromium-driver chromium-headless-shell fonts-dejavu-core python3-selenium
)

# missing: those of the packages that are not installed, a line each.
missing()
{
	local installed

	# Fails for unknown packages; what it lists is right all the same.
	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
		"${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
	comm -23 <(printf '%s\n' "${packages[@]}" | sort -u) \
		<(sort -u <<<"$installed")
}

# What libFuzzer is in is named after the version of the compiler; once apt knows it.
fuzzer()
{
	dpkg-query -W -f '${db:Status-Status}\n' 'libclang-rt-*-dev' 2>/dev/null |
		grep -qx installed ||
		apt-cache depends clang | sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
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

install()
{
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q </dev/null || fail 'apt-get update failed (see above)'
	mapfile -t -O ${#wanted[@]} wanted < <(fuzzer)
	echo "setup: installing ${#wanted[@]} packages: ${wanted[*]}"
	apt-get install -q -y --no-install-recommends \
		-o Dpkg::Options::=--force-confold "${wanted[@]}" </dev/null ||
		fail 'apt-get install failed (see above)'
	echo 'setup: done'
}

read -r id version < <(distribution)
if [ "$id" != debian ]; then
	fail "this is '$id', not Debian; install the equivalents of: ${packages[*]}
(on Debian: apt-get install --no-install-recommends ${packages[*]})"
fi
# testing and unstable have no number.
if [ "${version:-99}" -lt 12 ]; then
	fail "Debian $version is too old: 12 or later is needed; there, run: sudo selftests/setup.sh"
fi

mapfile -t wanted < <(missing)
# The guests' roots are made with chroot and mounts.
[ "$(id -u)" = 0 ] || fail "root is missing${wanted[0]:+, and these packages: ${wanted[*]}};" \
	"run: sudo make ${*:-setup}"
[ ${#wanted[@]} -gt 0 ] || exit 0
install

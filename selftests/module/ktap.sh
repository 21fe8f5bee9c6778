# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The scripts that test the module share these functions: source this file, never run it.

# shellcheck source=/dev/null
. ../kselftest/ktap_helpers.sh

# check DESCRIPTION COMMAND...: a test that passes when COMMAND succeeds.
check()
{
	local what=$1
	shift
	if "$@"; then ktap_test_pass "$what"; else ktap_test_fail "$what"; fi
}

# A CPU that QEMU emulates may run stale code after another CPU has patched it,
# as the first and the last session do. The guest's kernel then dies of an int3
# that it no longer knows, with or without brkwatch, so such a guest gets one CPU.
other_cpus()
{
	local online

	grep -q 'QEMU TCG' /proc/cpuinfo || return 0
	for online in /sys/devices/system/cpu/cpu*/online; do
		[ ! -e "$online" ] || echo "$1" >"$online"
	done
}

users() { awk '$1 == "brkwatch" { print $3 }' /proc/modules; }

# unused: without a session nobody holds the module; but with hook=direct a call in flight does, if
# not for long.
unused()
{
	local tries=1

	! grep -qsx direct /sys/module/brkwatch/parameters/hook || tries=1000
	while ((tries--)); do
		[ "$(users)" != 0 ] || return 0
	done
	return 1
}

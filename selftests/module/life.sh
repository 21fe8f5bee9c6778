#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module loads and unloads, whatever its readers do.
#	BRKWATCH_LOADS: number of loads; the test kills half as many readers
cd "$(dirname "$0")" || exit 1
# shellcheck source=/dev/null
. ./ktap.sh

loads=${BRKWATCH_LOADS:-25}
kills=$((loads / 2))

come_and_go()
{
	local i

	for ((i = 0; i < loads; i++)); do
		rmmod brkwatch && modprobe brkwatch || return 1
	done
}

# start_reader PID...: returns once the reader watches; its process number is in $reader.
start_reader()
{
	local line

	exec 8< <(exec ./reader "$@")
	reader=$!
	read -r line <&8 && [ "$line" = ready ]
}

kill_reader()
{
	exec 8<&-
	kill -KILL "$reader"
	wait "$reader" 2>/dev/null
	true
}

refused_while_open()
{
	local said

	start_reader || return 1
	said=$(LC_ALL=C rmmod brkwatch 2>&1) && return 1
	kill_reader
	echo "# $said"
	[[ $said == *"in use"* ]]
}

# The session is over because wait() has returned, so no session holds the module.
kill_readers_of()
{
	local i

	for ((i = 0; i < kills; i++)); do
		start_reader "$1" || return 1
		[ "$(users)" -gt 0 ] || return 1
		kill_reader
		unused || { echo "# round $i: $(users) users"; return 1; }
	done
	rmmod brkwatch
}

killed_under_load()
{
	local churn status=0

	other_cpus 0
	./churn &
	churn=$!
	kill_readers_of "$churn" || status=1
	kill "$churn"
	wait "$churn" 2>/dev/null
	other_cpus 1
	modprobe brkwatch && return $status
}

# names_symbol SYMBOL SENTENCE: a reader receives SENTENCE when SYMBOL cannot be probed.
names_symbol()
{
	local said

	rmmod brkwatch && modprobe brkwatch symbols="$1" || return 1
	said=$(./reader 2>&1)
	echo "# $said"
	rmmod brkwatch && modprobe brkwatch && [[ $said == *"$2 $1" ]]
}

# Words of a stack are more than what unprivileged=1 lets a user see.
askers_need_privilege()
{
	local said

	rmmod brkwatch && modprobe brkwatch unprivileged=1 || return 1
	said=$(setpriv --reuid=1000 --regid=1000 --clear-groups ./reader -a 1 2>&1)
	echo "# $said"
	rmmod brkwatch && modprobe brkwatch &&
		[[ $said == *"askers need CAP_SYS_ADMIN, CAP_SYS_PTRACE or CAP_PERFMON; leave them out" ]]
}

describes_itself()
{
	local field

	for field in description author license version; do
		[ -n "$(modinfo -F $field brkwatch)" ] || return 1
	done
	[ "$(modinfo -F license brkwatch)" = GPL ] || return 1
	# The description of each parameter ends with its unit: ", in UNIT (default)".
	modinfo -F parm brkwatch | grep -vE ', in [a-z]+( |$)' | sed 's/^/# no unit: /' | grep . && return 1
	[ "$(modinfo -F parm brkwatch | wc -l)" -ge 2 ]
}

ktap_print_header
ktap_set_plan 7
check "insmod and rmmod $loads times" come_and_go
check "rmmod says in use while a session is open" refused_while_open
check "a reader killed under load $kills times leaves nothing" killed_under_load
check "a missing symbol is named" names_symbol no_such_function "no symbol"
check "a refused symbol is named" names_symbol asm_exc_int3 "refuses a probe on"
check "askers need privilege whatever unprivileged says" askers_need_privilege
check "modinfo describes the module and its parameters" describes_itself
ktap_finished

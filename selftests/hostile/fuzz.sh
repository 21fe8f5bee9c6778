#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Root, a plain user, and both at once over the same ports send random requests.
#	BRKWATCH_MESSAGES: number of messages each time
cd "$(dirname "$0")" || exit 1
# shellcheck source=/dev/null
. ../module/ktap.sh

messages=${BRKWATCH_MESSAGES:-1000}
seed=${BRKWATCH_SEED:-$RANDOM}
user=65534
covered=$(mktemp)
chmod 666 "$covered"

# load [PARAMETER...]: loads the module anew. It has few return instances, because sessions
# open and close all the time.
load() { unused && rmmod brkwatch && modprobe brkwatch maxactive=64 "$@"; }

as_root() { ./fuzz "$1" "$messages" "$covered"; }

as_user() { setpriv --reuid $user --clear-groups ./fuzz "$1" "$messages" "$covered"; }

# A plain user may open a session only with this parameter of the module.
as_user_allowed() { load unprivileged=1 && as_user "$1"; }

as_user_refused()
{
	local said

	load && said=$(as_user "$1")
	echo "$said"
	[[ $said == *"a session afterwards: -1 "* ]]
}

both()
{
	local status=0 other

	load unprivileged=1 || return 1
	as_user "$1" &
	other=$!
	as_root $(($1 + 1)) || status=1
	wait $other && return $status
}

nothing_left() { load && [ "$(users)" = 0 ]; }

# A leak shows after two scans; the script that runs the guest reads their messages.
no_leak()
{
	local file=/sys/kernel/debug/kmemleak

	# A kernel with kmemleak switched off at boot has the file, but refuses writes. This
	# write changes nothing, because stacks are scanned anyway.
	if ! echo stack=on 2>/dev/null >$file; then
		echo "# this kernel does not look for leaks"
		return 0
	fi
	rmmod brkwatch || return 1
	sleep 6
	echo scan >$file && echo scan >$file
	grep -A 20 . $file | sed 's/^/# /'
	[ -z "$(cat $file)" ] && modprobe brkwatch
}

coverage()
{
	[ -s "$covered" ] || { echo "# this kernel does not tell what it runs"; return 0; }
	./coverage.py /opt/brkwatch/brkwatch.ko "$covered" netlink_request.c netlink_dump.c netlink_snapshot.c session.c
}

ktap_print_header
ktap_set_plan 7
other_cpus 0
load
check "root" as_root "$seed"
check "a user who may not" as_user_refused $((seed + 2))
check "a user who may" as_user_allowed $((seed + 3))
check "both at once, with the same ports" both $((seed + 4))
check "what the requests ran" coverage
check "nobody holds the module" nothing_left
check "no memory is lost" no_leak
rm -f "$covered"
# Load the module without parameters again, because other tests follow.
rmmod brkwatch && modprobe brkwatch
other_cpus 1
ktap_finished

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tests of the sources that do not run them, as TAP. The builds of the test VMs are made with W=1
# and sparse; their logs must hold no warning.
#
#   static.sh            all sources, and the build for bookworm
#   static.sh RELEASE    only the build for another release
# shellcheck disable=SC1091,SC2154,SC2317  # vm/lib.sh sets vm and project; check calls
set -uo pipefail
. "$(dirname "$0")/vm/lib.sh"
cd "$project" || exit 1

linux=$("$vm/linux-source") || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

number=0
failed=0

# check WHAT COMMAND...: passes when COMMAND succeeds; its output follows a failure.
check()
{
	local what=$1 result=ok
	shift
	if ! "$@" >"$work/said" 2>&1; then
		result='not ok'
		failed=1
		sed 's/^/# /' "$work/said"
	fi
	echo "$result $((++number)) static: $what"
}

# sources PATTERN...: tracked and new files.
sources() { git ls-files --cached --others --exclude-standard -- "$@" 2>/dev/null || ls -d "$@"; }

shell_scripts()
{
	local file

	while read -r file; do
		[ -f "$file" ] && head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh|shellcheck shell' ||
			sed -n 2p "$file" 2>/dev/null | grep -q 'shellcheck shell' || continue
		echo "$file"
	done < <(sources selftests .ci)
}

# The generator looks for its schema beside the spec and stops at a MAINTAINERS.
generated_header()
{
	mkdir -p "$work/gen/specs"
	touch "$work/gen/MAINTAINERS"
	cp "$linux"/Documentation/netlink/genetlink.yaml "$work/gen/"
	cp Documentation/netlink/specs/brkwatch.yaml "$work/gen/specs/"
	timeout 60 /usr/bin/python3 "$linux/tools/net/ynl/ynl-gen-c.py" --mode uapi --header \
		--spec "$work/gen/specs/brkwatch.yaml"
}

uapi_is_fresh() { generated_header | diff -u module/include/uapi/linux/brkwatch.h -; }

checkpatch()
{
	perl "$linux/scripts/checkpatch.pl" --no-tree --quiet --terse --no-summary --show-types \
		--max-line-length=100 "$@"
}

# Macros that name a member or a tracepoint use their argument twice. Any process may mark itself. A
# module outside of the tree supports several kernels.
module_style()
{
	sources 'module/*.[ch]' | grep -v uapi/ |
		xargs_checkpatch --strict --ignore MACRO_ARG_REUSE,EXPORTED_WORLD_WRITABLE \
			--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON
}

# User-space code has no kernel macros; expected output is long; a variable that a signal handler
# writes is volatile.
# Programs of users may ask for ENOSYS, and digits in pairs have no spaces between them.
user_style()
{
	sources 'user/*.[ch]' 'selftests/*.[ch]' 'selftests/**/*.[ch]' 'Documentation/**/*.[ch]' |
		xargs_checkpatch --ignore PREFER_DEFINED_ATTRIBUTE_MACRO,SPLIT_STRING,COMPLEX_MACRO,VOLATILE,ENOSYS,MISSING_SPACE
}

xargs_checkpatch()
{
	local files
	mapfile -t files
	checkpatch "$@" -f "${files[@]}"
}

format() { sources '*.c' '*.h' | grep -v uapi/ | xargs clang-format --dry-run -Werror; }

kernel_doc()
{
	sources 'module/*.[ch]' 'user/*.[ch]' | xargs "$linux/scripts/kernel-doc" -none -Wall -Werror
}

shell_lint() { shell_scripts | xargs shellcheck -x; }

documents()
{
	local file

	for file in $(sources '*.rst'); do
		rst2html --halt=warning "$file" >/dev/null || return 1
	done
}

# The folders of user/ from the top down: an include points to its own or further down.
# The files at the root may include all; view/html belongs to view.
layers='run view stack wire cli ledger event lib'

directions()
{
	sources 'user/*/*.[ch]' | xargs grep -HoE '^#include "[^"]+"' | awk -v layers="$layers" '
		BEGIN { for (n = split(layers, name, " "); n; n--) rank[name[n]] = n }
		{
			split($0, part, /[:"]/)
			split(part[1], from, "/")
			split(part[3], to, "/")
			if (!rank[from[2]] || !rank[to[1]] || rank[to[1]] < rank[from[2]]) {
				print part[1] " includes " part[3]
				bad = 1
			}
		}
		END { exit bad }'
}

# Code that keeps accounts uses no netlink, prints no message to the user and writes nowhere.
pure()
{
	! sources 'user/ledger/*.[ch]' 'user/stack/*.[ch]' 'user/event/*.[ch]' | xargs grep -HnE \
		-e '#include [<"](netlink/|linux/(ge)?netlink|lib/say\.h|wire/)' \
		-e '\<(nl|nla|nlmsg|genl)_[a-z_]+\(' \
		-e '\<(say|v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|write|perror)\(' \
		-e '\<(stdout|stderr)\>'
}

# says_what_it_is FOLDER...: the comment below the SPDX line of each file.
says_what_it_is()
{
	sources "${@/%//*.[ch]}" | xargs awk '
		FNR == 2 { said = /^\/\* ./; opens = /^\/\*$/ }
		FNR == 3 { said = said || (opens && /^ \* ./) }
		FNR == 3 && !said { print FILENAME " does not say what it is"; bad = 1 }
		END { exit bad }'
}

# The kernel's format: what, date, version, contact, description; and it has each parameter.
interfaces()
{
	local abi=Documentation/ABI/testing name

	awk '
		/^What:\t/ && !what { delete has; what = FILENAME ": " $2 }
		/^(What|Date|KernelVersion|Contact|Description|Users):/ { has[$1] = 1 }
		/^[^\t]/ && !/^(What|Date|KernelVersion|Contact|Description|Users):/ { lacks("its tag in " $0) }
		/^Description:/ { done() }
		function lacks(tag) { print what " lacks " tag; bad = 1 }
		function done() {
			if (!has["Date:"]) lacks("Date")
			if (!has["KernelVersion:"]) lacks("KernelVersion")
			if (!has["Contact:"]) lacks("Contact")
			what = ""
		}
		END { exit bad }' "$abi"/* || return 1
	sed -nE 's/^module_param(_array|_cb)?\(([a-z_]+),.*/\2/p' module/*.c | while read -r name; do
		grep -qxP "What:\t+/sys/module/brkwatch/parameters/$name" "$abi"/sysfs-module-brkwatch ||
			{ echo "$name is not in $abi"; return 1; }
	done
}

named_files() { sources | selftests/named_files.py; }

# modinfo prints "parm"; noone is a user that does not exist.
spelling()
{
	sources '*.c' '*.h' '*.rst' '*.py' '*.sh' CHANGELOG | xargs codespell --ignore-words-list parm,noone
}

# no_warning RELEASE: makes the build if needed, because W=1 and C=1 are on there.
no_warning()
{
	local built

	built=$("$vm/build" --release "$1" --kselftest | tail -n 1) || return 1
	grep -q -- ' C=1' "$built/log" || { echo "built without sparse"; return 1; }
	! grep -E 'warning:|error:' "$built/log"
}

echo TAP version 13
if [ $# -gt 0 ]; then
	check "W=1 and sparse, $1" no_warning "$1"
	echo "1..$number"
	exit $failed
fi
check "the uapi header is what the spec generates" uapi_is_fresh
check "checkpatch --strict, module" module_style
check "checkpatch, the rest" user_style
check "clang-format" format
check "kernel-doc" kernel_doc
check "shellcheck" shell_lint
check "includes point down in user/" directions
check "ledger, stack and event are pure" pure
check "each file of user/ and module/ says what it is" says_what_it_is user module
check "documents parse without a warning" documents
check "each file that a document or a comment names is there" named_files
check "codespell" spelling
check "performance.rst begins with the figures of its tables" \
	selftests/bench/lead.py Documentation/performance.rst
check "the ABI is documented in the kernel's format" interfaces
check "W=1 and sparse, bookworm" no_warning bookworm
echo "1..$number"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the installed kselftests in the guest of a Debian release and judges their output, because
# run_kselftest.sh itself exits 0 even after failures.
#
#   kselftest.sh [-c COLLECTION | -t COLLECTION:TEST]... [RELEASE [OPTION of vm/run...]]
# shellcheck disable=SC1091,SC2154  # vm/lib.sh sets vm
set -euo pipefail
. "$(dirname "$0")/vm/lib.sh"

tests=()
while [[ ${1:-} == -[ct] ]]; do
	tests+=("$1" "${2:?}")
	shift 2
done
release=${1:-bookworm}
[ $# = 0 ] || shift
check_release "$release"

# Documentation/testing.rst explains these amounts.
mapfile -t amounts < <(env | grep -E '^BRKWATCH_(SEQUENCES|MESSAGES|CALLS|LIVES|LOADS|STRESS|ADDED|SEED)=')
# Larger amounts than usual take longer than the time limit of a test.
timeout=7200
[ ${#amounts[@]} = 0 ] || { tests+=(--override-timeout 0) && timeout=0; }

output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
"$vm/run" --release "$release" --kselftest --timeout "$timeout" "$@" -- \
	env "${amounts[@]}" /opt/brkwatch/selftests/run_kselftest.sh "${tests[@]}" \
	</dev/null | tee "$output" || status=$?
[ "$status" = 0 ] || say "the tests did not end as they should (status $status)"
"$vm/tap" "$output" || status=1
[ "$status" = 0 ] || exit 1

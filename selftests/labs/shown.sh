#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Plays the labs to a reader, as make demo does: without --normalize.
cd "$(dirname "$0")" || exit 1
labs=labs
[ -d $labs ] || labs=../../Documentation/labs
echo 'TAP version 13'
echo '1..1'
if said=$(./doctest.py --show --with $labs $labs/[1-8]-*.rst 2>&1); then
	echo 'ok 1 the labs, played to a reader'
else
	echo "$said" | tail -n 20 | sed 's/^/# /'
	echo 'not ok 1 the labs, played to a reader'
	exit 1
fi

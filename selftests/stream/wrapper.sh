#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# wrapper.sh DIR PROGRAM [ARG...]: "gcc -wrapper" runs each of its programs through
# this script, so that brkwatch writes the events of each to a file of its own.
dir=$1
shift
exec brkwatch --json -o "$dir/${1##*/}.json" -- "$@"

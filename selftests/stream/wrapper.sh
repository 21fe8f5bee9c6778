#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# wrapper.sh DIR PROGRAM [ARG...]: for "gcc -wrapper", which runs each of its
# programs through it: watched, with the events in a file of their own.
dir=$1
shift
exec brkwatch --json -o "$dir/${1##*/}.json" -- "$@"

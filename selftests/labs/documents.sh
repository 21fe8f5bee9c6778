#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Follows the labs as a student would, and compares what they show.
set -eu
cd "$(dirname "$0")"
labs=labs
[ -d $labs ] || labs=../../Documentation/labs
exec ./doctest.py --name labs --with $labs $labs/[1-8]-*.rst

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Follows the README and the labs as a student would, and compares the outputs.
set -eu
cd "$(dirname "$0")"
labs=labs
[ -d $labs ] || labs=../../Documentation/labs
readme=README.rst
[ -f $readme ] || readme=../../README.rst
exec ./doctest.py --name documents --with $labs $readme $labs/[1-8]-*.rst

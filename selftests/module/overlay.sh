#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs images.c on an overlay, as containers run programs: the module must report the paths
# of /proc/self/maps, not paths in the file system below.
cd "$(dirname "$0")" || exit 1
test=./images

# A tmpfs is the lower layer, because overlayfs may not accept the host's file system.
mount_overlay()
{
	mount -t tmpfs overlay.sh "$at" &&
		mkdir "$at"/{lower,upper,work,top} && cp "$test" "$at/lower/images" &&
		mount -t overlay -o "lowerdir=$at/lower,upperdir=$at/upper,workdir=$at/work" \
			overlay.sh "$at/top"
}

modprobe --quiet overlay
if ! grep -qw overlay /proc/filesystems; then
	echo TAP version 13
	echo '1..0 # SKIP this kernel has no overlayfs'
	exit 4
fi
at=$(mktemp -d)
trap 'umount "$at/top"; umount "$at"; rmdir "$at"' EXIT
mount_overlay || exit 1
"$at/top/images"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# images.c on an overlay, as programs of a container are: what it has mapped is told by the
# paths of /proc/self/maps, not by those of the file system below.
cd "$(dirname "$0")" || exit 1
test=./images

# The host's only file system may be one that nothing can lie over, so: a tmpfs.
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

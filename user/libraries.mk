# SPDX-License-Identifier: GPL-2.0
# The libraries of the tool, for its build and for that of its unit tests.

PKG_CONFIG ?= pkg-config

linked := libnl-3.0 libnl-genl-3.0 ncursesw libdw
# The tool loads these when a run needs them: Documentation/design.rst says why.
late := libkmod libpcap
packages := $(linked) $(late)

# soname LIBRARY: the name by which the loader finds it, as the linker would have noted it.
soname = $(or $(shell readelf -d "$$($(PKG_CONFIG) --variable=libdir $(1))/$(1).so" | \
	sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p'),$(error $(1).so has no soname; see: \
	readelf -d "$$($(PKG_CONFIG) --variable=libdir $(1))/$(1).so"))

ifeq ($(filter clean,$(MAKECMDGOALS)),)
ifneq ($(shell $(PKG_CONFIG) --exists $(packages) && echo found),found)
$(error the tool needs libraries; run: apt-get install pkg-config libnl-3-dev \
	libnl-genl-3-dev libkmod-dev libpcap-dev libncurses-dev libdw-dev libiberty-dev)
endif
sonames := -DLIBKMOD_SONAME='"$(call soname,libkmod)"' -DLIBPCAP_SONAME='"$(call soname,libpcap)"'
endif

LDLIBS := $(shell $(PKG_CONFIG) --libs $(linked)) -liberty

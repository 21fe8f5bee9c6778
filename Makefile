# SPDX-License-Identifier: GPL-2.0
# The front door: "make help" lists every target.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
export PREFIX
DEB ?= deb
HOSTILE := /opt/brkwatch/selftests/hostile
# Only KASAN, without the checks that make each request take three times as long.
LIGHTER := kmemleak=off lockdep.prove_locking=0 no_debug_objects slab_debug=-
packaged := Kbuild Makefile module user Documentation dkms.conf debian README.rst COPYING CHANGELOG

.DEFAULT_GOAL := all

all: module user ## build module and tool for the running kernel (or KDIR=)

module: ## build brkwatch.ko
	@test -e "$(KDIR)/Makefile" || { echo "no kernel headers in $(KDIR);" \
		"run: apt-get install linux-headers-$$(uname -r)" >&2; exit 1; }
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" modules

user: ## build the tool, user/brkwatch
	$(MAKE) -C user

install: all ## install module, tool, documents and labs (DESTDIR, PREFIX)
	$(MAKE) -C "$(KDIR)" M="$(CURDIR)" INSTALL_MOD_PATH="$(DESTDIR)" \
		INSTALL_MOD_DIR=updates CONFIG_MODULE_SIG_ALL= DEPMOD=true modules_install
	$(MAKE) install-tool
	$(if $(DESTDIR),,depmod "$$($(MAKE) -s -C "$(KDIR)" kernelrelease)")

install-tool: user ## install all but the module (DESTDIR, PREFIX)
	$(MAKE) -C user install
	install -d $(DESTDIR)$(PREFIX)/share/doc/brkwatch/labs
	install -m 644 $(wildcard $(addprefix Documentation/labs/, *.rst *.c *.h Makefile)) \
		$(DESTDIR)$(PREFIX)/share/doc/brkwatch/labs
	install -d $(DESTDIR)$(PREFIX)/share/doc/brkwatch/pictures
	install -m 644 $(wildcard Documentation/pictures/*.svg) \
		$(DESTDIR)$(PREFIX)/share/doc/brkwatch/pictures
	install -m 644 Documentation/brkwatch.schema.json $(DESTDIR)$(PREFIX)/share/doc/brkwatch

# dpkg-buildpackage writes into its folder and beside it.
deb: ## build the Debian packages brkwatch and brkwatch-dkms (DEB=folder for them)
	@{ command -v dpkg-buildpackage && command -v dh_dkms; } >/dev/null || { echo "not installed;" \
		"run: apt-get install debhelper dh-dkms dpkg-dev" >&2; exit 1; }
	work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && mkdir "$$work/src" && \
		cp -r $(packaged) "$$work/src" && \
		(cd "$$work/src" && dpkg-buildpackage --build=binary --no-sign) && \
		mkdir -p "$(DEB)" && cp "$$work"/*.deb "$$work"/*.changes "$$work"/*.buildinfo "$(DEB)"

demo: setup ## show labs 1, 2 and 4 in the test VM; does all set-up
	selftests/demo

check: setup ## pass the tests, on the host and in a VM with Debian 12; does all set-up
	selftests/check

check-all: setup ## pass the rest: Debian 13, KASAN, packages, hook=direct, costs, fuzzing, what takes long
	selftests/check --rest

check-long: setup ## the long ones of both, ten times as many random calls, tool and packages on Debian 13
	BRKWATCH_SEQUENCES=10000 BRKWATCH_LOADS=100 selftests/check bookworm-long trixie-long trixie-tool packages-trixie

check-hostile: setup ## a million requests with KASAN, 10,000 lives, an hour of stress-ng: half a day
	selftests/vm/run --release debug --smp 1 --timeout 0 --append "$(LIGHTER)" --kselftest -- \
		env BRKWATCH_MESSAGES=200000 $(HOSTILE)/fuzz.sh
	selftests/vm/run --release bookworm --timeout 0 --kselftest -- \
		env BRKWATCH_LIVES=10000 $(HOSTILE)/life.py
	selftests/vm/run --release trixie --timeout 0 --kselftest -- \
		env BRKWATCH_STRESS=3600 $(HOSTILE)/stress.py

check-matrix: setup ## pass the kselftests on every kernel: 6.1, 6.12, their -rt, 7.3
	selftests/matrix

check-debug: setup ## pass the tests of the module with KASAN and lockdep, and with KCSAN
	selftests/check debug debug-direct kcsan

pictures: setup ## draw the labs anew, into Documentation/pictures
	selftests/pictures

bench: setup ## measure what watching costs, into Documentation/performance.rst
	selftests/bench/run

vm: setup ## an interactive shell in the test VM
	selftests/vm/run --shell

setup: ## install what "make check" needs on this machine (Debian, root)
	@selftests/setup.sh $(MAKECMDGOALS)

clean: ## remove what was built
	-$(MAKE) -C "$(KDIR)" M="$(CURDIR)" clean
	$(MAKE) -C user clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

.PHONY: all module user install install-tool deb demo check check-all check-long check-hostile check-matrix check-debug pictures bench vm setup clean help

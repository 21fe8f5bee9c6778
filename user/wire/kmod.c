// SPDX-License-Identifier: GPL-2.0
/* Loading the module. */
#include <errno.h>
#include <libkmod.h>
#include <string.h>
#include <syslog.h>

#include "wire/kmod.h"
#include "lib/late.h"
#include "lib/say.h"

#define MODULE "brkwatch"

#define FUNCTIONS(F)                       \
	F(kmod_module_get_path)            \
	F(kmod_module_new_from_name)       \
	F(kmod_module_probe_insert_module) \
	F(kmod_module_unref)               \
	F(kmod_new)                        \
	F(kmod_set_log_priority)           \
	F(kmod_unref)

#define LIBKMOD(function) LATE_FUNCTION(libkmod, function)

enum { FUNCTIONS(LATE_INDEX) FUNCTIONS_N };

/* Only a run that finds no module fills it. */
static void *libkmod[FUNCTIONS_N];

static int load_libkmod(void)
{
	static const char *const names[] = { FUNCTIONS(LATE_NAME) };

	return late_load(LIBKMOD_SONAME, names, libkmod, FUNCTIONS_N);
}

static int insert(struct kmod_ctx *ctx)
{
	struct kmod_module *mod;
	int err;

	/* Silence libkmod, because it would report the same error in its own words. */
	LIBKMOD(kmod_set_log_priority)(ctx, LOG_EMERG);
	err = LIBKMOD(kmod_module_new_from_name)(ctx, MODULE, &mod);
	if (err < 0)
		return err;
	if (!LIBKMOD(kmod_module_get_path)(mod))
		err = -ENOENT;
	else
		err = LIBKMOD(kmod_module_probe_insert_module)(mod, 0, NULL, NULL, NULL, NULL);
	LIBKMOD(kmod_module_unref)(mod);
	return err;
}

static void say_failure(int err)
{
	switch (err) {
	case -ENOENT:
		say("module not loaded and not installed; run: %s",
		    "sudo make install && sudo modprobe " MODULE);
		break;
	case -EPERM:
	case -EACCES:
		say("module not loaded; run as root: sudo modprobe " MODULE);
		break;
	case -ENOEXEC:
		say("the installed module was built for another kernel; run: sudo make install");
		break;
	case -ENOKEY:
	case -EKEYREJECTED:
		say("this kernel takes signed modules only; sign " MODULE ".ko with its key");
		break;
	default:
		say("the module cannot be loaded: %s; the cause is in: sudo dmesg", strerror(-err));
		break;
	}
}

int kmod_load(void)
{
	int err = load_libkmod();
	struct kmod_ctx *ctx;

	if (err)
		return err;
	ctx = LIBKMOD(kmod_new)(NULL, NULL);
	if (!ctx) {
		say("no memory to load the module; free some and try again");
		return -ENOMEM;
	}
	err = insert(ctx);
	LIBKMOD(kmod_unref)(ctx);
	if (err)
		say_failure(err);
	return err;
}

// SPDX-License-Identifier: GPL-2.0
/* Loading the module. */
#include <errno.h>
#include <libkmod.h>
#include <string.h>
#include <syslog.h>

#include "wire/kmod.h"
#include "lib/say.h"

#define MODULE "brkwatch"

static int insert(struct kmod_ctx *ctx)
{
	struct kmod_module *mod;
	int err;

	/* Silence libkmod, because it would report the same error in its own words. */
	kmod_set_log_priority(ctx, LOG_EMERG);
	err = kmod_module_new_from_name(ctx, MODULE, &mod);
	if (err < 0)
		return err;
	if (!kmod_module_get_path(mod))
		err = -ENOENT;
	else
		err = kmod_module_probe_insert_module(mod, 0, NULL, NULL, NULL, NULL);
	kmod_module_unref(mod);
	return err;
}

int kmod_load(void)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	int err;

	if (!ctx) {
		say("no memory to load the module; free some and try again");
		return -ENOMEM;
	}
	err = insert(ctx);
	kmod_unref(ctx);
	switch (err) {
	case 0:
		break;
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
	return err;
}

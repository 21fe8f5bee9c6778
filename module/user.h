/* SPDX-License-Identifier: GPL-2.0 */
/* The user that is responsible for a process, wherever the module limits what one user takes. */
#ifndef _BRKWATCH_USER_H
#define _BRKWATCH_USER_H

#include <linux/cred.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

/**
 * bw_user_of() - the user responsible for what a process does with some credentials
 * @cred: the credentials
 *
 * That is the real user. In a user namespace one user has many ids, so the namespace's owner is
 * responsible; in nested namespaces the owner of the outermost. Root makes namespaces for
 * containers of different users and gives each its own ids, so there the ids themselves count.
 *
 * Context: any, probes included.
 * Return: the user's id in the initial namespace.
 */
static __always_inline kuid_t bw_user_of(const struct cred *cred)
{
	const struct user_namespace *ns;
	kuid_t uid = cred->uid;

	for (ns = cred->user_ns; unlikely(ns != &init_user_ns); ns = ns->parent)
		if (!uid_eq(ns->owner, GLOBAL_ROOT_UID))
			uid = ns->owner;
	return uid;
}

#endif

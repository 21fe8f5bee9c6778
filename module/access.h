/* SPDX-License-Identifier: GPL-2.0 */
/* Only those may watch a process who may read its /proc/PID/maps. */
#ifndef _BRKWATCH_ACCESS_H
#define _BRKWATCH_ACCESS_H

#include <linux/types.h>

struct cred;
struct mm_struct;
struct netlink_ext_ack;
struct sk_buff;
struct sock;
struct task_struct;

/**
 * struct access - on whose behalf a session watches
 * @opener: who opened the socket
 * @cred: who opened the session; both must be allowed, so that neither can lend
 *	the other its rights unawares
 */
struct access {
	const struct cred *opener;
	const struct cred *cred;
};

int access_session(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int access_stacks(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int access_system(const struct sk_buff *skb, struct netlink_ext_ack *extack);

void access_take(struct access *access, struct sock *sk);
void access_put(struct access *access);
bool access_allowed(const struct access *access, struct task_struct *task, struct mm_struct *mm);
int access_memory(const struct access *access, struct task_struct *task, struct mm_struct **mm,
		  struct netlink_ext_ack *extack);

#endif

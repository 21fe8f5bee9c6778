/* SPDX-License-Identifier: GPL-2.0 */
/* A reader may watch a process only if it may read /proc/PID/maps of that process. */
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
 * struct bw_access - the credentials that a session watches with
 * @opener: the credentials that opened the socket
 * @cred: the credentials that opened the session; both must be allowed, so that neither can
 *	lend the other its rights unawares
 */
struct bw_access {
	const struct cred *opener;
	const struct cred *cred;
};

int bw_access_session(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int bw_access_stacks(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int bw_access_askers(const struct sk_buff *skb, struct netlink_ext_ack *extack);
int bw_access_system(const struct sk_buff *skb, struct netlink_ext_ack *extack);

void bw_access_take(struct bw_access *access, struct sock *sk);
void bw_access_put(struct bw_access *access);
bool bw_access_allowed(const struct bw_access *access, struct task_struct *task,
		       struct mm_struct *mm);
int bw_access_hold(const struct bw_access *access, struct task_struct *task, struct mm_struct **mm,
		   struct netlink_ext_ack *extack);
void bw_access_release(const struct bw_access *access, struct task_struct *task,
		       struct mm_struct *mm);

#endif

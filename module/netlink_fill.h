/* SPDX-License-Identifier: GPL-2.0 */
/* The fill functions write what the module knows as netlink attributes. */
#ifndef _BRKWATCH_NETLINK_FILL_H
#define _BRKWATCH_NETLINK_FILL_H

#include <net/netlink.h>

struct exec_map;
struct probe_info;
struct record;
struct session;
struct sk_buff;
struct snapshot;
struct snapshot_area;
struct user_stack;
struct watch;

/**
 * struct field - an attribute and where its value lies
 * @attr: attribute number
 * @size: of the value in the struct, in bytes: 2 (widened to 4), 4 or 8
 * @offset: of the value in the struct, in bytes
 */
struct field {
	u16 attr;
	u16 size;
	u16 offset;
};

#define FIELD(type, set, name, member)                                                        \
	{                                                                                     \
		.attr = BRKWATCH_A_##set##_##name, .size = sizeof_field(struct type, member), \
		.offset = offsetof(struct type, member),                                      \
	}

/* No padding attribute: 64-bit values are read by copying. */
static inline int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put(skb, attr, sizeof(value), &value);
}

void fill_event_init(void);
size_t fill_event_room(u32 stack_bytes);
void fill_event_begin(struct record *before);
void *fill_event(void *to, const struct record *rec, struct record *before,
		 const struct user_stack *stack);
size_t fill_watch_room(void);
int fill_watch(struct sk_buff *skb, struct watch *watch, bool *exited);
int fill_session(struct sk_buff *skb, struct session *session);
int fill_snapshot(struct sk_buff *skb, const struct snapshot *snapshot);
int fill_area(struct sk_buff *skb, const struct snapshot *snapshot,
	      const struct snapshot_area *area);
int fill_exec_map(struct sk_buff *skb, const struct exec_map *map);
int fill_probe(struct sk_buff *skb, const struct probe_info *info);

#endif

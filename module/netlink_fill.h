/* SPDX-License-Identifier: GPL-2.0 */
/* The fill functions write what the module knows as netlink attributes. */
#ifndef _BRKWATCH_NETLINK_FILL_H
#define _BRKWATCH_NETLINK_FILL_H

#include <net/netlink.h>

struct bw_context;
struct bw_contexts;
struct bw_exec_map;
struct bw_probe_info;
struct bw_record;
struct bw_session;
struct sk_buff;
struct bw_snapshot;
struct bw_snapshot_area;
struct bw_user_stack;
struct bw_watch;

/**
 * struct bw_field - an attribute and where its value lies
 * @attr: attribute number
 * @size: size of the value in the struct, in bytes: 2 (widened to 4), 4 or 8
 * @offset: offset of the value in the struct, in bytes
 */
struct bw_field {
	u16 attr;
	u16 size;
	u16 offset;
};

#define FIELD(type, set, name, member)                                                        \
	{                                                                                     \
		.attr = BRKWATCH_A_##set##_##name, .size = sizeof_field(struct type, member), \
		.offset = offsetof(struct type, member),                                      \
	}

/* No padding attribute, because readers copy 64-bit values. */
static inline int bw_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put(skb, attr, sizeof(value), &value);
}

void bw_fill_event_init(void);
size_t bw_fill_event_room(void);
void bw_fill_event_begin(struct bw_record *before);
void *bw_fill_event(void *to, const struct bw_record *rec, struct bw_record *before,
		    bool latencies);
size_t bw_fill_stack_room(u32 stack_bytes);
void *bw_fill_stack(void *to, const struct bw_user_stack *stack);
size_t bw_fill_context_room(void);
void *bw_fill_context(void *to, const struct bw_record *rec, const struct bw_context *context,
		      const struct bw_contexts *contexts, struct bw_context *before);
size_t bw_fill_watch_room(void);
int bw_fill_watch(struct sk_buff *skb, struct bw_watch *watch, bool *exited);
int bw_fill_session(struct sk_buff *skb, struct bw_session *session);
int bw_fill_snapshot(struct sk_buff *skb, const struct bw_snapshot *snapshot);
int bw_fill_area(struct sk_buff *skb, const struct bw_snapshot *snapshot,
		 const struct bw_snapshot_area *area);
int bw_fill_exec_map(struct sk_buff *skb, const struct bw_exec_map *map);
int bw_fill_probe(struct sk_buff *skb, const struct bw_probe_info *info);

#endif

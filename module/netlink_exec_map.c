// SPDX-License-Identifier: GPL-2.0
/* The answer to image-get: which file's code lies where. */
#include <linux/brkwatch.h>
#include <linux/limits.h>
#include <linux/netlink.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "exec_map.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "netlink_fill.h"
#include "session.h"

/* A path and seven numbers. */
#define EXEC_MAP_ROOM (nla_total_size(PATH_MAX) + 7 * nla_total_size(sizeof(u64)))

static int take_all(struct bw_session *session, u32 id, struct list_head *list)
{
	struct mm_struct *mm;
	int err = bw_dump_memory(session, id, &mm);

	if (err)
		return err;
	err = bw_exec_maps_take(list, id, mm, 0, TASK_SIZE_MAX, GFP_KERNEL_ACCOUNT);
	mmput(mm);
	return err;
}

/**
 * bw_image_get_start() - begin to tell of a process's maps, or of those that wait
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_image_get_start(struct netlink_callback *cb)
{
	const struct nlattr *id = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, BRKWATCH_A_IMAGE_WATCH);
	struct bw_dump_state *state = bw_dump_state(cb);

	bw_dump_start(cb);
	INIT_LIST_HEAD(&state->maps);
	/* A path can have more than a page has room for. */
	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN + EXEC_MAP_ROOM);
	if (!state->session || !id)
		return 0;
	state->one = true;
	state->err = take_all(state->session, nla_get_u32(id), &state->maps);
	return 0;
}

static struct bw_exec_map *next(struct bw_dump_state *state)
{
	struct bw_exec_map *map = list_first_entry_or_null(&state->maps, struct bw_exec_map, list);

	if (map || state->one)
		return map;
	map = bw_exec_maps_next(state->session->exec_maps);
	if (map)
		list_add(&map->list, &state->maps);
	return map;
}

static int put(struct sk_buff *skb, struct netlink_callback *cb, const struct bw_exec_map *map)
{
	void *header = bw_dump_put(skb, cb, BRKWATCH_CMD_IMAGE_GET);
	int err;

	if (!header)
		return -EMSGSIZE;
	err = bw_fill_exec_map(skb, map);
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

/**
 * bw_image_get_dumpit() - tell of as many as there is room for
 * @skb: where to
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, or -ENOTCONN, -EOPNOTSUPP (a session without
 * stacks), -ENOENT (no such watch), -ESRCH (no memory map), -EPERM, -EINTR, -ENOMEM,
 * -EMSGSIZE.
 */
int bw_image_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);
	struct bw_exec_map *map;

	if (!state->session)
		return bw_netlink_no_session(cb->extack);
	if (!state->session->exec_maps) {
		NL_SET_ERR_MSG(cb->extack, "images are told to sessions with stack-bytes alone");
		return -EOPNOTSUPP;
	}
	if (state->err)
		return bw_dump_refuse_memory(state->err, cb->extack);

	while ((map = next(state))) {
		if (put(skb, cb, map))
			return skb->len ?: -EMSGSIZE;
		list_del(&map->list);
		kfree(map);
	}
	return skb->len;
}

/**
 * bw_image_get_done() - such a dump has ended, or its socket was closed
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_image_get_done(struct netlink_callback *cb)
{
	bw_exec_maps_drop(&bw_dump_state(cb)->maps);
	return bw_dump_done(cb);
}

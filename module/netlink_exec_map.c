// SPDX-License-Identifier: GPL-2.0
/* The reply to image-get: which file's code is mapped where. */
#include <linux/brkwatch.h>
#include <linux/limits.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "exec_map.h"
#include "exec_walk.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "netlink_fill.h"
#include "session.h"
#include "walk.h"

/* A map is a path and ten numbers. */
#define EXEC_MAP_ROOM (nla_total_size(PATH_MAX) + 10 * nla_total_size(sizeof(u64)))

/*
 * Between two parts of the reply the module holds nothing of the process, so that it may end or
 * change its program. So each part checks again whether the reader may look.
 */
static int walk_on(struct bw_dump_state *state)
{
	struct bw_exec_walk *walk = &state->walk;
	struct bw_walk *held = bw_dump_walk(state->session, walk->watch);
	int err;

	/* The maps already sent were true at that time, and no others will come. */
	if (held == ERR_PTR(-ESRCH) && walk->next) {
		walk->next = TASK_SIZE_MAX;
		return 0;
	}
	if (IS_ERR(held))
		return PTR_ERR(held);
	if (!walk->next)
		bw_exec_walk_begin(walk, walk->watch, held->mm, 0);
	err = bw_exec_walk_on(walk, held, TASK_SIZE_MAX, &state->maps, GFP_KERNEL_ACCOUNT);
	bw_walk_end(held);
	cond_resched();
	return err;
}

/**
 * bw_image_get_start() - begin a dump of one process's maps, or of all maps that wait
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
	/* A path can be longer than a page has room for. */
	cb->min_dump_alloc = nlmsg_total_size(GENL_HDRLEN + EXEC_MAP_ROOM);
	state->one = id;
	if (id)
		state->walk.watch = nla_get_u32(id);
	return 0;
}

static struct bw_exec_map *first(struct bw_dump_state *state)
{
	return list_first_entry_or_null(&state->maps, struct bw_exec_map, list);
}

/* NULL at the end, and after an error. */
static struct bw_exec_map *next(struct bw_dump_state *state)
{
	struct bw_exec_map *map = first(state);

	if (state->one) {
		while (!map && !state->err && state->walk.next < TASK_SIZE_MAX) {
			state->err = walk_on(state);
			map = first(state);
		}
		return state->err ? NULL : map;
	}
	if (!map) {
		map = bw_exec_maps_next(state->session->exec_maps);
		if (map)
			list_add(&map->list, &state->maps);
	}
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
 * bw_image_get_dumpit() - send as many maps as there is room for
 * @skb: message to fill
 * @cb: the dump
 *
 * Return: bytes written, 0 at the end, or -ENOTCONN, -EOPNOTSUPP (a session without
 * stacks and askers), -ENOENT (no such watch), -ESRCH (no memory map), -EPERM, -EINTR, -EAGAIN,
 * -EUSERS, -ENOMEM, -EMSGSIZE.
 */
int bw_image_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct bw_dump_state *state = bw_dump_state(cb);
	struct bw_exec_map *map;

	if (!state->session)
		return bw_netlink_no_session(cb->extack);
	if (!state->session->exec_maps) {
		NL_SET_ERR_MSG(cb->extack,
			       "only sessions with stack-bytes or askers can get images");
		return -EOPNOTSUPP;
	}
	if (state->err)
		return bw_dump_refuse_memory(state->err, cb->extack);

	while ((map = next(state))) {
		if (put(skb, cb, map))
			return skb->len ?: -EMSGSIZE;
		list_del(&map->list);
		bw_exec_map_free(map);
	}
	/* If this part has some maps, the next part reports the error. */
	return state->err && !skb->len ? bw_dump_refuse_memory(state->err, cb->extack) : skb->len;
}

/**
 * bw_image_get_done() - free what a dump of maps holds, at its end or when its socket closes
 * @cb: the dump
 *
 * Return: 0.
 */
int bw_image_get_done(struct netlink_callback *cb)
{
	bw_exec_maps_drop(&bw_dump_state(cb)->maps);
	return bw_dump_done(cb);
}

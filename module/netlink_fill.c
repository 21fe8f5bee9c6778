// SPDX-License-Identifier: GPL-2.0
/* Sessions, snapshots, maps and probes as netlink attributes. */
#include <linux/brkwatch.h>
#include <linux/cpumask.h>
#include <net/netlink.h>

#include "exec_map.h"
#include "netlink_fill.h"
#include "probe.h"
#include "session.h"

/**
 * bw_fill_session() - attributes of a session
 * @skb: where to
 * @session: the session
 *
 * Context: the session is locked.
 * Return: 0 or -EMSGSIZE.
 */
int bw_fill_session(struct sk_buff *skb, struct bw_session *session)
{
	struct bw_session_totals totals;

	bw_session_totals(session, &totals);
	if (nla_put_u32(skb, BRKWATCH_A_SESSION_RING_BYTES, session->ring_bytes) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_EVENTS, session->filter.events) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_PROTOCOL, BRKWATCH_PROTOCOL_VERSION) ||
	    nla_put_string(skb, BRKWATCH_A_SESSION_MODULE_VERSION, BRKWATCH_VERSION) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_CPUS, num_possible_cpus()) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_WATCHES, totals.watches) ||
	    nla_put_u32(skb, BRKWATCH_A_SESSION_LIVE, atomic_read(&session->live)) ||
	    bw_put_u64(skb, BRKWATCH_A_SESSION_MADE, totals.made) ||
	    bw_put_u64(skb, BRKWATCH_A_SESSION_DELIVERED, totals.delivered) ||
	    bw_put_u64(skb, BRKWATCH_A_SESSION_LOST_RING, totals.lost_ring) ||
	    bw_put_u64(skb, BRKWATCH_A_SESSION_LOST_PROBE, totals.lost_probe) ||
	    bw_put_u64(skb, BRKWATCH_A_SESSION_LOST_WATCH, totals.lost_watch))
		return -EMSGSIZE;
	if (session->pulse.from &&
	    (bw_put_u64(skb, BRKWATCH_A_SESSION_BLIND_FROM, session->pulse.from) ||
	     bw_put_u64(skb, BRKWATCH_A_SESSION_BLIND_TO, session->pulse.to)))
		return -EMSGSIZE;
	if (session->ring.stack_bytes &&
	    nla_put_u32(skb, BRKWATCH_A_SESSION_STACK_BYTES, session->ring.stack_bytes))
		return -EMSGSIZE;
	if (session->exec_maps &&
	    bw_put_u64(skb, BRKWATCH_A_SESSION_LOST_IMAGE, totals.lost_exec_map))
		return -EMSGSIZE;
	return 0;
}

/**
 * bw_fill_snapshot() - attributes of a snapshot but for its areas
 * @skb: where to
 * @snapshot: the snapshot
 *
 * Return: 0 or -EMSGSIZE.
 */
int bw_fill_snapshot(struct sk_buff *skb, const struct bw_snapshot *snapshot)
{
	if (nla_put_u32(skb, BRKWATCH_A_AREA_SNAPSHOT, snapshot->id) ||
	    nla_put_u32(skb, BRKWATCH_A_AREA_WATCH, snapshot->watch) ||
	    bw_put_u64(skb, BRKWATCH_A_AREA_TIME, snapshot->time) ||
	    bw_put_u64(skb, BRKWATCH_A_AREA_HEAP_START, snapshot->heap_start) ||
	    bw_put_u64(skb, BRKWATCH_A_AREA_BRK, snapshot->brk) ||
	    nla_put_u32(skb, BRKWATCH_A_AREA_AREAS, snapshot->n))
		return -EMSGSIZE;
	return 0;
}

/**
 * bw_fill_area() - attributes of one area of a snapshot
 * @skb: where to
 * @snapshot: the snapshot
 * @area: one of its areas
 *
 * Return: 0 or -EMSGSIZE.
 */
int bw_fill_area(struct sk_buff *skb, const struct bw_snapshot *snapshot,
		 const struct bw_snapshot_area *area)
{
	if (nla_put_u32(skb, BRKWATCH_A_AREA_SNAPSHOT, snapshot->id) ||
	    bw_put_u64(skb, BRKWATCH_A_AREA_START, area->start) ||
	    bw_put_u64(skb, BRKWATCH_A_AREA_END, area->end) ||
	    nla_put_u32(skb, BRKWATCH_A_AREA_FLAGS, area->flags))
		return -EMSGSIZE;
	return 0;
}

/**
 * bw_fill_exec_map() - attributes of a map
 * @skb: where to
 * @map: the map
 *
 * Return: 0 or -EMSGSIZE.
 */
int bw_fill_exec_map(struct sk_buff *skb, const struct bw_exec_map *map)
{
	if (nla_put_u32(skb, BRKWATCH_A_IMAGE_WATCH, map->watch) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_TIME, map->time) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_START, map->start) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_END, map->end) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_OFFSET, map->offset) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_FILE_SIZE, map->file_size) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_FILE_TIME, map->file_time) ||
	    nla_put_string(skb, BRKWATCH_A_IMAGE_PATH, map->path->text) ||
	    nla_put_u32(skb, BRKWATCH_A_IMAGE_FILE_DEVICE, map->file_device) ||
	    bw_put_u64(skb, BRKWATCH_A_IMAGE_FILE_INODE, map->file_inode))
		return -EMSGSIZE;
	return map->below < map->start ? bw_put_u64(skb, BRKWATCH_A_IMAGE_BELOW, map->below) : 0;
}

/* What is not in has no hook. */
static bool probe_is_in(const struct bw_probe_info *info)
{
	return info->state == BRKWATCH_PROBE_STATE_ACTIVE ||
	       info->state == BRKWATCH_PROBE_STATE_DISARMED;
}

/**
 * bw_fill_probe() - attributes of a probe
 * @skb: where to
 * @info: the description of the probe
 *
 * Return: 0 or -EMSGSIZE.
 */
int bw_fill_probe(struct sk_buff *skb, const struct bw_probe_info *info)
{
	if (nla_put_string(skb, BRKWATCH_A_PROBE_NAME, info->name) ||
	    nla_put_string(skb, BRKWATCH_A_PROBE_SYMBOL, info->symbol) ||
	    nla_put_u32(skb, BRKWATCH_A_PROBE_STATE, info->state) ||
	    nla_put_u32(skb, BRKWATCH_A_PROBE_OPTIONAL, info->optional) ||
	    bw_put_u64(skb, BRKWATCH_A_PROBE_MISSED, info->missed) ||
	    (probe_is_in(info) && nla_put_u32(skb, BRKWATCH_A_PROBE_HOOK, info->hook)))
		return -EMSGSIZE;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* The events of a message, one or many. Each has only what differs from the event before. */
#include <errno.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include "wire/decode.h"
#include "wire/decode_event.h"
#include "wire/attrs.h"

/**
 * struct reading - how far the tool has read a message of events
 * @unread: the first event whose attributes are not in @tb
 * @tb: attributes of the event before @unread, by number; those that the event lacks are from
 *	earlier events
 * @ev: the event before @unread, if it is @complete
 * @complete: @ev is a call, and has all that @tb says of it
 * @glance: what glance_at() saw of the latest event
 * @passes: the latest event passed unread
 */
struct reading {
	const struct nlattr *unread;
	const struct nlattr *tb[BRKWATCH_A_EVENT_MAX + 1];
	struct event ev;
	bool complete;
	struct glance glance;
	bool passes;
};

/* Changes the kind of an event, which then has nothing of its own yet. */
static bool change_kind(struct event *ev, const struct nlattr *nla)
{
	const size_t own = offsetof(struct event, move);

	if (nla->nla_len != NLA_HDRLEN + sizeof(ev->kind))
		return false;
	memcpy(&ev->kind, nla + 1, sizeof(ev->kind));
	memset((char *)ev + own, 0, sizeof(*ev) - own);
	return true;
}

/* These belong to one event alone, so the next one does not inherit them. */
static void forget_context(struct event *ev)
{
	ev->stack = (struct event_stack){ 0 };
	if (ev->limits.known)
		memset(&ev->limits, 0, sizeof(ev->limits));
}

static bool change_number(struct event *ev, struct event_place place, const struct nlattr *nla)
{
	char *to = (char *)ev + place.offset;

	if (!place.size || nla->nla_len != NLA_HDRLEN + place.size)
		return false;
	if (place.size == sizeof(uint64_t))
		memcpy(to, nla + 1, sizeof(uint64_t));
	else
		memcpy(to, nla + 1, sizeof(uint32_t));
	return true;
}

/* Changes what stands in one attribute: a number, or words of who made the call. */
static bool change_attr(struct event *ev, const struct event_place *places,
			const struct nlattr *nla)
{
	int type = attr_type(nla);

	if (type == BRKWATCH_A_EVENT_ASKER)
		return !event_get_words(nla, &ev->asker);
	return type <= BRKWATCH_A_EVENT_MAX && change_number(ev, places[type], nla);
}

/*
 * Changes the event before into @event by what @event has, if that is as the module writes it for
 * most calls. Returns false if there is anything else, or if anything is wrong with it; event_get()
 * then has to read the event, or to refuse it.
 */
static bool change_event(struct reading *reading, const struct nlattr *event)
{
	const struct nlattr *nla = (const struct nlattr *)((const char *)event + NLA_HDRLEN);
	int rem = event->nla_len - NLA_HDRLEN;
	bool has_kind = attr_fits(nla, rem) && attr_type(nla) == BRKWATCH_A_EVENT_KIND;
	struct event *ev = &reading->ev;
	const struct event_place *places;

	forget_context(ev);
	if (has_kind) {
		if (!change_kind(ev, nla))
			return false;
		reading->tb[BRKWATCH_A_EVENT_KIND] = nla;
		nla = attr_next(nla, &rem);
	}
	places = event_places(ev->kind);
	if (!places)
		return false;
	for (; attr_fits(nla, rem); nla = attr_next(nla, &rem)) {
		if (!change_attr(ev, places, nla))
			return false;
		reading->tb[attr_type(nla)] = nla;
	}
	ev->has_rss = reading->tb[BRKWATCH_A_EVENT_RSS];
	/* Earlier events of that kind may have what this one lacks. */
	return rem <= 0 && (!has_kind || !event_get_own(reading->tb, ev));
}

/* Reads the unread events up to @event, because it may lack attributes that they have. */
static int read_whole(struct reading *reading, const struct nlattr *event)
{
	const struct nlattr **tb = reading->tb;
	int rem = (const char *)event - (const char *)reading->unread + event->nla_len;
	int err = 0;

	for (; !err && reading->unread <= event;
	     reading->unread = attr_next(reading->unread, &rem)) {
		if (attr_type(reading->unread) != BRKWATCH_A_EVENTS_EVENT)
			continue;
		tb[BRKWATCH_A_EVENT_REGISTERS] = NULL;
		tb[BRKWATCH_A_EVENT_STACK] = NULL;
		tb[BRKWATCH_A_EVENT_LIMITS] = NULL;
		err = attrs_parse_over(reading->unread, tb, BRKWATCH_A_EVENT_MAX);
	}
	if (!err)
		err = event_get(tb, &reading->ev);
	reading->complete = !err && event_is_call(reading->ev.kind);
	return err;
}

static int read_event(struct reading *reading, const struct nlattr *event)
{
	int rem = event->nla_len;

	if (!reading->complete || reading->unread != event || !change_event(reading, event))
		return read_whole(reading, event);
	reading->unread = attr_next(event, &rem);
	return event_check(&reading->ev);
}

static bool passes(struct reading *reading, const struct nlattr *event,
		   const struct event_taker *taker)
{
	return (reading->passes && glance_repeats(event)) ||
	       (glance_at(event, &reading->glance) && taker->pass(&reading->glance, taker->arg));
}

static int take_event(struct reading *reading, const struct nlattr *event,
		      struct event_taker *taker)
{
	int err;

	reading->passes = taker->pass && passes(reading, event, taker);
	if (reading->passes) {
		taker->passed++;
		return 0;
	}
	err = read_event(reading, event);
	return err ?: taker->take(&reading->ev, taker->arg);
}

int decode_events(const struct nlmsghdr *hdr, struct event_taker *taker)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);
	struct reading reading = { 0 };
	const struct nlattr *nla;
	int rem, err = 0;

	if (!genlmsg_valid_hdr((struct nlmsghdr *)hdr, 0))
		return -EBADMSG;
	nla = genlmsg_attrdata(genl, 0);
	rem = genlmsg_attrlen(genl, 0);
	if (!attr_fits(nla, rem) || attr_type(nla) != BRKWATCH_A_EVENTS_EVENT) {
		err = decode_event(hdr, &reading.ev);
		return err ?: taker->take(&reading.ev, taker->arg);
	}
	reading.unread = nla;
	for (; !err && attr_fits(nla, rem); nla = attr_next(nla, &rem))
		if (attr_type(nla) == BRKWATCH_A_EVENTS_EVENT)
			err = take_event(&reading, nla, taker);
	return err ?: rem > 0 ? -EBADMSG : 0;
}

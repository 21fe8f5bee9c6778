// SPDX-License-Identifier: GPL-2.0
/* Reading netlink attributes into structures, by tables. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <netlink/genl/genl.h>

#include "wire/attrs.h"

static int parse(const struct nlattr *nla, int rem, const struct nlattr **tb, int max)
{
	for (; attr_fits(nla, rem); nla = attr_next(nla, &rem)) {
		if (attr_type(nla) <= max)
			tb[attr_type(nla)] = nla;
	}
	/* rem ends below 0 if the last one lacks padding. */
	return rem > 0 ? -EBADMSG : 0;
}

int attrs_parse(const struct nlmsghdr *hdr, const struct nlattr **tb, int max)
{
	const struct genlmsghdr *genl = nlmsg_data(hdr);

	if (!genlmsg_valid_hdr((struct nlmsghdr *)hdr, 0))
		return -EBADMSG;
	memset(tb, 0, sizeof(*tb) * (max + 1));
	return parse(genlmsg_attrdata(genl, 0), genlmsg_attrlen(genl, 0), tb, max);
}

int attrs_parse_nested(const struct nlattr *nest, const struct nlattr **tb, int max)
{
	memset(tb, 0, sizeof(*tb) * (max + 1));
	return attrs_parse_over(nest, tb, max);
}

int attrs_parse_over(const struct nlattr *nest, const struct nlattr **tb, int max)
{
	return parse(nla_data(nest), nla_len(nest), tb, max);
}

int attrs_parse_bytes(const void *bytes, size_t len, const struct nlattr **tb, int max)
{
	memset(tb, 0, sizeof(*tb) * (max + 1));
	return parse(bytes, len, tb, max);
}

/* Avoid calls of nla_data() and nla_len(), because all fields of all events come here. */
static const void *data_of(const struct nlattr *nla)
{
	return (const char *)nla + NLA_HDRLEN;
}

static size_t len_of(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

static int get_text(const struct nlattr *nla, char *to, size_t size)
{
	size_t len = strnlen(data_of(nla), len_of(nla));

	if (len == len_of(nla) || len >= size)
		return -EBADMSG;
	memcpy(to, data_of(nla), len + 1);
	return 0;
}

static int get_field(const struct attr_field *field, const struct nlattr *nla, char *to)
{
	static const size_t sizes[] = {
		[FIELD_U32] = 4,
		[FIELD_U64] = 8,
		[FIELD_FLAG] = 0,
		[FIELD_BOOL] = 4,
	};
	uint32_t value;

	if (field->type == FIELD_TEXT)
		return get_text(nla, to, field->size);
	if (len_of(nla) != sizes[field->type])
		return -EBADMSG;
	switch (field->type) {
	case FIELD_U32:
		memcpy(to, data_of(nla), sizeof(uint32_t));
		break;
	case FIELD_U64:
		memcpy(to, data_of(nla), sizeof(uint64_t));
		break;
	case FIELD_BOOL:
		memcpy(&value, data_of(nla), sizeof(value));
		*(bool *)to = value;
		break;
	default:
		*(bool *)to = true;
	}
	return 0;
}

int attrs_get(const struct attr_field *fields, size_t n, const struct nlattr **tb, void *to)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		const struct nlattr *nla = tb[fields[i].attr];

		if (!nla && !fields[i].optional)
			return -EBADMSG;
		if (!nla)
			continue;
		err = get_field(&fields[i], nla, (char *)to + fields[i].offset);
		if (err)
			return err;
	}
	return 0;
}

static int put_field(struct nl_msg *msg, const struct attr_field *field, const char *from)
{
	static const size_t sizes[] = { [FIELD_U32] = 4, [FIELD_U64] = 8 };

	switch (field->type) {
	case FIELD_TEXT:
		return nla_put_string(msg, field->attr, from);
	case FIELD_FLAG:
		return *(const bool *)from ? nla_put_flag(msg, field->attr) : 0;
	case FIELD_BOOL:
		return nla_put_u32(msg, field->attr, *(const bool *)from);
	default:
		return nla_put(msg, field->attr, sizes[field->type], from);
	}
}

int attrs_put(struct nl_msg *msg, const struct attr_field *fields, size_t n, const void *from)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (put_field(msg, &fields[i], (const char *)from + fields[i].offset))
			return -ENOMEM;
	return 0;
}

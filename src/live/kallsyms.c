// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live/kallsyms.h"

#include <inttypes.h>
#include <string.h>
#include "tables/format.h"

struct scan {
	const char *s, *end;
};

static bool hex(struct scan *c, uint64_t *v)
{
	const char *start = c->s;

	for (*v = 0; c->s < c->end && c->s - start < 16; c->s++) {
		char d = *c->s;

		if (d >= '0' && d <= '9')
			*v = *v << 4 | (uint64_t)(d - '0');
		else if (d >= 'a' && d <= 'f')
			*v = *v << 4 | (uint64_t)(d - 'a' + 10);
		else
			break;
	}
	return c->s > start;
}

static bool skip(struct scan *c, char want)
{
	if (c->s == c->end || *c->s != want)
		return false;
	c->s++;
	return true;
}

/* Printable bytes other than @stop; how many. */
static uint32_t word(struct scan *c, char stop, uint32_t max)
{
	const char *start = c->s;

	while (c->s < c->end && (unsigned char)*c->s > 0x20 && *c->s != 0x7f && *c->s != stop &&
	       c->s - start < max)
		c->s++;
	return (uint32_t)(c->s - start);
}

static bool parse(struct scan c, bool is_kallmodsyms, struct ks_kallsyms_line *out)
{
	*out = (struct ks_kallsyms_line){ 0 };
	if (!hex(&c, &out->va) || !skip(&c, ' '))
		return false;
	if (is_kallmodsyms && (!hex(&c, &out->len) || !skip(&c, ' ')))
		return false;
	if (c.s == c.end)
		return false;
	out->type = *c.s++;
	if (((out->type | 0x20) < 'a' || (out->type | 0x20) > 'z') && out->type != '?')
		return false;
	if (!skip(&c, ' '))
		return false;
	out->name = c.s;
	out->name_len = word(&c, 0, KS_NAME_MAX);
	if (!out->name_len)
		return false;
	if (c.s == c.end || (is_kallmodsyms && *c.s == ' '))
		return true;
	if (!skip(&c, '\t') || !skip(&c, '['))
		return false;
	out->module = c.s;
	out->module_len = word(&c, ']', KS_NAME_MAX);
	return out->module_len && skip(&c, ']') && c.s == c.end;
}

int ks_kallsyms_next(struct ks_kallsyms *k, struct ks_kallsyms_line *out, struct ksym_error *err)
{
	if (!ks_lines_next(&k->lines))
		return 0;
	if (!parse((struct scan){ k->lines.s, k->lines.s + k->lines.len },
		   k->is_kallmodsyms, out))
		return ks_error(err, -EBADMSG,
				"%s:%" PRIu64 ": expected \"address %stype name\"%s",
				k->path, k->lines.nr, k->is_kallmodsyms ? "size " : "",
				k->is_kallmodsyms ? "" : " and perhaps a tab and [module]");
	return 1;
}

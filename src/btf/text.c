// SPDX-License-Identifier: LGPL-2.1-or-later
/* Types as C spells them: from the name outwards, to both sides. */
#include <stdio.h>
#include <string.h>
#include "btf/file.h"

/* Functions as parameters of functions: what lies deeper is "...". */
#define MAX_DEPTH	4
/* Longer text is cut off. */
#define MAX_TEXT	1024
/* From a type to what it is made of, and on: longer chains are, too. */
#define MAX_LINKS	4096

struct decl {
	char b[2 * MAX_TEXT + 1];
	size_t begin, end;
	bool is_full;		/* something had no room: nothing more is looked for */
};

static void decl_init(struct decl *d, const char *name)
{
	size_t len = strnlen(name, MAX_TEXT / 2 - 1);

	d->begin = MAX_TEXT;
	d->end = MAX_TEXT + len;
	memcpy(d->b + d->begin, name, len);
	d->b[d->end] = 0;
	d->is_full = false;
}

static void before(struct decl *d, const char *s)
{
	size_t len = strnlen(s, d->begin + 1);

	d->is_full |= len > d->begin;
	if (d->is_full)
		return;
	d->begin -= len;
	memcpy(d->b + d->begin, s, len);
}

static void after(struct decl *d, const char *s)
{
	size_t room = sizeof(d->b) - 1 - d->end, len = strnlen(s, room + 1);

	d->is_full |= len > room;
	if (d->is_full)
		return;
	memcpy(d->b + d->end, s, len + 1);
	d->end += len;
}

/* const and the like, which stand before what they are about. */
struct qualifiers {
	bool is_const, is_volatile, is_restrict;
};

static void put_qualifiers(struct decl *d, struct qualifiers *q)
{
	bool any = q->is_const || q->is_volatile || q->is_restrict;

	if (any && d->b[d->begin])
		before(d, " ");
	if (q->is_restrict)
		before(d, "restrict");
	if (q->is_volatile)
		before(d, q->is_restrict ? "volatile " : "volatile");
	if (q->is_const)
		before(d, q->is_restrict || q->is_volatile ? "const " : "const");
	*q = (struct qualifiers){ 0 };
}

static void put_name(struct decl *d, const struct ksym_btf *b, const uint32_t *t,
		     struct qualifiers *q)
{
	const char *name = t ? ks_btf_string(b, t[0]) : "void", *keyword = "";

	switch (t ? KS_BTF_KIND(t) : 0) {
	case BTF_KIND_STRUCT:
		keyword = "struct ";
		break;
	case BTF_KIND_UNION:
		keyword = "union ";
		break;
	case BTF_KIND_ENUM:
	case KS_BTF_ENUM64:
		keyword = "enum ";
		break;
	case BTF_KIND_FWD:
		keyword = KS_BTF_KFLAG(t) ? "union " : "struct ";
		break;
	}
	if (d->b[d->begin] && d->b[d->begin] != '[')
		before(d, " ");
	before(d, *name ? name : "{...}");
	before(d, keyword);
	put_qualifiers(d, q);
}

static void spell(struct decl *d, const struct ksym_btf *b, uint32_t id, unsigned int depth);

static void put_parameters(struct decl *d, const struct ksym_btf *b, const uint32_t *t,
			   unsigned int depth)
{
	uint32_t nr = KS_BTF_VLEN(t);
	struct decl p;

	after(d, "(");
	/* What has no room is not spelled: prototypes in prototypes multiply. */
	for (uint32_t i = 0; i < nr && !d->is_full; i++) {
		const uint32_t *param = t + 3 + 2 * i;

		after(d, i ? ", " : "");
		if (depth == MAX_DEPTH || (!param[0] && !param[1])) {
			after(d, "...");
			continue;
		}
		decl_init(&p, ks_btf_string(b, param[0]));
		spell(&p, b, param[1], depth + 1);
		after(d, p.b + p.begin);
	}
	after(d, nr ? ")" : "void)");
}

/* Wrap what is there around by the type @id. */
static void spell(struct decl *d, const struct ksym_btf *b, uint32_t id, unsigned int depth)
{
	struct qualifiers q = { 0 };
	char number[16];

	for (unsigned int i = 0; i < MAX_LINKS && !d->is_full; i++) {
		const uint32_t *t = ks_btf_by_id(b, id);

		switch (t ? KS_BTF_KIND(t) : 0) {
		case BTF_KIND_PTR:
			put_qualifiers(d, &q);
			before(d, "*");
			id = t[2];
			break;
		case BTF_KIND_CONST:
			q.is_const = true;
			id = t[2];
			break;
		case BTF_KIND_VOLATILE:
			q.is_volatile = true;
			id = t[2];
			break;
		case BTF_KIND_RESTRICT:
			q.is_restrict = true;
			id = t[2];
			break;
		case KS_BTF_TYPE_TAG:
		case BTF_KIND_VAR:
		case BTF_KIND_FUNC:
			id = t[2];
			break;
		case BTF_KIND_ARRAY:
		case BTF_KIND_FUNC_PROTO:
			if (d->b[d->begin] == '*') {
				before(d, "(");
				after(d, ")");
			}
			if (KS_BTF_KIND(t) == BTF_KIND_ARRAY) {
				snprintf(number, sizeof(number), t[5] ? "[%u]" : "[]", t[5]);
				after(d, number);
				id = t[3];
			} else {
				put_parameters(d, b, t, depth);
				id = t[2];
			}
			break;
		default:
			put_name(d, b, t, &q);
			return;
		}
	}
}

size_t ksym_btf_type_text(const struct ksym_btf *b, uint32_t type, const char *name, char *buf,
			  size_t len)
{
	struct decl d;

	decl_init(&d, name ? name : "");
	spell(&d, b, type, 0);
	if (len)
		snprintf(buf, len, "%s", d.b + d.begin);
	return d.end - d.begin;
}

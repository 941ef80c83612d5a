// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Probes that hit one function, whatever others are called as it is.
 *
 * In the kernel itself a place is named by its distance from _text, which is one symbol
 * in every kernel and stays what it is under KASLR; kprobe_events takes that since it
 * exists, also where newer kernels refuse an ambiguous name (6.7).  In a loadable
 * module there is no such symbol: a name does where the module has it once, and else
 * the distance from one that it has once, in the same section.
 */
#include "live/probe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "index/index.h"

/* Names of events are of letters, digits and '_', and under 64 bytes. */
static void event_name(const struct ksym_symbol *s, uint64_t off, char out[64])
{
	int n = 0;

	if (isdigit((unsigned char)s->name[0]))
		out[n++] = '_';
	for (const char *p = s->name; *p && n < 40; p++)
		out[n++] = isalnum((unsigned char)*p) ? *p : '_';
	snprintf(out + n, (size_t)(64 - n), "_%llx", (unsigned long long)off);
}

static bool is_unique(const struct ksym_index *idx, const struct ksym_symbol *s, const char *module)
{
	struct ksym_symbol other;

	for (uint32_t nth = 0; ksym_index_named(idx, s->name, s->name_len, nth, &other); nth++) {
		const char *m;

		if (other.index == s->index)
			continue;
		m = ks_index_loaded_module(idx, &other);
		if (!module == !m && (!m || !strcmp(m, module)))
			return false;
	}
	return true;
}

/* The nearest symbol before @s, or @s itself, that its module has once. */
static bool anchor_in_module(const struct ksym_index *idx, const struct ksym_symbol *s,
			     const char *module, struct ksym_symbol *anchor)
{
	uint32_t sect = ks_tables_section_at(&idx->t, s->va);

	*anchor = *s;
	while (!anchor->name_len || !is_unique(idx, anchor, module)) {
		const char *m;

		if (!anchor->index || !ksym_index_symbol(idx, anchor->index - 1, anchor))
			return false;
		m = ks_index_loaded_module(idx, anchor);
		if (ks_tables_section_at(&idx->t, anchor->va) != sect || !m || strcmp(m, module))
			return false;
	}
	return true;
}

/* "_text+0x1b5120", "veth:veth_open", "veth:veth_open+0x20" */
static int place(const struct ksym_index *idx, const struct ksym_symbol *s, const char *module,
		 char *out, size_t len, uint64_t *off, struct ksym_error *err)
{
	struct ksym_symbol anchor;

	if (!module) {
		if (!(idx->t.flags & KS_FLAG_HAS_TEXT_VA) || s->va < idx->t.text_va)
			return ks_error(err, -ENOTSUP,
					"%s: there is no _text before it to count from", s->name);
		*off = s->va - idx->t.text_va;
		snprintf(out, len, "_text+0x%llx", (unsigned long long)*off);
		return 0;
	}
	if (!anchor_in_module(idx, s, module, &anchor))
		return ks_error(err, -ENOTSUP, "%s [%s]: no symbol before it is called so once",
				s->name, module);
	*off = s->va - anchor.va;
	if (*off)
		snprintf(out, len, "%s:%s+0x%llx", module, anchor.name, (unsigned long long)*off);
	else
		snprintf(out, len, "%s:%s", module, anchor.name);
	return 0;
}

int ksym_probe_format(const struct ksym_index *idx, const struct ksym_symbol *sym,
		      enum ksym_probe kind, const struct ksym_live *live, char *buf, size_t len,
		      struct ksym_error *err)
{
	const char *module = ks_index_loaded_module(idx, sym);
	char where[2 * KSYM_NAME_LEN + 32], event[64];
	uint64_t off = 0;
	uint32_t nr;
	int ret;

	if (!sym->is_text)
		return ks_error(err, -ENOTSUP, "%s: is no function, so it cannot be probed", sym->name);
	if (kind == KSYM_PROBE_FTRACE) {
		ret = ks_ftrace_number(live, idx, sym, &nr, err);
		return ret ? ret : snprintf(buf, len, "%u", nr);
	}
	ret = place(idx, sym, module, where, sizeof(where), &off, err);
	if (ret)
		return ret;
	event_name(sym, off, event);
	switch (kind) {
	case KSYM_PROBE_KPROBE:
		return snprintf(buf, len, "p:ksym/%s %s", event, where);
	case KSYM_PROBE_PERF:
		/* perf knows _text to be smaller than that, and takes no other place that
		 * names do not tell, but an address. */
		if (!live)
			return ks_error(err, -ENOTSUP, "%s: perf probe takes an address, which is one of the running kernel: use `ksym live find`; or --probe kprobe, and perf record -e ksym:%s",
					sym->name, event);
		return snprintf(buf, len, "ksym:%s=0x%llx", event, (unsigned long long)sym->va);
	case KSYM_PROBE_BPFTRACE:
		return snprintf(buf, len, "kprobe:%s", where);
	default:
		return ks_error(err, -EINVAL, "unknown kind of probe");
	}
}

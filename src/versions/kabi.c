// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rules: reading them, and the texts of types that they give. */
#include "versions/kabi.h"

#include "base/cursor.h"

#include <stdio.h>
#include <string.h>

#define SECTION ".discard.gendwarfksyms.kabi_rules"
#define VERSION "1"
/* What is left at the end and is shorter can be no rule. */
#define MIN_RULE_LEN 6

static const struct {
	const char *tag;
	enum ks_kabi_kind kind;
} tags[] = {
	{ "declonly", KS_KABI_DECLONLY },
	{ "enumerator_ignore", KS_KABI_ENUMERATOR_IGNORE },
	{ "enumerator_value", KS_KABI_ENUMERATOR_VALUE },
	{ "byte_size", KS_KABI_BYTE_SIZE },
	{ "type_string", KS_KABI_TYPE_STRING },
};

void ks_kabi_free(struct ks_kabi *k)
{
	for (unsigned int i = 0; i < KS_KABI_NR_KINDS; i++) {
		ks_strpool_free(&k->rules[i].targets);
		ks_vec_free(&k->rules[i].values);
	}
}

bool ks_kabi_find(const struct ks_kabi *k, enum ks_kabi_kind kind, const char *target,
		  const char **value)
{
	uint32_t nr;

	if (!k || !k->rules[kind].targets.nr || !*target)
		return false;
	nr = ks_strpool_find(&k->rules[kind].targets, target, strlen(target));
	if (nr == KS_STRPOOL_NONE)
		return false;
	*value = k->rules[kind].values.data[nr];
	return true;
}

/* The last of equal rules counts. */
static int add_rule(struct ks_kabi *k, enum ks_kabi_kind kind, const char *target,
		    const char *value, struct ksym_error *err)
{
	struct ks_kabi_rules *r = &k->rules[kind];
	uint32_t nr = ks_strpool_add(&r->targets, target, strlen(target));

	if (nr == KS_STRPOOL_NONE || (nr == r->values.len && !ks_vec_push(&r->values)))
		return ks_error_nomem(err);
	r->values.data[nr] = value;
	return 0;
}

/* ----------------------------------------------------------------- reading */

static int read_rule(struct ks_kabi *k, struct ks_cursor *c, struct ksym_error *err)
{
	const char *version = ks_cursor_string(c, NULL);
	const char *tag = ks_cursor_string(c, NULL);
	const char *target = ks_cursor_string(c, NULL);
	const char *value = ks_cursor_string(c, NULL);
	int ret = ks_cursor_error(c, err);

	if (ret)
		return ret;
	if (strcmp(version, VERSION))
		return ks_error(err, -ENOTSUP, "%s: %s: rule of version '%s': expected '" VERSION "'",
				c->file, c->what, version);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (!strcmp(tag, tags[i].tag))
			return add_rule(k, tags[i].kind, target, value, err);
	return ks_error(err, -ENOTSUP,
			"%s: %s: rule '%s': expected declonly, enumerator_ignore, enumerator_value, byte_size or type_string",
			c->file, c->what, tag);
}

int ks_kabi_read(struct ks_kabi *k, struct ks_elf *e, struct ksym_error *err)
{
	uint32_t section = ks_elf_find_section(e, SECTION);
	struct ks_cursor c;
	const uint8_t *data;
	size_t len;
	int ret;

	if (!section)
		return 0;
	ret = ks_elf_section_data(e, section, &data, &len, err);
	if (ret)
		return ret;
	c = ks_cursor(data, len, e->swap, e->path, SECTION);
	if (len < MIN_RULE_LEN)
		return ks_error(err, -EBADMSG, "%s: " SECTION ": %zu bytes: expected a rule", e->path, len);
	while (!ret && ks_cursor_left(&c) > MIN_RULE_LEN)
		ret = read_rule(k, &c, err);
	return ret;
}

/* ------------------------------------------------------------ texts of types */

bool ks_kabi_type_string(const struct ks_kabi *k, const char *name, const char **text)
{
	return ks_kabi_find(k, KS_KABI_TYPE_STRING, name, text);
}

/* Length of the reference at @s, quotes included; 0 when it is none. */
static size_t ref_len(const char *s)
{
	size_t len;
	const char *quote;

	if (s[2] == '\'') {
		quote = strchr(s + 3, '\'');
		return quote && quote > s + 3 ? (size_t)(quote - s) + 1 : 0;
	}
	len = strcspn(s + 2, " ");
	return len ? len + 2 : 0;
}

int ks_kabi_parse_type(struct ks_strpool *type_names, const char *name, const char *text,
		       struct ks_symtext *out, const char *path, struct ksym_error *err)
{
	const char *start = text;
	int ret = 0;

	ks_symtext_clear(out);
	if (!*text)
		return ks_error(err, -EBADMSG, "%s: " SECTION ": type_string of '%s': expected a text",
				path, name);
	for (const char *s = text; *s && !ret;) {
		size_t len;
		uint32_t nr;

		if (!ks_symtext_is_ref(s)) {
			s++;
			continue;
		}
		len = ref_len(s);
		if (!len)
			return ks_error(err, -EBADMSG,
					"%s: " SECTION ": type_string of '%s': %c#: expected the name of a type behind it",
					path, name, *s);
		nr = ks_strpool_add(type_names, s, len);
		if (nr == KS_STRPOOL_NONE)
			return ks_error_nomem(err);
		ret = ks_symtext_add(out, start, (size_t)(s - start), err);
		if (!ret)
			ret = ks_symtext_add_ref(out, type_names, nr, err);
		start = s += len;
	}
	return ret ? ret : ks_symtext_add(out, start, strlen(start), err);
}

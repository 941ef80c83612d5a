// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <ksym/holes.h>
#include <stdlib.h>
#include <string.h>

static bool first_item;

/* Bytes of the character at @s if it is well-formed UTF-8, else 0. */
static size_t utf8_len(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = u[0] < 0x80 ? 1 : u[0] < 0xc2 ? 0 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

	if (u[0] > 0xf4 || (u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Names and paths are bytes of any kind, but JSON has to be UTF-8: what is none is
 * shown as U+FFFD. */
struct json_object *cli_json_string(const char *s)
{
	static const char replacement[] = "\xef\xbf\xbd";
	struct json_object *o;
	size_t n, len = 0;
	char *fixed;

	for (size_t i = 0; s[i]; i += n) {
		n = utf8_len(s + i);
		if (!n)
			goto bad;
	}
	return json_object_new_string(s);
bad:
	fixed = malloc(strlen(s) * 3 + 1);
	if (!fixed)
		return NULL;
	for (; *s; s += n ? n : 1) {
		n = utf8_len(s);
		memcpy(fixed + len, n ? s : replacement, n ? n : 3);
		len += n ? n : 3;
	}
	o = json_object_new_string_len(fixed, (int)len);
	free(fixed);
	return o;
}

static struct json_object *string(const char *s)
{
	return cli_json_string(s);
}

struct json_object *cli_json_address(unsigned int elf_class, uint64_t va)
{
	char buf[24];

	snprintf(buf, sizeof(buf), elf_class == 1 ? "%08llx" : "%016llx", (unsigned long long)va);
	return string(buf);
}

struct json_object *cli_json_va(const struct ksym_index *idx, uint64_t va)
{
	struct ksym_index_info info = { .size = sizeof(info) };

	ksym_index_info(idx, &info);
	return cli_json_address(info.elf_class, va);
}

static struct json_object *sources(uint32_t set, const char *const *names, int nr)
{
	struct json_object *a = json_object_new_array();

	for (int i = 0; i < nr; i++)
		if (set & 1u << i)
			json_object_array_add(a, string(names[i]));
	return a;
}

struct json_object *cli_json_symbol(const struct ksym_index *idx, const struct ksym_symbol *s)
{
	static const char *const owner_sources[] = { "map", "object-map", "dwarf", "stt-file",
						     "image" };
	static const char *const module_sources[] = { "objs", "cmd", "ranges", "kbuild", "name",
						      "image" };
	struct json_object *o = json_object_new_object(), *mods = json_object_new_array();
	char type[2] = { s->type, 0 };
	struct ksym_object obj, other;
	const char *suffix;

	json_object_object_add(o, "address", cli_json_va(idx, s->va));
	json_object_object_add(o, "size", json_object_new_uint64(s->len));
	json_object_object_add(o, "type", string(type));
	json_object_object_add(o, "name", string(s->name));
	json_object_object_add(o, "text", json_object_new_boolean(s->is_text));
	json_object_object_add(o, "modules", mods);
	if (!ksym_index_object(idx, s->object, &obj)) {
		json_object_object_add(o, "object", NULL);
		return o;
	}
	for (uint32_t n = 0; n < obj.nr_modules; n++)
		json_object_array_add(mods, string(ksym_index_object_module(idx, &obj, n)));
	json_object_object_add(o, "object", obj.path[0] ? string(obj.path) : NULL);
	suffix = s->is_text ? obj.text_suffix : obj.data_suffix;
	if (suffix)
		json_object_object_add(o, "suffix", string(suffix));
	json_object_object_add(o, "sources", sources(s->sources, owner_sources, 5));
	if (obj.nr_modules)
		json_object_object_add(o, "module_sources",
				       sources(obj.module_sources, module_sources, 6));
	if (ksym_index_object(idx, s->other_object, &other))
		json_object_object_add(o, "disagrees", string(other.path));
	return o;
}

struct json_object *cli_json_dead(const struct ksym_index *idx, const struct ksym_dead *d)
{
	struct json_object *o = json_object_new_object();
	struct ksym_object obj;

	json_object_object_add(o, "address", cli_json_va(idx, d->va));
	json_object_object_add(o, "size", json_object_new_uint64(d->len));
	json_object_object_add(o, "name", d->name ? string(d->name) : NULL);
	json_object_object_add(o, "confidence", string(cli_confidences[d->confidence]));
	json_object_object_add(o, "object", ksym_index_object(idx, d->object, &obj) && obj.path[0]
						    ? string(obj.path) : NULL);
	return o;
}

void cli_json_print(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

void cli_json_list_begin(const char *name)
{
	printf("{\"%s\": [", name);
	first_item = true;
}

void cli_json_list_item(struct json_object *o)
{
	fputs(first_item ? "\n" : ",\n", stdout);
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							JSON_C_TO_STRING_NOSLASHESCAPE), stdout);
	json_object_put(o);
	first_item = false;
}

void cli_json_list_end(void)
{
	fputs(first_item ? "]}\n" : "\n]}\n", stdout);
}

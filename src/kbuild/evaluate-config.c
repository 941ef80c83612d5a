// SPDX-License-Identifier: LGPL-2.1-or-later
/* The .config: as make variables, and for questions about single options. */
#include "kbuild/evaluate-parts.h"

#include <stdarg.h>
#include <stdio.h>

/* The largest configurations have half a megabyte. */
#define CONFIG_MAX ((size_t)64 << 20)

void ks_text_add(struct ks_text *t, const char *s, size_t len)
{
	if (t->nomem || !ks_vec_reserve(t, len + 1)) {
		t->nomem = true;
		return;
	}
	memcpy(t->data + t->len, s, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void ks_text_addf(struct ks_text *t, const char *fmt, ...)
{
	char *s;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (len < 0) {
		t->nomem = true;
		return;
	}
	ks_text_add(t, s, (size_t)len);
	free(s);
}

void ks_text_add_value(struct ks_text *t, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '$')
			ks_text_add(t, "$$", 2);
		else if (s[i] == '#')
			ks_text_add(t, "$(ks-hash)", 10);
		else if ((unsigned char)s[i] >= 0x20 || s[i] == '\t')
			ks_text_add(t, s + i, 1);
	}
	/* A backslash at the end would continue the line. */
	if (len && s[len - 1] == '\\')
		ks_text_add(t, "$(ks-nothing)", 13);
}

void ks_text_free(struct ks_text *t)
{
	ks_vec_free(t);
}

const char *ks_kconfig_srcarch(const char *arch)
{
	/* As the kernel's main Makefile has it. */
	static const char *const same[][2] = {
		{ "i386", "x86" },	{ "x86_64", "x86" },	  { "sparc32", "sparc" },
		{ "sparc64", "sparc" }, { "parisc64", "parisc" }, { "sh64", "sh" },
		{ "tilepro", "tile" },	{ "tilegx", "tile" },	  { "aarch64", "arm64" },
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!strcmp(arch, same[i][0]))
			return same[i][1];
	return arch;
}

/* "# Linux/x86 6.1.0 Kernel Configuration" */
static void read_title(struct ks_kconfig *c, const char *s, size_t len)
{
	static const char lead[] = "# Linux/", trail[] = " Kernel Configuration";
	const size_t nr_lead = sizeof(lead) - 1, nr_trail = sizeof(trail) - 1;
	const char *end;

	if (c->arch_buf[0] || len < nr_lead + nr_trail || memcmp(s, lead, nr_lead) ||
	    memcmp(s + len - nr_trail, trail, nr_trail))
		return;
	end = memchr(s + nr_lead, ' ', len - nr_lead);
	if ((size_t)(end - (s + nr_lead)) < sizeof(c->arch_buf))
		memcpy(c->arch_buf, s + nr_lead, (size_t)(end - (s + nr_lead)));
}

static void find_arch(struct ks_kconfig *c)
{
	/* User-mode Linux sets its host's option as well, so it comes first. */
	static const char *const options[][2] = {
		{ "CONFIG_UML", "um" },
		{ "CONFIG_X86", "x86" },
		{ "CONFIG_X86_64", "x86" },
		{ "CONFIG_X86_32", "x86" },
		{ "CONFIG_ARM64", "arm64" },
		{ "CONFIG_ARM", "arm" },
		{ "CONFIG_RISCV", "riscv" },
		{ "CONFIG_PPC", "powerpc" },
		{ "CONFIG_S390", "s390" },
		{ "CONFIG_LOONGARCH", "loongarch" },
		{ "CONFIG_MIPS", "mips" },
		{ "CONFIG_SPARC", "sparc" },
		{ "CONFIG_PARISC", "parisc" },
		{ "CONFIG_ALPHA", "alpha" },
		{ "CONFIG_SUPERH", "sh" },
		{ "CONFIG_M68K", "m68k" },
		{ "CONFIG_ARC", "arc" },
		{ "CONFIG_CSKY", "csky" },
		{ "CONFIG_HEXAGON", "hexagon" },
		{ "CONFIG_IA64", "ia64" },
		{ "CONFIG_MICROBLAZE", "microblaze" },
		{ "CONFIG_NIOS2", "nios2" },
		{ "CONFIG_OPENRISC", "openrisc" },
		{ "CONFIG_XTENSA", "xtensa" },
	};

	c->arch = ks_kconfig_srcarch(c->arch_buf);
	if (c->arch[0])
		return;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (ks_kconfig_get(c, options[i][0], strlen(options[i][0])) == 'y') {
			c->arch = options[i][1];
			return;
		}
}

static size_t name_len(const char *s, size_t len)
{
	size_t n = 7;

	if (len < 8 || memcmp(s, "CONFIG_", 7))
		return 0;
	while (n < len && (s[n] == '_' || (s[n] >= '0' && s[n] <= '9') ||
			   (s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z')))
		n++;
	return n > 7 ? n : 0;
}

static int set(struct ks_kconfig *c, const char *name, size_t len, const char *value,
	       size_t value_len, struct ksym_error *err)
{
	uint32_t i = ks_strpool_add(&c->names, name, len);

	if (i == KS_STRPOOL_NONE || (i == c->values.len && !ks_vec_push(&c->values)))
		return ks_error_nomem(err);
	c->values.data[i].s = value_len == 1 && *value == 'n' ? NULL : value;
	c->values.data[i].len = (uint32_t)value_len;
	return 0;
}

int ks_kconfig_read(struct ks_kconfig *c, const struct ks_file *f, struct ksym_error *err)
{
	struct ks_lines l = ks_lines(f);
	bool any = false;
	int ret = 0;

	*c = (struct ks_kconfig){ 0 };
	if (f->len > CONFIG_MAX)
		return ks_error(err, -EBADMSG, "%s: no kernel configuration has %zu bytes", f->path,
				f->len);
	while (!ret && ks_lines_next(&l)) {
		static const char unset[] = " is not set";
		size_t n;

		if (memchr(l.s, '\0', l.len))
			return ks_error(err, -EBADMSG, "%s: line %llu: zero byte in a text file",
					f->path, (unsigned long long)l.nr);
		if (l.len > 2 && l.s[0] == '#' && l.s[1] == ' ') {
			n = name_len(l.s + 2, l.len - 2);
			if (n && l.len - 2 - n == sizeof(unset) - 1 &&
			    !memcmp(l.s + 2 + n, unset, sizeof(unset) - 1))
				ret = set(c, l.s + 2, n, "n", 1, err);
			else
				read_title(c, l.s, l.len);
		} else {
			n = name_len(l.s, l.len);
			if (n && n < l.len && l.s[n] == '=') {
				ret = set(c, l.s, n, l.s + n + 1, l.len - n - 1, err);
				any = true;
			}
		}
	}
	if (ret)
		return ret;
	if (!any)
		return ks_error(err, -EBADMSG, "%s: no kernel configuration: no CONFIG_ line",
				f->path);
	find_arch(c);
	return 0;
}

void ks_kconfig_free(struct ks_kconfig *c)
{
	ks_strpool_free(&c->names);
	ks_vec_free(&c->values);
}

char ks_kconfig_get(const struct ks_kconfig *c, const char *name, size_t len)
{
	uint32_t i = ks_strpool_find(&c->names, name, len);

	if (i == KS_STRPOOL_NONE || !c->values.data[i].s)
		return 'n';
	if (c->values.data[i].len == 1 &&
	    (*c->values.data[i].s == 'y' || *c->values.data[i].s == 'm'))
		return *c->values.data[i].s;
	return 'v';
}

void ks_kconfig_print(const struct ks_kconfig *c, bool quoted, struct ks_text *out)
{
	for (uint32_t i = 0; i < c->names.nr; i++) {
		const char *s = c->values.data[i].s;
		size_t len = c->values.data[i].len;

		if (!s)
			continue;
		ks_text_addf(out, "%s := ", ks_strpool_get(&c->names, i));
		if (len >= 2 && s[0] == '"' && s[len - 1] == '"' && !quoted) {
			/* "a \"b\"": the quotes and their backslashes go. */
			struct ks_text plain = { 0 };

			for (size_t n = 1; n < len - 1; n++) {
				if (s[n] == '\\' && n + 1 < len - 1)
					n++;
				ks_text_add(&plain, s + n, 1);
			}
			out->nomem |= plain.nomem;
			ks_text_add_value(out, plain.data ? plain.data : "", plain.len);
			ks_text_free(&plain);
		} else {
			ks_text_add_value(out, s, len);
		}
		ks_text_add(out, "\n", 1);
	}
}

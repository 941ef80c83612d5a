/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a distribution writes to keep versions while it changes types: rules, which are four
 * strings each in a section of their own, and members whose names begin with __kabi_.
 */
#ifndef KABI_H
#define KABI_H

#define KABI_SECTION ".discard.gendwarfksyms.kabi_rules"
#define KABI_NAME2(n) kabi_rule_##n
#define KABI_NAME(n) KABI_NAME2(n)

/* RULE("type", "target", "value") */
#define RULE(type, target, value) \
	static const char KABI_NAME(__COUNTER__)[] \
	__attribute__((used, aligned(1), section(KABI_SECTION))) = \
		"1\0" type "\0" target "\0" value

/* A member that took the place of an older one, which versions still see. */
#define REPLACED(old, ...) union { __VA_ARGS__; struct { old; }; }
#define REPLACED_DIRECTLY(old, ...) union { old; __VA_ARGS__; }
/* A member that versions do not see. */
#define IGNORED(n, ...) union { __VA_ARGS__; unsigned char __kabi_ignored##n; }

#endif

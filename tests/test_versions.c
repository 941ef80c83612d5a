// SPDX-License-Identifier: LGPL-2.1-or-later
/* Checksums put together from pieces, texts of types, and names of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "types/intern.h"
#include "types/names.h"
#include "versions/crc.h"
#include "versions/expand.h"
#include "versions/kabi.h"

/* The same numbers on every run. */
static uint32_t rnd(uint32_t below)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % below;
}

/* --------------------------------------------------------------------- crc */

static void a_crc_of_two_pieces_is_that_of_both(void **state)
{
	struct ks_crc_tables t;
	uint8_t data[3000];

	(void)state;
	ks_crc_init(&t);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)rnd(256);
	for (int i = 0; i < 500; i++) {
		size_t len = rnd(sizeof(data) + 1), cut = rnd((uint32_t)len + 1);
		struct ks_crc a = ks_crc_of(&t, data, cut), b = ks_crc_of(&t, data + cut, len - cut);
		struct ks_crc whole = ks_crc_join(&t, a, b);

		assert_int_equal(whole.crc, crc32(0, data, (uInt)len));
		assert_int_equal(whole.len, len);
		assert_int_equal(whole.factor, ks_crc_of(&t, data, len).factor);
		assert_int_equal(crc32_combine(a.crc, b.crc, (z_off_t)b.len), whole.crc);
	}
}

static void the_empty_text_changes_nothing(void **state)
{
	struct ks_crc_tables t;
	struct ks_crc a;

	(void)state;
	ks_crc_init(&t);
	a = ks_crc_of(&t, "abc", 3);
	assert_int_equal(ks_crc_join(&t, a, KS_CRC_EMPTY).crc, a.crc);
	assert_int_equal(ks_crc_join(&t, KS_CRC_EMPTY, a).crc, a.crc);
	assert_int_equal(ks_crc_factor(&t, 0), KS_CRC_EMPTY.factor);
}

/* ------------------------------------------------------------------ expand */

struct whole {
	uLong crc;
	size_t len;
};

static int add_to_crc(void *arg, const char *s, size_t len)
{
	struct whole *w = arg;

	w->crc = crc32(w->crc, (const Bytef *)s, (uInt)len);
	w->len += len;
	return 0;
}

static void add_text(struct ks_symtext *t, struct ks_typemap *m, uint32_t nr_types, uint32_t nr_refs)
{
	char word[32];

	ks_symtext_clear(t);
	for (uint32_t i = 0; i < nr_refs; i++) {
		snprintf(word, sizeof(word), " w%u ", rnd(1000000));
		assert_int_equal(ks_symtext_add(t, word, strlen(word), NULL), 0);
		assert_int_equal(ks_symtext_add_ref(t, &m->names, rnd(nr_types), NULL), 0);
	}
	assert_int_equal(ks_symtext_add(t, "}", rnd(2), NULL), 0);
}

static void keep_text(struct ks_typemap *m, struct ks_expansion *x, const struct ks_symtext *t)
{
	*x = (struct ks_expansion){ true, m->all_bytes.len, m->all_refs.len, (uint32_t)t->bytes.len,
				    (uint32_t)t->refs.len };
	assert_true(ks_vec_reserve(&m->all_bytes, t->bytes.len + 1));
	assert_true(ks_vec_reserve(&m->all_refs, t->refs.len + 1));
	for (size_t i = 0; i < t->bytes.len; i++)
		m->all_bytes.data[m->all_bytes.len++] = t->bytes.data[i];
	for (size_t i = 0; i < t->refs.len; i++)
		m->all_refs.data[m->all_refs.len++] = t->refs.data[i];
}

/* A map of @nr_types types that refer to up to @nr_refs others each, in any way. */
static void make_map(struct ks_typemap *m, uint32_t nr_types, uint32_t nr_symbols, uint32_t nr_refs)
{
	struct ks_symtext t = { 0 };
	char name[32];

	*m = (struct ks_typemap){ .path = "test" };
	for (uint32_t i = 0; i < nr_types; i++) {
		int len = snprintf(name, sizeof(name), "s#type%u", i * 7919);

		assert_int_equal(ks_strpool_add(&m->names, name, (size_t)len), i);
	}
	for (uint32_t i = 0; i < nr_types; i++) {
		struct ks_expansion *x = ks_vec_push(&m->types);

		assert_non_null(x);
		add_text(&t, m, nr_types, rnd(nr_refs + 1));
		keep_text(m, x, &t);
	}
	for (uint32_t i = 0; i < nr_symbols; i++) {
		struct ks_expansion *x = ks_vec_push(&m->symbols);

		assert_non_null(x);
		add_text(&t, m, nr_types, rnd(6));
		keep_text(m, x, &t);
	}
	ks_symtext_free(&t);
}

/* Whatever is shared between symbols: each version is the CRC of the symbol's own text. */
static void versions_are_checksums_of_the_expanded_text(void **state)
{
	static const uint32_t sizes[][3] = {
		{ 1, 5, 1 }, { 10, 50, 3 }, { 100, 200, 2 }, { 300, 200, 1 }, { 500, 300, 4 },
		{ 900, 300, 2 }, { 64, 100, 1 }, { 65, 100, 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct ks_typemap m;
		struct ks_expander *e;
		uint32_t *crcs = calloc(sizes[i][1], sizeof(*crcs)), *again = calloc(sizes[i][1], sizeof(*again));

		make_map(&m, sizes[i][0], sizes[i][1], sizes[i][2]);
		assert_int_equal(ks_expander_open(&e, &m, NULL), 0);
		assert_int_equal(ks_expand_all(e, NULL, crcs, 1, NULL), 0);
		assert_int_equal(ks_expand_all(e, NULL, again, 3, NULL), 0);
		for (uint32_t s = 0; s < sizes[i][1]; s++) {
			struct whole w = { 0 };

			assert_int_equal(ks_expand_text(e, s, add_to_crc, &w, NULL), 0);
			assert_int_equal(w.crc, crcs[s]);
			assert_int_equal(crcs[s], again[s]);
		}
		ks_expander_close(e);
		ks_typemap_free(&m);
		free(crcs);
		free(again);
	}
}

static void a_reference_to_nothing_is_an_error(void **state)
{
	struct ks_typemap m;
	struct ks_expander *e;
	struct ksym_error err;
	uint32_t crcs[300];

	(void)state;
	make_map(&m, 300, 300, 3);
	m.types.data[17].known = false;
	m.types.data[17].nr_refs = m.types.data[17].nr_bytes = 0;
	assert_int_equal(ks_expander_open(&e, &m, NULL), 0);
	assert_int_equal(ks_expand_all(e, NULL, crcs, 1, &err), -EBADMSG);
	assert_string_equal(err.text, "test: a reference to 's#type134623': expected a type that is there, or a rule that tells it");
	ks_expander_close(e);
	ks_typemap_free(&m);
}

/* ------------------------------------------------------------------- names */

static void short_names_are_their_own_text(void **state)
{
	struct ks_strpool pool = { 0 };
	char buf[8];

	(void)state;
	for (size_t len = 0; len <= 9; len++) {
		char text[10] = "";
		ks_name n = ks_name_make(&pool, memcpy(text, "abcdefghi", len), len);

		assert_true(n);
		assert_int_equal(KS_NAME_KIND(n), len < 8 ? 2 : 3);
		assert_string_equal(ks_name_text("", &pool, n, buf), text);
	}
	ks_strpool_free(&pool);
}

/* ------------------------------------------------------------------- rules */

static void type_strings_are_taken_apart(void **state)
{
	struct ks_strpool names = { 0 };
	struct ks_symtext t = { 0 };
	struct ksym_error err;

	(void)state;
	assert_int_equal(ks_kabi_parse_type(&names, "s#x", "a s#b c t#'d e' f", &t, "x.o", &err), 0);
	assert_int_equal(t.refs.len, 2);
	assert_int_equal(t.len, strlen("a s#b c t#'d e' f"));
	assert_string_equal(ks_strpool_get(&names, t.refs.data[0].type), "s#b");
	assert_string_equal(ks_strpool_get(&names, t.refs.data[1].type), "t#'d e'");
	assert_int_equal(t.refs.data[0].pos, 2);
	assert_memory_equal(t.bytes.data, "a  c  f", t.bytes.len);
	assert_int_equal(ks_kabi_parse_type(&names, "s#x", "", &t, "x.o", &err), -EBADMSG);
	assert_int_equal(ks_kabi_parse_type(&names, "s#x", "s# ", &t, "x.o", &err), -EBADMSG);
	assert_int_equal(ks_kabi_parse_type(&names, "s#x", "u#'a", &t, "x.o", &err), -EBADMSG);
	assert_int_equal(ks_kabi_parse_type(&names, "s#x", "u#''", &t, "x.o", &err), -EBADMSG);
	ks_symtext_free(&t);
	ks_strpool_free(&names);
}

/* ------------------------------------------------------------------- graph */

static uint32_t push(struct ks_types *t, unsigned int kind, ks_name name, uint32_t type, uint32_t parent)
{
	struct ks_type *n = ks_vec_push(&t->nodes);
	uint32_t node = (uint32_t)t->nodes.len - 1;

	assert_non_null(n);
	*n = (struct ks_type){ .kind = (uint8_t)kind, .name = name, .type = type, .parent = parent,
			       .end = node + 1 };
	for (uint32_t p = parent; p; p = t->nodes.data[p].parent)
		t->nodes.data[p].end = node + 1;
	return node;
}

static ks_name name(struct ks_types *t, const char *s)
{
	return ks_name_make(&t->names, s, strlen(s));
}

/* struct list { struct list *next; struct net *net; }, where struct net is known or not */
static uint32_t make_list(struct ks_types *t, bool known)
{
	uint32_t list, next, net, member;

	*t = (struct ks_types){ .str = "", .path = "test" };
	assert_non_null(ks_vec_push(&t->nodes));
	assert_non_null(ks_vec_push(&t->units));
	t->units.data[0] = 1;
	list = push(t, KS_KIND_STRUCT, name(t, "list"), 0, 0);
	next = push(t, KS_KIND_MEMBER, name(t, "next"), 0, list);
	member = push(t, KS_KIND_MEMBER, name(t, "network_namespace"), 0, list);
	t->nodes.data[next].type = push(t, KS_KIND_POINTER, 0, list, 0);
	net = push(t, KS_KIND_STRUCT, name(t, "net"), 0, 0);
	if (known)
		push(t, KS_KIND_MEMBER, name(t, "x"), 0, net);
	else
		t->nodes.data[net].flags = KS_TYPE_OPAQUE;
	t->nodes.data[member].type = push(t, KS_KIND_POINTER, 0, net, 0);
	return list;
}

static void what_units_agree_on_is_there_once(void **state)
{
	struct ksym_error err;
	struct ks_graph g;
	struct ks_types a, b;
	struct ks_interner in = { .g = &g, .err = &err };
	ks_ref ref, again;
	uint32_t list = make_list(&a, true);

	(void)state;
	assert_int_equal(make_list(&b, false), list);
	assert_int_equal(ks_graph_init(&g, "", NULL), 0);
	assert_int_equal(ks_interner_begin(&in, &a, 5), 0);
	assert_int_equal(ks_intern(&in, list, &ref), 0);
	assert_int_equal(ks_interner_begin(&in, &b, 3), 0);
	assert_int_equal(ks_intern(&in, list, &again), 0);
	assert_true(KS_REF_IS_NAMED(ref));
	assert_int_equal(ref, again);
	assert_int_equal(g.named.len, 2);
	/* list; two pointers; net as it is and without members. */
	assert_int_equal(g.shapes.len - 1, 5);
	for (uint32_t i = 0; i < g.named.len; i++) {
		const struct ks_shape *s = &g.shapes.data[g.named.data[i].shapes];
		bool is_net = KS_REF_NUMBER(ref) != i;

		assert_int_equal(s->next != 0, is_net);
		if (!is_net)	/* the first of units 3 and 5 */
			assert_int_equal(s->unit, 3);
	}
	ks_interner_free(&in);
	ks_graph_free(&g);
	ks_types_free(&a);
	ks_types_free(&b);
}

static void a_type_without_a_name_cannot_contain_itself(void **state)
{
	struct ksym_error err;
	struct ks_graph g;
	struct ks_types t = { .str = "", .path = "test" };
	struct ks_interner in = { .g = &g, .err = &err };
	uint32_t pointer, constant;
	ks_ref ref;

	(void)state;
	assert_non_null(ks_vec_push(&t.nodes));
	pointer = push(&t, KS_KIND_POINTER, 0, 0, 0);
	constant = push(&t, KS_KIND_CONST, 0, pointer, 0);
	t.nodes.data[pointer].type = constant;
	assert_int_equal(ks_graph_init(&g, "", NULL), 0);
	assert_int_equal(ks_interner_begin(&in, &t, 0), 0);
	assert_int_equal(ks_intern(&in, pointer, &ref), -ELOOP);
	ks_interner_free(&in);
	ks_graph_free(&g);
	ks_types_free(&t);
}

/* namespace a { struct { struct c {} } struct b { struct c {} } enum e { struct d {} } } */
static void names_have_the_path_of_namespaces_and_structures(void **state)
{
	struct ks_types t = { .str = "", .path = "test" };
	uint32_t ns, anonymous, c1, b, c2, e, d;
	char buf[8];

	(void)state;
	assert_non_null(ks_vec_push(&t.nodes));
	ns = push(&t, KS_KIND_NAMESPACE, name(&t, "a"), 0, 0);
	anonymous = push(&t, KS_KIND_STRUCT, 0, 0, ns);
	c1 = push(&t, KS_KIND_STRUCT, name(&t, "c"), 0, anonymous);
	b = push(&t, KS_KIND_STRUCT, name(&t, "b"), 0, ns);
	c2 = push(&t, KS_KIND_STRUCT, name(&t, "c"), 0, b);
	e = push(&t, KS_KIND_ENUM, name(&t, "e"), 0, ns);
	d = push(&t, KS_KIND_STRUCT, name(&t, "d"), 0, e);
	assert_int_equal(ks_names_add_paths(&t, 1, 1000, NULL), 0);
	assert_int_equal(t.nodes.data[anonymous].name, 0);
#define NAME(node) ks_name_text(t.str, &t.names, t.nodes.data[node].name, buf)
	assert_string_equal(NAME(c1), "a::<anonymous>::c");
	assert_string_equal(NAME(b), "a::b");
	assert_string_equal(NAME(c2), "a::b::c");
	assert_string_equal(NAME(e), "a::e");
	assert_string_equal(NAME(d), "d");
	ks_types_free(&t);
}

static void long_paths_of_names_are_refused(void **state)
{
	struct ks_types t = { .str = "", .path = "test" };
	struct ksym_error err;
	uint32_t parent = 0;

	(void)state;
	assert_non_null(ks_vec_push(&t.nodes));
	for (int i = 0; i < 1000; i++)
		parent = push(&t, KS_KIND_NAMESPACE, name(&t, "space"), 0, parent);
	assert_int_equal(ks_names_add_paths(&t, 1, 10000, &err), -EBADMSG);
	ks_types_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crc_of_two_pieces_is_that_of_both),
		cmocka_unit_test(the_empty_text_changes_nothing),
		cmocka_unit_test(versions_are_checksums_of_the_expanded_text),
		cmocka_unit_test(a_reference_to_nothing_is_an_error),
		cmocka_unit_test(short_names_are_their_own_text),
		cmocka_unit_test(type_strings_are_taken_apart),
		cmocka_unit_test(what_units_agree_on_is_there_once),
		cmocka_unit_test(a_type_without_a_name_cannot_contain_itself),
		cmocka_unit_test(names_have_the_path_of_namespaces_and_structures),
		cmocka_unit_test(long_paths_of_names_are_refused),
	};

	return cmocka_run_group_tests_name("test_versions", tests, NULL, NULL);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/* Versions in an index: tables that are not what they should be, and files of other ages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "index/hash.h"
#include "index/index.h"
#include "versions/result.h"

static char dir[] = "/tmp/ksym-indexed.XXXXXX";
static struct ksym_index *plain;	/* without versions */

/* What a table has when it is not compressed. */
struct raw {
	uint8_t p[4096];
	size_t len;
};

static void put_int(struct raw *r, uint64_t v, unsigned int len)
{
	ks_index_store(r->p + r->len, v, len);
	r->len += len;
}

static void put_text(struct raw *r, const char *s, size_t len)
{
	memcpy(r->p + r->len, s, len);
	r->len += len;
}

static void put_symbol(struct raw *r, uint32_t crc, uint32_t place, unsigned int status,
		       const char *name)
{
	put_int(r, crc, 4);
	put_int(r, place, 4);
	put_int(r, status, 1);
	put_int(r, 1, 1);
	put_text(r, name, strlen(name) + 1);
	put_text(r, "SPACE", 6);
	put_text(r, "", 1);
}

#define TYPES "int_of_s variable s#s\ns#s structure_type s { } byte_size(8)\n"

static struct raw good(void)
{
	struct raw r = { .len = 0 };

	put_int(&r, 2, 4);
	put_symbol(&r, 0x1234, 0, KSYM_VERSION_KNOWN, "int_of_s");
	put_symbol(&r, 0, 1, KSYM_VERSION_ASSEMBLY, "asm");
	put_text(&r, TYPES, strlen(TYPES));
	return r;
}

/* The whole table. */
static struct raw table_of(const struct raw *r, uint32_t flags)
{
	struct raw t = { .len = KS_VERS_LEN };
	uLongf len = sizeof(t.p) - KS_VERS_LEN;

	memset(t.p, 0, KS_VERS_LEN);
	ks_index_store(t.p + KS_VERS_FLAGS, flags, 4);
	ks_index_store(t.p + KS_VERS_RAW_LEN, r->len, 8);
	assert_int_equal(compress(t.p + KS_VERS_LEN, &len, r->p, r->len), Z_OK);
	t.len += len;
	return t;
}

static int read_file(const char *path, bool stable, struct ksym_versions **v, struct ksym_error *err)
{
	struct ksym_versions_opts o = KSYM_OPTS(o, .stable = stable);
	int ret = ksym_versions_read(path, &o, v, err);

	if (ret) {
		assert_null(*v);
		assert_int_equal(err->code, ret);
		assert_non_null(strstr(err->text, path));
		assert_null(strchr(err->text, '\n'));
	}
	return ret;
}

/* Write an index with that table, and read its versions. */
static int read_table(const struct raw *table, bool stable, struct ksym_versions **v,
		      struct ksym_error *err)
{
	struct ksym_index *idx;
	char path[64];

	snprintf(path, sizeof(path), "%s/with.ksym", dir);
	assert_int_equal(ks_index_replace(plain, KS_VERS, table->p, table->len, &idx, err), 0);
	assert_int_equal(ksym_index_write(idx, path, err), 0);
	ksym_index_close(idx);
	return read_file(path, stable, v, err);
}

static int read_raw(const struct raw *r, struct ksym_versions **v, struct ksym_error *err)
{
	struct raw t = table_of(r, 0);

	return read_table(&t, false, v, err);
}

static int compare(void *arg, const char *s, size_t len)
{
	const char **rest = arg;

	assert_memory_equal(*rest, s, len);
	*rest += len;
	return 0;
}

static void what_is_put_in_comes_out(void **state)
{
	struct raw r = good();
	const char *rest = TYPES;
	struct ksym_versions *v;
	struct ksym_version x;
	struct ksym_error err;

	(void)state;
	assert_int_equal(read_raw(&r, &v, &err), 0);
	assert_int_equal(ksym_versions_nr(v), 2);
	assert_true(ksym_versions_get(v, 0, &x));
	assert_string_equal(x.name, "int_of_s");
	assert_string_equal(x.name_space, "SPACE");
	assert_int_equal(x.crc, 0x1234);
	assert_true(x.gpl);
	assert_null(x.unit);
	assert_true(ksym_versions_get(v, 1, &x));
	assert_int_equal(x.status, KSYM_VERSION_ASSEMBLY);
	assert_int_equal(x.place, 1);
	assert_false(ksym_versions_get(v, 2, &x));
	assert_int_equal(ksym_versions_write_symtypes(v, true, compare, &rest, &err), 0);
	assert_int_equal(*rest, 0);
	rest = "variable structure_type s { } byte_size(8)";
	assert_int_equal(ksym_versions_write_expanded(v, 0, compare, &rest, &err), 0);
	assert_int_equal(*rest, 0);
	ksym_versions_close(v);
}

static void bad_content_is_refused(void **state)
{
	struct ksym_versions *v;
	struct ksym_error err;
	struct raw r;

	(void)state;
	r = good();
	ks_index_store(r.p, 3, 4);	/* the third would be in the texts */
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	r = good();
	ks_index_store(r.p, UINT32_MAX, 4);
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	r = good();
	ks_index_store(r.p + 8, 1, 4);	/* a place that comes later */
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	r = good();
	r.p[12] = 200;			/* a status that there is not */
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	r = (struct raw){ .len = 0 };
	put_int(&r, 2, 4);
	put_symbol(&r, 1, 0, 0, "twice");
	put_symbol(&r, 1, 0, 0, "twice");
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	r = (struct raw){ .len = 0 };
	put_int(&r, 1, 4);
	put_symbol(&r, 1, 0, 0, "");
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	r = good();
	put_text(&r, "word\n", 5);
	assert_int_equal(read_raw(&r, &v, &err), -EBADMSG);
	for (r = good(); r.len;) {	/* cut off: no crash */
		r.len--;
		if (!read_raw(&r, &v, &err))
			ksym_versions_close(v);
	}
}

static void bad_compression_is_refused(void **state)
{
	struct raw r = good(), t = table_of(&r, 0);
	struct ksym_versions *v;
	struct ksym_error err;

	(void)state;
	ks_index_store(t.p + KS_VERS_RAW_LEN, r.len + 1, 8);
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
	ks_index_store(t.p + KS_VERS_RAW_LEN, r.len - 1, 8);
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
	ks_index_store(t.p + KS_VERS_RAW_LEN, 0, 8);
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
	/* Memory is not asked for before that is seen. */
	ks_index_store(t.p + KS_VERS_RAW_LEN, (uint64_t)1 << 60, 8);
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
	ks_index_store(t.p + KS_VERS_RAW_LEN, r.len, 8);
	t.p[KS_VERS_LEN + 5] ^= 0x55;
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
	t = table_of(&r, 0);
	t.len -= 3;
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
	t.len = KS_VERS_LEN - 1;
	assert_int_equal(read_table(&t, false, &v, &err), -EBADMSG);
}

static void a_denser_text_than_readers_take_is_stored_as_it_is(void **state)
{
	static char text[4 << 20];
	struct ksym_versions *v = calloc(1, sizeof(*v)), *again;
	struct ksym_index *idx;
	struct ksym_error err;
	char path[64];
	int n = snprintf(text, sizeof(text), "%c%c%c%cx variable s#x\ns#x ", 0, 0, 0, 0);

	(void)state;
	memset(text + n, 'a', sizeof(text) - 1 - (size_t)n);
	text[sizeof(text) - 1] = '\n';
	assert_non_null(v);
	v->path = strdup("dense");
	assert_int_equal(ks_versions_parse(v, text, sizeof(text), &err), 0);
	assert_int_equal(ksym_index_with_versions(plain, v, &idx, &err), 0);
	snprintf(path, sizeof(path), "%s/dense.ksym", dir);
	assert_int_equal(ksym_index_write(idx, path, &err), 0);
	assert_int_equal(read_file(path, false, &again, &err), 0);
	ksym_versions_close(again);
	ksym_index_close(idx);
	ksym_versions_close(v);
}

static void rules_have_to_be_minded_on_both_sides(void **state)
{
	struct raw r = good(), t = table_of(&r, KS_VERS_STABLE);
	struct ksym_versions *v;
	struct ksym_error err;

	(void)state;
	assert_int_equal(read_table(&t, false, &v, &err), -EINVAL);
	assert_int_equal(read_table(&t, true, &v, &err), 0);
	ksym_versions_close(v);
	t = table_of(&r, 0);
	assert_int_equal(read_table(&t, true, &v, &err), -EINVAL);
	t = table_of(&r, 1u << 30);	/* what a later version may have */
	assert_int_equal(read_table(&t, false, &v, &err), -ENOTSUP);
}

static void an_index_cannot_say_what_takes_an_image(void **state)
{
	const char *const list[] = { "int_of_s", NULL };
	struct raw r = good(), t = table_of(&r, 0);
	struct ksym_versions_opts o = KSYM_OPTS(o, .symbols = list);
	struct ksym_versions *v;
	struct ksym_error err;
	char path[64];

	(void)state;
	assert_int_equal(read_table(&t, false, &v, &err), 0);
	ksym_versions_close(v);
	snprintf(path, sizeof(path), "%s/with.ksym", dir);
	assert_int_equal(ksym_versions_read(path, &o, &v, &err), -EINVAL);
}

/* An index of a version that knew no such table has no entry for it. */
static void an_old_index_has_no_versions(void **state)
{
	size_t old_len = plain->t.len, header_len = plain->t.header_len;
	uint8_t *h = malloc(old_len);
	struct ksym_versions *v;
	struct ksym_error err;
	char path[64];

	(void)state;
	assert_non_null(h);
	/* Entries are in the order of tables; its place is taken by nothing. */
	memcpy(h, plain->t.base, old_len);
	memmove(h + header_len - KS_DIR_ENTRY_LEN, h + header_len, old_len - header_len);
	header_len -= KS_DIR_ENTRY_LEN;
	for (unsigned int i = 0; i < KS_NR_TABLES - 1; i++) {
		uint8_t *e = h + KS_HDR_LEN + i * KS_DIR_ENTRY_LEN + 8;

		ks_index_store(e, ks_get64(e) - KS_DIR_ENTRY_LEN, 8);
	}
	ks_index_store(h + KS_HDR_MINOR, 1, 2);
	ks_index_store(h + KS_HDR_HEADER_LEN, header_len, 4);
	ks_index_store(h + KS_HDR_FILE_LEN, old_len - KS_DIR_ENTRY_LEN, 8);
	ks_index_store(h + KS_HDR_NR_TABLES, KS_NR_TABLES - 1, 4);
	ks_index_store(h + KS_HDR_HEADER_HASH, 0, 8);
	ks_index_store(h + KS_HDR_CONTENT_HASH,
		       ks_index_hash(h + header_len, old_len - KS_DIR_ENTRY_LEN - header_len), 8);
	ks_index_store(h + KS_HDR_HEADER_HASH,
		       ks_index_hash(h, KS_HDR_LEN) ^
			       ks_index_hash(h + KS_HDR_LEN, header_len - KS_HDR_LEN), 8);
	snprintf(path, sizeof(path), "%s/old.ksym", dir);
	assert_int_equal(ksym_file_write(path, h, old_len - KS_DIR_ENTRY_LEN, &err), 0);
	free(h);
	assert_int_equal(read_file(path, false, &v, &err), -ENODATA);
}

static void other_tables_stay_as_they_are(void **state)
{
	struct ksym_index_info a = { .size = sizeof(a) }, b = a;
	struct raw r = good(), t = table_of(&r, 0);
	struct ksym_symbol x, y;
	struct ksym_index *idx;
	struct ksym_error err;

	(void)state;
	assert_int_equal(ks_index_replace(plain, KS_VERS, t.p, t.len, &idx, &err), 0);
	assert_int_equal(ksym_index_verify(idx, &err), 0);
	ksym_index_info(plain, &a);
	ksym_index_info(idx, &b);
	assert_false(a.has_versions);
	assert_true(b.has_versions);
	assert_int_equal(a.nr_symbols, b.nr_symbols);
	assert_true(a.nr_symbols > 10);
	for (uint32_t i = 0; ksym_index_symbol(plain, i, &x); i++) {
		assert_true(ksym_index_symbol(idx, i, &y));
		assert_string_equal(x.name, y.name);
		assert_int_equal(x.va, y.va);
		assert_int_equal(x.len, y.len);
	}
	ksym_index_close(idx);
}

/* Of the test itself. */
static int set_up(void **state)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true,
					     .select = KSYM_SELECT_ALL);

	(void)state;
	return !mkdtemp(dir) || ksym_index_build("/proc/self/exe", &o, &plain, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	ksym_index_close(plain);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_comes_out),
		cmocka_unit_test(bad_content_is_refused),
		cmocka_unit_test(bad_compression_is_refused),
		cmocka_unit_test(a_denser_text_than_readers_take_is_stored_as_it_is),
		cmocka_unit_test(rules_have_to_be_minded_on_both_sides),
		cmocka_unit_test(an_index_cannot_say_what_takes_an_image),
		cmocka_unit_test(an_old_index_has_no_versions),
		cmocka_unit_test(other_tables_stay_as_they_are),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("test_indexed", tests, set_up, tear_down);
}

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A whole image: its holes and their names, ftrace's table and a clean one, and a dump that
 * names its functions, with lines and what is inlined.
 */
#include "fuzz.h"

#include <inttypes.h>
#include <ksym/decode.h>
#include <ksym/holes.h>
#include <string.h>
#include <unistd.h>

static void query_holes(const char *path)
{
	struct ksym_build_opts o = KSYM_OPTS(o, .no_debug_search = true);
	struct ksym_holes_info info = { .size = sizeof(info) };
	struct ksym_mcount_entry e;
	struct ksym_holes *holes;
	struct ksym_error err;
	struct ksym_hole h;
	uint32_t nr = 0;
	int ret = ksym_holes_read(path, &o, &holes, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return;
	}
	ksym_holes_info(holes, &info);
	for (; ksym_holes_get(holes, nr, &h); nr++) {
		fz_require(h.va >= h.gap_va && h.len <= h.gap_len && h.va - h.gap_va <= h.gap_len - h.len);
		fz_require(!h.name == (h.confidence == KSYM_HOLE_UNNAMED));
		fz_require(strlen(h.section) < SIZE_MAX && (!h.object || strlen(h.object)));
	}
	fz_require(nr == info.nr_holes && nr == info.nr_functions + info.nr_assembly + info.nr_code);
	for (nr = 0; ksym_mcount_entry(holes, nr, &e); nr++)
		fz_require(!e.is_dead || !e.is_zero);
	fz_require(nr == info.nr_mcount + info.nr_mcount_zero && info.nr_mcount_dead <= info.nr_mcount);
	ksym_holes_close(holes);
}

/* Written beside where it is to be, so it has to be in a folder. */
static char dir[] = "/tmp/ksym-fuzz.XXXXXX";

static void remove_folder(void)
{
	rmdir(dir);
}

static void clean(const char *path, size_t len)
{
	static char out[64];

	if (!out[0]) {
		fz_require(mkdtemp(dir) && !atexit(remove_folder));
		snprintf(out, sizeof(out), "%s/clean", dir);
	}
	for (int mode = KSYM_CLEAN_AUTO; mode <= KSYM_CLEAN_UNRELOCATE; mode++) {
		struct ksym_clean_result r = { .size = sizeof(r) };
		struct ksym_error err;
		struct ks_file f;
		int ret = ksym_mcount_clean(path, out, (enum ksym_clean_mode)mode, &r, &err);

		if (ret) {
			fz_check_error(ret, &err);
			continue;
		}
		fz_require(r.nr_kept <= r.nr_entries && r.nr_cleaned <= r.nr_entries - r.nr_kept);
		fz_require(!ks_file_open(&f, out, &err) && f.len == len);
		ks_file_close(&f);
		fz_require(!unlink(out));
	}
}

static void decode(const char *path)
{
	struct ksym_decoder_opts o = KSYM_OPTS(o, .build = { .size = sizeof(o.build), .no_debug_search = true });
	struct ksym_build_opts build = KSYM_OPTS(build, .no_debug_search = true);
	struct ksym_decoder *d;
	struct ksym_decoded r;
	struct ksym_index *idx;
	struct ksym_error err;
	struct ksym_symbol s;
	char text[65536];
	size_t len = 0;
	uint32_t nr;
	int ret = ksym_index_build(path, &build, &idx, &err);

	if (ret) {
		fz_check_error(ret, &err);
		return;
	}
	for (uint32_t i = 0; i < 32 && ksym_index_symbol(idx, i, &s); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s+0x%" PRIx64 "/0x%" PRIx64 "\n",
					s.name, s.len / 2, s.len);
	ksym_index_close(idx);
	ret = ksym_decoder_open(path, &o, &d, &err);
	if (ret) {
		fz_check_error(ret, &err);
		return;
	}
	if (ksym_decode(d, text, len, &nr, &err))
		fz_unexpected("ksym_decode", &err);
	for (uint32_t i = 0; ksym_decoded_get(d, i, &r); i++)
		for (uint32_t k = 0; k < r.nr_frames; k++)
			fz_require((!r.frames[k].function || strlen(r.frames[k].function) < SIZE_MAX) &&
				   (!r.frames[k].file || strlen(r.frames[k].file) < SIZE_MAX));
	ksym_decoder_close(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *path = fz_path(0, data, len);

	query_holes(path);
	clean(path, len);
	decode(path);
	return 0;
}

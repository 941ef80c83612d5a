// SPDX-License-Identifier: LGPL-2.1-or-later
/* decode: stack dumps with identities and lines. */
#include "cli.h"

#include <ksym/decode.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct input {
	char *text;
	size_t len, cap;
};

static bool read_more(struct input *in, FILE *f)
{
	size_t n;

	do {
		if (in->cap - in->len < 4096) {
			size_t cap = in->cap ? in->cap * 2 : 1 << 16;
			char *p = realloc(in->text, cap);

			if (!p)
				return false;
			in->text = p;
			in->cap = cap;
		}
		n = fread(in->text + in->len, 1, in->cap - in->len, f);
		in->len += n;
	} while (n);
	return !ferror(f);
}

/* Standard input, or the files behind the first operand. */
static int read_input(const struct cli_args *a, struct input *in)
{
	for (int i = 1; i < a->nr_operands; i++) {
		FILE *f = strcmp(a->operands[i], "-") ? fopen(a->operands[i], "re") : stdin;
		bool ok = f && read_more(in, f);
		int e = errno;

		if (f && f != stdin)
			fclose(f);
		if (!ok) {
			cli_say("ksym: %s: cannot read: %s", a->operands[i], strerror(e));
			return CLI_SYSTEM;
		}
	}
	if (a->nr_operands == 1 && !read_more(in, stdin)) {
		cli_say("ksym: standard input: cannot read: %s", strerror(errno));
		return CLI_SYSTEM;
	}
	return CLI_OK;
}

static void print_text(const struct ksym_decoder *d, const struct input *in)
{
	struct ksym_decoded r;
	size_t at = 0;

	for (uint32_t i = 0; ksym_decoded_get(d, i, &r); i++) {
		fwrite(in->text + at, 1, r.text_off - at, stdout);
		fputs(r.replacement, stdout);
		at = r.text_off + r.text_len;
	}
	fwrite(in->text ? in->text + at : "", 1, in->len - at, stdout);
}

static struct json_object *json_frames(const struct ksym_decoded *r)
{
	struct json_object *list = json_object_new_array();

	for (uint32_t i = 0; i < r->nr_frames; i++) {
		struct json_object *o = json_object_new_object();
		const struct ksym_frame *f = &r->frames[i];

		json_object_object_add(o, "inlined", f->function ? cli_json_string(f->function) : NULL);
		json_object_object_add(o, "file", f->file ? cli_json_string(f->file) : NULL);
		json_object_object_add(o, "line", json_object_new_int64(f->line));
		json_object_array_add(list, o);
	}
	return list;
}

static void print_json(const struct ksym_decoder *d, const struct input *in)
{
	static const char *const how[] = { "unknown", "unique", "size", "address", "calls", "undecided" };
	struct ksym_decoded r;

	cli_json_list_begin("places");
	for (uint32_t i = 0; ksym_decoded_get(d, i, &r); i++) {
		struct json_object *o = json_object_new_object();
		char *text = strndup(in->text + r.text_off, r.text_len);

		json_object_object_add(o, "offset", json_object_new_uint64(r.text_off));
		json_object_object_add(o, "text", text ? cli_json_string(text) : NULL);
		json_object_object_add(o, "decoded", cli_json_string(r.replacement));
		json_object_object_add(o, "module", cli_json_string(r.module));
		json_object_object_add(o, "decided", json_object_new_string(how[r.decided]));
		json_object_object_add(o, "candidates", json_object_new_int64(r.nr_candidates));
		json_object_object_add(o, "address", r.nr_candidates == 1 ? cli_json_address(2, r.va) : NULL);
		json_object_object_add(o, "return", json_object_new_boolean(r.is_return));
		json_object_object_add(o, "frames", json_frames(&r));
		cli_json_list_item(o);
		free(text);
	}
	cli_json_list_end();
}

int cmd_decode(const struct cli_args *a)
{
	struct ksym_decoder_opts o = KSYM_OPTS(o, .line_image = cli_value(a, OPT_LINES),
					       .module_dirs = a->values[OPT_MODULE_DIR]);
	struct ksym_decoder *d = NULL;
	struct input in = { 0 };
	struct ksym_error err;
	uint32_t nr;
	int status;

	if (!cli_build_opts(a, &o.build, &status))
		return status;
	status = read_input(a, &in);
	if (!status && ksym_decoder_open(a->operands[0], &o, &d, &err))
		status = cli_fail(&err);
	if (!status && ksym_decode(d, in.text ? in.text : "", in.len, &nr, &err))
		status = cli_fail(&err);
	cli_progress_end();
	if (!status && a->given[OPT_JSON])
		print_json(d, &in);
	else if (!status)
		print_text(d, &in);
	ksym_decoder_close(d);
	free(in.text);
	return status;
}

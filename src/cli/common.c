// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

const char *cli_value(const struct cli_args *a, enum cli_option_id id)
{
	return a->values[id] ? a->values[id][0] : NULL;
}

int cli_fail(const struct ksym_error *err)
{
	cli_progress_end();
	fprintf(stderr, "ksym: %s\n", err->text);
	switch (err->code) {
	case -EINVAL:
		return CLI_USAGE;
	case -EBADMSG:
	case -E2BIG:
	case -ENOTSUP:
	case -ENODATA:
		return CLI_BAD_INPUT;
	default:
		return CLI_SYSTEM;
	}
}

void cli_say(const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "%s\n", text);
}

int cli_usage_error(const struct cli_args *a, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cli_say("ksym %s: %s; see `ksym %s --help`", a->command->name, text, a->command->name);
	return CLI_USAGE;
}

bool cli_build_opts(const struct cli_args *a, struct ksym_build_opts *o, int *status)
{
	const char *select = cli_value(a, OPT_SELECT);

	*o = (struct ksym_build_opts)KSYM_OPTS(*o);
	*status = CLI_OK;
	o->map_files = a->values[OPT_MAP];
	o->builtin_files = a->values[OPT_BUILTIN];
	o->build_tree = cli_value(a, OPT_BUILD_TREE);
	o->source_tree = cli_value(a, OPT_SOURCE_TREE);
	o->config_file = cli_value(a, OPT_CONFIG);
	o->debug_file = cli_value(a, OPT_DEBUG);
	o->no_debug_search = a->given[OPT_NO_DEBUG_SEARCH];
	if (!a->given[OPT_QUIET])
		o->message = cli_message;
	if (!select)
		o->select = KSYM_SELECT_DEFAULT;
	else if (!strcmp(select, "kallsyms"))
		o->select = KSYM_SELECT_KALLSYMS;
	else if (!strcmp(select, "text"))
		o->select = KSYM_SELECT_TEXT;
	else if (!strcmp(select, "all"))
		o->select = KSYM_SELECT_ALL;
	else
		*status = cli_usage_error(a, "--select %s: expected kallsyms, text or all", select);
	if (!*status && !o->source_tree != !o->config_file)
		*status = cli_usage_error(a, "--source-tree and --config go together");
	return !*status;
}

int cli_load(const struct cli_args *a, struct ksym_index **idx)
{
	struct ksym_build_opts o;
	struct ksym_error err;
	int status;

	*idx = NULL;
	if (!cli_build_opts(a, &o, &status))
		return status;
	if (ksym_index_load(a->operands[0], &o, idx, &err))
		return cli_fail(&err);
	cli_progress_end();
	return CLI_OK;
}

bool cli_parse_jobs(const char *s, unsigned int *nr)
{
	long n = s ? 0 : sysconf(_SC_NPROCESSORS_ONLN);
	char *end = NULL;

	if (s)
		n = strtol(s, &end, 10);
	if (s && (!*s || *end || n < 1 || n > 1024))
		return false;
	*nr = n < 1 ? 1 : (unsigned int)n;
	return true;
}

bool cli_jobs(const struct cli_args *a, unsigned int *nr, int *status)
{
	const char *jobs = cli_value(a, OPT_JOBS);

	if (cli_parse_jobs(jobs, nr))
		return true;
	*status = cli_usage_error(a, "--jobs %s: expected a number from 1 to 1024", jobs);
	return false;
}

void cli_run_threads(unsigned int nr, void *(*fn)(void *), void *arg)
{
	pthread_t *threads = calloc(nr, sizeof(*threads));
	unsigned int started = 1;

	while (threads && started < nr && !pthread_create(&threads[started], NULL, fn, arg))
		started++;
	fn(arg);
	for (unsigned int i = 1; i < started; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

int cli_finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		/* A reader that went away (`| head`) is no failure worth a word. */
		if (errno != EPIPE)
			fprintf(stderr, "ksym: cannot write to standard output: %s\n",
				strerror(errno));
		return CLI_SYSTEM;
	}
	return status;
}

/* ---------------------------------------------------------------- progress */

/*
 * The stage is shown once the work has taken a second.  A timer shows it, since
 * one stage alone can take that long; it only writes, which a handler may do.
 */
static char stage[128];
static volatile sig_atomic_t stage_len, shown;

static void show_stage(int sig)
{
	static const char prefix[] = "\r\033[Kksym: ";
	int saved = errno;
	ssize_t n;

	(void)sig;
	n = write(STDERR_FILENO, prefix, sizeof(prefix) - 1);
	n += write(STDERR_FILENO, stage, (size_t)stage_len);
	(void)n;
	shown = 1;
	errno = saved;
}

static void progress(const char *text)
{
	static bool started;
	size_t len = strlen(text);

	if (!isatty(STDERR_FILENO))
		return;
	if (len > sizeof(stage) - 4)
		len = sizeof(stage) - 4;
	stage_len = 0;
	memcpy(stage, text, len);
	memcpy(stage + len, " ...", 4);
	stage_len = (sig_atomic_t)len + 4;
	if (shown)
		show_stage(0);
	if (!started) {
		struct itimerval it = { .it_value.tv_sec = 1 };

		started = true;
		signal(SIGALRM, show_stage);
		setitimer(ITIMER_REAL, &it, NULL);
	}
}

void cli_progress_end(void)
{
	struct itimerval off = { 0 };
	ssize_t n = 0;

	setitimer(ITIMER_REAL, &off, NULL);
	if (shown)
		n = write(STDERR_FILENO, "\r\033[K", 4);
	(void)n;
	shown = 0;
}

void cli_message(void *arg, enum ksym_message_kind kind, const char *text)
{
	(void)arg;
	if (kind == KSYM_MESSAGE_PROGRESS) {
		progress(text);
		return;
	}
	fprintf(stderr, "%sksym: warning: %s\n", shown ? "\r\033[K" : "", text);
}

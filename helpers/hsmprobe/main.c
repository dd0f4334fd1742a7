/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-hsm-probe: log in to the token of each repository of conf.xml once,
 * and say how it went, one line each (hsmreport.h).  A PIN that a token has
 * refused is not tried again (pinguard.h).
 *
 * With --keys and --prove it also says what the token has of the keys in a
 * list (keyrecord.h), before that line, and with that one login (keyline.h).
 * The SHA-256 there is that of the public key field of a DNSKEY RR.
 *
 * Exit code: 0 all repositories are ok, 1 not all, 2 usage, 3 conf.xml or the
 * list cannot be used, then with "err=ERRNO" and "why=SENTENCE" lines.  What
 * was found of a key is in its line, and no matter of the exit code. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cleanup.h"
#include "conf.h"
#include "file.h"
#include "keyline.h"
#include "keywork.h"
#include "log.h"
#include "login.h"

#define TIMEOUT_MS 10000
#define TIMEOUT_MAX_MS (24 * 3600 * 1000)
#define LIST_MAX (64 * 1024 * 1024)
#define RATE 10

/* Without --timeout-ms; for all keys together, and for each. */
#define KEYS_MS 120000
#define KEY_MS 300

/* No call into a module takes longer, unless it hangs: a search may read all
 * of a token. */
#define CALL_MS 60000

enum mode {
	MODE_LOGIN, /* the probe */
	MODE_GUARD, /* only look whether a refusal stands */
	MODE_FILES, /* only look whether the modules exist */
	MODE_NOTE,  /* a daemon was refused: note that */
	MODE_KEYS,  /* what the token has of these keys */
	MODE_PROVE, /* and does it sign with them? */
};

struct options {
	const char *conf;
	enum mode mode;
	const char *argument; /* MODE_NOTE: the repository; keys: the list */
	long timeout_ms;      /* 0 = not given */
	long rate;
};

static int usage(FILE *out)
{
	fputs(
	    "usage: ods-hsm-probe [--conf PATH] [--timeout-ms N]\n"
	    "           [--guard | --files | --refused REPOSITORY |\n"
	    "            --keys FILE | --prove FILE [--rate N]]\n"
	    "  --conf PATH      /etc/opendnssec/conf.xml\n"
	    "  --timeout-ms N   for all repositories together, 10000; more\n"
	    "                   with a list of keys\n"
	    "  --guard          no login: is a refused PIN still there?\n"
	    "  --files          no login: do the modules exist?\n"
	    "  --refused NAME   no login: note that the PIN was refused, of\n"
	    "                   all repositories when none has that name\n"
	    "  --keys FILE      what the tokens have of the keys in FILE, - =\n"
	    "                   stdin: REPOSITORY LOCATOR ALGORITHM [SHA256\n"
	    "                   [inuse|pool]]\n"
	    "  --prove FILE     the same, and sign with each of them once\n"
	    "  --rate N         not more than N signatures a second, 10\n",
	    out);
	return out == stdout ? 0 : 2;
}

static bool number(const char *text, long max, long *value)
{
	char *end;

	*value = strtol(text, &end, 10);
	return end > text && !*end && *value >= 1 && *value <= max;
}

static bool option_take(struct options *o, int c)
{
	switch (c) {
	case 'c':
		o->conf = optarg;
		return true;
	case 't':
		return number(optarg, TIMEOUT_MAX_MS, &o->timeout_ms);
	case 'R':
		return number(optarg, KEYWORK_RATE_MAX, &o->rate);
	case 'g':
		o->mode = MODE_GUARD;
		return true;
	case 'f':
		o->mode = MODE_FILES;
		return true;
	case 'r':
		o->mode = MODE_NOTE;
		o->argument = optarg;
		return true;
	case 'k':
	case 'p':
		o->mode = c == 'k' ? MODE_KEYS : MODE_PROVE;
		o->argument = optarg;
		return true;
	default:
		return false;
	}
}

static bool options_read(struct options *o, int argc, char **argv)
{
	static const struct option longopts[] = {
	    {"conf", required_argument, NULL, 'c'},
	    {"timeout-ms", required_argument, NULL, 't'},
	    {"guard", no_argument, NULL, 'g'},
	    {"files", no_argument, NULL, 'f'},
	    {"refused", required_argument, NULL, 'r'},
	    {"keys", required_argument, NULL, 'k'},
	    {"prove", required_argument, NULL, 'p'},
	    {"rate", required_argument, NULL, 'R'}, {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1)
		if (!option_take(o, c))
			return false;
	return optind == argc;
}

static void line_print(const char *line, void *arg)
{
	(void)arg;
	fputs(line, stdout);
	fflush(stdout);
}

static bool about_keys(const struct options *o)
{
	return o->mode == MODE_KEYS || o->mode == MODE_PROVE;
}

static void pin_check(const struct options *o, const struct conf *conf,
    const struct conf_repository *r, const struct keylist *list,
    struct deadline deadline, struct token_answer *answer)
{
	bool signer = *conf->signer_user || *conf->signer_group;
	struct keywork work = {.list = list,
	    .capacity = r->capacity,
	    .prove = o->mode == MODE_PROVE,
	    .rate = (int)o->rate};
	struct child_job job = {
	    .repository = r,
	    .user = signer ? conf->signer_user : conf->enforcer_user,
	    .group = signer ? conf->signer_group : conf->enforcer_group,
	    .deadline = deadline,
	    .line = line_print,
	};

	if (about_keys(o)) {
		hsmreport_word(
		    work.repository, sizeof(work.repository), r->name);
		keylist_of(list, work.repository, &work.first, &work.count);
		job.work = keywork_run;
		job.work_arg = &work;
		job.call_ms = CALL_MS;
	}
	login_run(o->mode == MODE_GUARD  ? LOGIN_GUARD
	          : o->mode == MODE_NOTE ? LOGIN_NOTE
	                                 : LOGIN_TRY,
	    &job, answer);
}

static void repository_check(const struct options *o, const struct conf *conf,
    const struct conf_repository *r, const struct keylist *list,
    struct deadline deadline, struct token_answer *answer)
{
	bool there;

	memset(answer, 0, sizeof(*answer));
	if (o->mode == MODE_FILES) {
		/* Without a slash dlopen() looks in its own places. */
		there = !strchr(r->module, '/') || access(r->module, F_OK) == 0;
		login_answer(answer, there ? HSM_OK : HSM_MISSING_MODULE,
		    there ? "-" : "no-such-file");
	} else if (!*r->pin) {
		login_answer(answer, HSM_PIN_NOT_SET, "-");
	} else {
		pin_check(o, conf, r, list, deadline, answer);
	}
}

static bool in_conf(const struct conf *conf, const char *name)
{
	int i;

	for (i = 0; i < conf->repository_count; i++)
		if (strcmp(conf->repository[i].name, name) == 0)
			return true;
	return false;
}

/* MODE_NOTE is about one repository, if that is there; a proof needs keys. */
static bool passed_over(const struct options *o, const struct conf *conf,
    const struct conf_repository *r, const struct keylist *list)
{
	char word[KEYRECORD_NAME_MAX];
	size_t first, count;

	if (o->mode == MODE_NOTE)
		return strcmp(r->name, o->argument) != 0 &&
		       in_conf(conf, o->argument);
	if (o->mode != MODE_PROVE)
		return false;
	hsmreport_word(word, sizeof(word), r->name);
	keylist_of(list, word, &first, &count);
	return count == 0;
}

/* True when all are ok.  Each repository gets its share of what is left, so
 * that one that hangs does not hide the others. */
static bool repositories_check(const struct options *o, const struct conf *conf,
    const struct keylist *list)
{
	struct deadline all = deadline_in_ms(o->timeout_ms);
	bool good = true;
	int i, left;

	for (i = 0, left = conf->repository_count; left > 0; i++, left--) {
		const struct conf_repository *r = &conf->repository[i];
		struct deadline mine =
		    deadline_step(all, deadline_left_ms(all) / left);
		int64_t begin = clock_monotonic_ms();
		struct token_answer answer;
		char line[256];

		if (passed_over(o, conf, r, list))
			continue;
		repository_check(o, conf, r, list, mine, &answer);
		hsmreport_line(line, sizeof(line), r->name, answer.verdict,
		    answer.detail, (long)(clock_monotonic_ms() - begin));
		line_print(line, NULL);
		good = good && answer.verdict == HSM_OK;
	}
	return good;
}

/* Where a repository is not in conf.xml, none of its keys is there. */
static void homeless_tell(const struct conf *conf, const struct keylist *list)
{
	char known[CONF_REPOSITORY_MAX][KEYRECORD_NAME_MAX];
	char text[KEYLINE_MAX];
	size_t i;
	int r;

	for (r = 0; r < conf->repository_count; r++)
		hsmreport_word(
		    known[r], sizeof(known[r]), conf->repository[r].name);
	for (i = 0; i < list->count; i++) {
		const struct keyrecord *record = &list->key[i].record;
		struct keyline k = {
		    .state = KEY_MISSING, .detail = "no-such-repository"};

		for (r = 0; r < conf->repository_count; r++)
			if (strcmp(known[r], record->repository) == 0)
				break;
		if (r < conf->repository_count)
			continue;
		memcpy(k.repository, record->repository, sizeof(k.repository));
		memcpy(k.locator, record->locator, sizeof(k.locator));
		keyline_print(&k, text, sizeof(text));
		line_print(text, NULL);
	}
}

/* Until the end of FILE. */
static int stream_read(FILE *file, size_t max, char **text, struct why *why)
{
	size_t room = 0, len = 0;

	for (;;) {
		char *more;

		if (room - len < 2) {
			room = 2 * room + 65536;
			more = realloc(*text, room);
			if (!more)
				return why_set(why, -ENOMEM, "out of memory");
			*text = more;
		}
		len += fread(*text + len, 1, room - len - 1, file);
		(*text)[len] = '\0';
		if (len > max)
			return why_set(why, -EFBIG, "the list is too long");
		if (ferror(file))
			return why_set(why, -EIO, "the list cannot be read");
		if (feof(file))
			return 0;
	}
}

static int list_read(struct options *o, struct keylist *list, struct why *why)
{
	bool standard = strcmp(o->argument, "-") == 0;
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int rc = standard ? stream_read(stdin, LIST_MAX, &text, why)
	                  : file_read(o->argument, LIST_MAX, &text, &len, why);

	if (rc == 0)
		rc = keylist_parse(text, list, why);
	if (rc == 0 && o->timeout_ms == 0)
		o->timeout_ms =
		    KEYS_MS + (long)list->count * (KEY_MS + 1000 / o->rate);
	return rc;
}

static int fault(const struct why *why)
{
	printf("err=%d\nwhy=%s\n", -why->err, why->text);
	return 3;
}

int main(int argc, char **argv)
{
	struct options o = {.conf = "/etc/opendnssec/conf.xml", .rate = RATE};
	CLEANUP(keylist_free) struct keylist list = {0};
	struct why why = {0};
	struct conf conf;
	bool good;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (!options_read(&o, argc, argv))
		return usage(stderr);
	/* An agent that is killed takes us along. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	child_protect();
	log_open("ods-hsm-probe");
	if (about_keys(&o) && list_read(&o, &list, &why) < 0)
		return fault(&why);
	if (o.timeout_ms == 0)
		o.timeout_ms = TIMEOUT_MS;
	if (conf_load(o.conf, &conf, &why) < 0)
		return fault(&why);
	if (about_keys(&o))
		homeless_tell(&conf, &list);
	good = repositories_check(&o, &conf, &list);
	conf_free(&conf);
	return good ? 0 : 1;
}

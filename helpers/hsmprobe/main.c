/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-hsm-probe: log in to the token of each repository of conf.xml once,
 * and say how it went, one line each (hsmreport.h).  A PIN that a token has
 * refused is not tried again (pinguard.h).
 *
 * Exit code: 0 all repositories are ok, 1 not all, 2 usage, 3 conf.xml cannot
 * be used, then with "err=ERRNO" and "why=SENTENCE" lines. */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "conf.h"
#include "log.h"
#include "pindigest.h"
#include "pinguard.h"

#define TIMEOUT_MS 10000
#define TIMEOUT_MAX_MS 600000

enum mode {
	MODE_LOGIN, /* the probe */
	MODE_GUARD, /* only look whether a refusal stands */
	MODE_FILES, /* only look whether the modules exist */
	MODE_NOTE,  /* a daemon was refused: note that */
};

struct options {
	const char *conf;
	enum mode mode;
	const char *refused; /* MODE_NOTE: the repository */
	long timeout_ms;
};

static int usage(FILE *out)
{
	fputs("usage: ods-hsm-probe [--conf PATH] [--timeout-ms N] "
	      "[--guard | --files | --refused REPOSITORY]\n"
	      "  --conf PATH      /etc/opendnssec/conf.xml\n"
	      "  --timeout-ms N   for all repositories together, 10000\n"
	      "  --guard          no login: is a refused PIN still there?\n"
	      "  --files          no login: do the modules exist?\n"
	      "  --refused NAME   no login: note that the PIN was refused, of\n"
	      "                   all repositories when none has that name\n",
	    out);
	return out == stdout ? 0 : 2;
}

static bool options_read(struct options *o, int argc, char **argv)
{
	static const struct option longopts[] = {
	    {"conf", required_argument, NULL, 'c'},
	    {"timeout-ms", required_argument, NULL, 't'},
	    {"guard", no_argument, NULL, 'g'},
	    {"files", no_argument, NULL, 'f'},
	    {"refused", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->conf = optarg;
			break;
		case 't':
			o->timeout_ms = strtol(optarg, &end, 10);
			if (*end || o->timeout_ms < 1 ||
			    o->timeout_ms > TIMEOUT_MAX_MS)
				return false;
			break;
		case 'g':
			o->mode = MODE_GUARD;
			break;
		case 'f':
			o->mode = MODE_FILES;
			break;
		case 'r':
			o->mode = MODE_NOTE;
			o->refused = optarg;
			break;
		default:
			return false;
		}
	}
	return optind == argc;
}

static void login_once(const struct conf *conf, const struct conf_repository *r,
    const char *digest, struct deadline deadline, struct token_answer *answer)
{
	bool signer = *conf->signer_user || *conf->signer_group;
	struct why why = {0};

	child_probe(r, signer ? conf->signer_user : conf->enforcer_user,
	    signer ? conf->signer_group : conf->enforcer_group, deadline,
	    answer);
	if (answer->verdict == HSM_OK)
		pinguard_forget(r->module, r->token_label);
	if (answer->verdict == HSM_WRONG_PIN &&
	    pinguard_note(r->module, r->token_label, r->name, digest,
	        answer->detail, &why) < 0)
		log_err("%s", why.text);
}

static void answer_word(
    struct token_answer *answer, enum hsm_verdict verdict, const char *detail)
{
	answer->verdict = verdict;
	snprintf(answer->detail, sizeof(answer->detail), "%s", detail);
}

static void note_only(const struct conf_repository *r, const char *digest,
    struct token_answer *answer)
{
	struct why why = {0};

	answer_word(answer, HSM_WRONG_PIN, "noted");
	if (pinguard_note(r->module, r->token_label, r->name, digest,
	        "refused-daemon", &why) < 0) {
		answer_word(answer, HSM_ERROR, "not-noted");
		log_err("%s", why.text);
	}
}

/* Without a salt there is no guard, and without the guard no login: a monitor
 * every few seconds would lock the token. */
static void pin_check(enum mode mode, const struct conf *conf,
    const struct conf_repository *r, struct deadline deadline,
    struct token_answer *answer)
{
	unsigned char salt[PINGUARD_SALT_SIZE];
	char digest[PINGUARD_DIGEST_MAX] = "";
	struct why why = {.text = "no digest"};
	CLEANUP_CLOSE int lock = -1;

	if (pinguard_salt(salt, &why) < 0 ||
	    pindigest(salt, r->pin, digest) < 0) {
		answer_word(answer, HSM_ERROR, "no-pin-guard");
		log_err("the HSM is not probed: %s", why.text);
		return;
	}
	explicit_bzero(salt, sizeof(salt));
	if (mode == MODE_LOGIN) {
		lock = pinguard_lock(r->module, r->token_label, deadline);
		if (lock < 0) {
			answer_word(answer, HSM_HUNG, "pin-lock");
			return;
		}
	}
	if (pinguard_refused(r->module, r->token_label, digest))
		answer_word(answer, HSM_WRONG_PIN, "refused-before");
	else if (mode == MODE_LOGIN)
		login_once(conf, r, digest, deadline, answer);
	else if (mode == MODE_NOTE)
		note_only(r, digest, answer);
}

static void repository_check(const struct options *o, const struct conf *conf,
    const struct conf_repository *r, struct deadline deadline,
    struct token_answer *answer)
{
	bool there;

	memset(answer, 0, sizeof(*answer));
	if (o->mode == MODE_FILES) {
		/* Without a slash dlopen() looks in its own places. */
		there = !strchr(r->module, '/') || access(r->module, F_OK) == 0;
		answer_word(answer, there ? HSM_OK : HSM_MISSING_MODULE,
		    there ? "-" : "no-such-file");
	} else if (!*r->pin) {
		answer_word(answer, HSM_PIN_NOT_SET, "-");
	} else {
		pin_check(o->mode, conf, r, deadline, answer);
	}
}

/* MODE_NOTE is about one repository, if that is there. */
static bool passed_over(const struct options *o, const struct conf *conf,
    const struct conf_repository *r)
{
	int i;

	if (o->mode != MODE_NOTE || strcmp(r->name, o->refused) == 0)
		return false;
	for (i = 0; i < conf->repository_count; i++)
		if (strcmp(conf->repository[i].name, o->refused) == 0)
			return true;
	return false;
}

/* True when all are ok.  Each repository gets its share of what is left, so
 * that one that hangs does not hide the others. */
static bool repositories_check(const struct options *o, const struct conf *conf)
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

		if (passed_over(o, conf, r))
			continue;
		repository_check(o, conf, r, mine, &answer);
		hsmreport_line(line, sizeof(line), r->name, answer.verdict,
		    answer.detail, (long)(clock_monotonic_ms() - begin));
		fputs(line, stdout);
		fflush(stdout);
		good = good && answer.verdict == HSM_OK;
	}
	return good;
}

int main(int argc, char **argv)
{
	struct options o = {
	    .conf = "/etc/opendnssec/conf.xml", .timeout_ms = TIMEOUT_MS};
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
	if (conf_load(o.conf, &conf, &why) < 0) {
		printf("err=%d\nwhy=%s\n", -why.err, why.text);
		return 3;
	}
	good = repositories_check(&o, &conf);
	conf_free(&conf);
	return good ? 0 : 1;
}

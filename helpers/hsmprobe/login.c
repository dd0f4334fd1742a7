/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "login.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "log.h"
#include "pindigest.h"
#include "pinguard.h"

/* A login that is going on. */
struct attempt {
	const struct conf_repository *repository;
	const char *digest; /* of the PIN */
	int *lock;
	void (*line)(const char *line, void *arg);
	void *arg;
};

void login_answer(
    struct token_answer *answer, enum hsm_verdict verdict, const char *detail)
{
	answer->verdict = verdict;
	snprintf(answer->detail, sizeof(answer->detail), "%s", detail);
}

static void login_ended(const struct token_answer *answer, void *arg)
{
	const struct attempt *a = arg;
	const struct conf_repository *r = a->repository;
	struct why why = {0};

	if (answer->verdict == HSM_OK)
		pinguard_forget(r->module, r->token_label);
	if (answer->verdict == HSM_WRONG_PIN &&
	    pinguard_note(r->module, r->token_label, r->name, a->digest,
	        answer->detail, &why) < 0)
		log_err("%s", why.text);
	close(steal_fd(a->lock));
}

static void line_passed_on(const char *line, void *arg)
{
	const struct attempt *a = arg;

	if (a->line)
		a->line(line, a->arg);
}

static void login_try(const struct child_job *job, const char *digest,
    struct token_answer *answer)
{
	const struct conf_repository *r = job->repository;
	CLEANUP_CLOSE int lock =
	    pinguard_lock(r->module, r->token_label, job->deadline);
	struct attempt a = {.repository = r,
	    .digest = digest,
	    .lock = &lock,
	    .line = job->line,
	    .arg = job->arg};
	struct child_job mine = *job;

	if (lock < 0) {
		login_answer(answer, HSM_HUNG, "pin-lock");
		return;
	}
	/* Another one may have been refused while we waited. */
	if (pinguard_refused(r->module, r->token_label, digest)) {
		login_answer(answer, HSM_WRONG_PIN, "refused-before");
		return;
	}
	mine.login = login_ended;
	mine.line = line_passed_on;
	mine.arg = &a;
	child_run(&mine, answer);
}

static void note_only(const struct conf_repository *r, const char *digest,
    struct token_answer *answer)
{
	struct why why = {0};

	login_answer(answer, HSM_WRONG_PIN, "noted");
	if (pinguard_note(r->module, r->token_label, r->name, digest,
	        "refused-daemon", &why) < 0) {
		login_answer(answer, HSM_ERROR, "not-noted");
		log_err("%s", why.text);
	}
}

/* Without a salt there is no guard, and without the guard no login: a monitor
 * every few seconds would lock the token. */
void login_run(enum login_mode mode, const struct child_job *job,
    struct token_answer *answer)
{
	const struct conf_repository *r = job->repository;
	unsigned char salt[PINGUARD_SALT_SIZE];
	char digest[PINGUARD_DIGEST_MAX] = "";
	struct why why = {.text = "no digest"};

	if (pinguard_salt(salt, &why) < 0 ||
	    pindigest(salt, r->pin, digest) < 0) {
		login_answer(answer, HSM_ERROR, "no-pin-guard");
		log_err("the HSM is not probed: %s", why.text);
		return;
	}
	explicit_bzero(salt, sizeof(salt));
	if (mode == LOGIN_TRY)
		login_try(job, digest, answer);
	else if (pinguard_refused(r->module, r->token_label, digest))
		login_answer(answer, HSM_WRONG_PIN, "refused-before");
	else if (mode == LOGIN_NOTE)
		note_only(r, digest, answer);
}

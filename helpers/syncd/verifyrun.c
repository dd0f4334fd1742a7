/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "verifyrun.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "conf.h"
#include "dsview.h"
#include "file.h"
#include "keybook.h"
#include "ledger.h"
#include "standby.h"
#include "utctime.h"
#include "verifier.h"
#include "zones.h"

enum { ANSWER_OK, ANSWER_SOFT, ANSWER_HARD, ANSWER_UNKNOWN };

struct run {
	const char *state_dir;
	struct conf conf;
	struct zone_list list;
	struct ledger *ledger;
	struct dsview ds;
	struct keybook keys;
};

static int answer_of(const struct judgement *j)
{
	return j->judged == JUDGED_OK     ? ANSWER_OK
	       : j->judged == JUDGED_SOFT ? ANSWER_SOFT
	       : j->judged == JUDGED_HARD ? ANSWER_HARD
	                                  : ANSWER_UNKNOWN;
}

static void print_time(const char *word, int64_t epoch)
{
	char text[UTCTIME_MAX];

	if (epoch > 0 && utctime(epoch, text)[0])
		printf("%s %s", word, text);
}

/* The findings, and what an admin has typed. */
static void print_details(const char *said, const char *past)
{
	static const char *const words[] = {"hard ", "soft ", "warn ", "more ",
	    "ack ", "escaped ", "reset ", "floor "};
	const char *text[] = {said, past};
	size_t i, k, len;

	for (i = 0; i < 2; i++)
		for (; *text[i]; text[i] += len + (text[i][len] != '\0')) {
			len = strcspn(text[i], "\n");
			for (k = 0; k < sizeof(words) / sizeof(words[0]); k++)
				if (strncmp(text[i], words[k],
				        strlen(words[k])) == 0)
					printf("    %.*s\n", (int)len, text[i]);
		}
}

static void print_one(const struct zone_entry *z, const struct judgement *j)
{
	static const char *const words[] = {
	    "ok", "doubtful", "bogus", "not known"};

	printf("%s: %s", z->name, words[answer_of(j)]);
	if (j->is_read) {
		printf(", serial %" PRIu32, j->serial);
		print_time(", first RRSIG expires", j->expires);
	}
	if (j->judged == JUDGED_FAILED ||
	    (j->judged != JUDGED_OK && !j->is_read))
		printf(": %s", j->sentence);
	putchar('\n');
}

static int judge(const struct run *r, const struct zone_entry *z,
    const struct zone_row *row, int fd)
{
	CLEANUP_FREE char *said = NULL;
	struct verify_known known;
	struct judgement j;
	struct verify_job job = {.zone = z->name,
	    .fd = fd,
	    .served = "",
	    .served_digest = "",
	    .unsigned_zone = "",
	    .facts = NULL};

	verifier_gather(&known, z, row->past, &r->ds, &r->keys);
	job.facts = known.facts;
	verifier_run(&job, &j, &said);
	print_one(z, &j);
	print_details(said ? said : "", row->past);
	return answer_of(&j);
}

static int look_at(const struct run *r, const struct zone_entry *z)
{
	char path[PATH_MAX];
	CLEANUP_CLOSE int fd = -1;
	struct zone_row row = {0};

	if (!z->output[0]) {
		printf("%s: goes around the gate: a DNS output adapter\n",
		    z->name);
		return ANSWER_OK;
	}
	ledger_zone_get(r->ledger, z->name, &row, NULL);
	if (zone_published_path(
	        &r->conf, r->state_dir, z, path, sizeof(path)) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return judge(r, z, &row, fd);
	printf("%s: nothing is served of it\n", z->name);
	return ANSWER_UNKNOWN;
}

static int load(struct run *r, struct why *why)
{
	dsview_follow(&r->ds, r->conf.database);
	keybook_follow(&r->keys, r->ledger);
	return standby_zones_load(&r->conf, &r->list, why);
}

static int look_at_all(const struct run *r, const char *zone)
{
	const struct zone_entry *one;
	int worst = ANSWER_OK, answer;
	size_t i;

	if (zone[0]) {
		one = zones_find(&r->list, zone);
		if (one)
			return look_at(r, one);
		fprintf(
		    stderr, "%s is no zone of %s\n", zone, r->conf.zones_file);
		return ANSWER_UNKNOWN;
	}
	for (i = 0; i < r->list.count; i++) {
		answer = look_at(r, &r->list.zone[i]);
		worst = answer > worst ? answer : worst;
		fflush(stdout);
	}
	return worst;
}

int verifyrun(const char *conf_file, const char *state_dir, const char *zone)
{
	struct run r = {.state_dir = state_dir};
	struct why why = {0};
	int answer = ANSWER_UNKNOWN;
	int rc = ledger_is_here(state_dir, &why);

	if (rc == 0)
		rc = conf_load(conf_file, &r.conf, &why);
	if (rc == 0)
		rc = ledger_open(state_dir, &r.ledger, &why);
	if (rc == 0)
		rc = load(&r, &why);
	if (rc == 0)
		answer = look_at_all(&r, zone);
	else
		fprintf(stderr, "%s\n", why.text);
	zones_free(&r.list);
	dsview_free(&r.ds);
	keybook_free(&r.keys);
	ledger_close(r.ledger);
	conf_free(&r.conf);
	return answer;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "verifier.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "dsview.h"
#include "expiry.h"
#include "file.h"
#include "keybook.h"
#include "proc.h"

#define PROGRAM ODS_LIBEXECDIR "/ods-verify"
#define TIME_MS 120000
#define OCTETS_PER_MS 100 /* RSA and P-384 take a ms and more each */
#define SAYS_MAX (1 << 20)

void verifier_keys(const struct signconf *s, const struct keybook *keys,
    char *text, size_t size)
{
	char locator[KEYRECORD_LOCATOR_MAX];
	unsigned int algorithm, flags, publish;
	size_t len = 0;
	int i, n;

	text[0] = '\0';
	for (i = 0; i < s->keys; i++) {
		/* one without a locator is an RR in the signconf itself */
		if (sscanf(s->key[i], "%128s %u %u %u", locator, &algorithm,
		        &flags, &publish) != 4 ||
		    algorithm == 0 || s->key[i][0] == ' ') {
			text[0] = '\0';
			return;
		}
		if (!publish)
			continue;
		n = snprintf(text + len, size - len, "key %u %u %s\n", flags,
		    algorithm, keys ? keybook_sha256(keys, locator) : "-");
		if (n < 0 || (size_t)n >= size - len) {
			text[0] = '\0';
			return;
		}
		len += (size_t)n;
	}
}

/* Nothing can be bogus: no DS, and the signer is not to sign. */
static bool is_insecure(const struct verify_facts *f)
{
	const struct signconf *s = f->signconf;

	return f->ds && !f->ds[0] && s && (s->passthrough || s->keys == 0);
}

/* Each signature has Refresh left when it is made, and less than that by one
 * Resign at most before it is made anew.  Half of the rest is for delays. */
static int64_t margin(const struct signconf *s)
{
	int64_t refresh = s ? expiry_duration(s->refresh) : -1;
	int64_t resign = s ? expiry_duration(s->resign) : -1;

	return refresh > resign && resign >= 0 ? (refresh - resign) / 2 : 0;
}

int verifier_facts(
    const struct verify_facts *f, int64_t now, char *text, size_t size)
{
	char keys[VERIFIER_KEYS_MAX] = "";
	size_t len;
	int n, rc = zonepast_facts(f->past, now, text, size);

	if (rc < 0)
		return rc;
	if (f->signconf)
		verifier_keys(f->signconf, f->keys, keys, sizeof(keys));
	len = strlen(text);
	n = snprintf(text + len, size - len, "margin %" PRId64 "\n%s%s%s",
	    margin(f->signconf), keys,
	    zonepast_has(f->past, "ack insecure ") ? "ack insecure\n" : "",
	    is_insecure(f) ? "ds none\n"
	    : f->ds        ? f->ds
	                   : "");
	return n < 0 || (size_t)n >= size - len ? -ENOSPC : 0;
}

void verifier_gather(struct verify_known *known, const struct zone_entry *zone,
    const char *past, const struct dsview *ds, const struct keybook *keys)
{
	char ds_text[1024];
	bool has_ds =
	    ds && dsview_zone(ds, zone->name, ds_text, sizeof(ds_text));
	struct verify_facts f = {
	    .past = past, .ds = has_ds ? ds_text : NULL, .keys = keys};

	known->has_signconf =
	    signconf_load(zone->signconf, &known->signconf, NULL) == 0;
	f.signconf = known->has_signconf ? &known->signconf : NULL;
	known->facts = verifier_facts(&f, time(NULL), known->text,
	                   sizeof(known->text)) == 0
	                   ? known->text
	                   : NULL;
}

/* A file that is not there is not told of. */
static int open_file(const char *path)
{
	return path && path[0] ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

static int facts_file(const char *text)
{
	int fd = text ? memfd_create("facts", MFD_CLOEXEC) : -1;

	if (fd >= 0 && (file_write_all(fd, text, strlen(text)) < 0 ||
	                   lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The command line, with numbers of descriptors. */
struct line {
	const char *argv[14];
	char number[3][16];
	int words, numbers;
};

static void add_fd(
    struct line *l, struct proc_job *job, const char *option, int fd)
{
	char *number = l->number[l->numbers];

	if (fd < 0)
		return;
	snprintf(number, sizeof(l->number[0]), "%d", fd);
	job->keep_fd[l->numbers++] = fd;
	l->argv[l->words++] = option;
	l->argv[l->words++] = number;
}

static void fail(struct judgement *j, const char *text)
{
	memset(j, 0, sizeof(*j));
	j->judged = JUDGED_FAILED;
	j->bogus_served = -1;
	snprintf(
	    j->sentence, sizeof(j->sentence), "the verifier failed: %s", text);
}

static void run(
    struct proc_job *job, int64_t time_ms, struct judgement *j, char **text)
{
	struct proc_result result;
	struct why why = {0};

	if (proc_run_text(job, SAYS_MAX, deadline_in_ms(time_ms), &result, text,
	        &why) < 0) {
		fail(j, why.text);
		return;
	}
	judgement_parse(j, result.code, *text);
	if (j->judged != JUDGED_FAILED)
		return;
	result.out[strcspn(result.out, "\n")] = '\0';
	fail(j, result.timed_out ? "it takes too long"
	        : result.signal  ? strsignal(result.signal)
	        : (*text)[0]     ? *text
	                         : result.out);
	j->sentence[strcspn(j->sentence, "\n")] = '\0';
}

void verifier_run(
    const struct verify_job *job, struct judgement *j, char **text)
{
	CLEANUP_CLOSE int served = open_file(job->served);
	CLEANUP_CLOSE int unsigned_zone = open_file(job->unsigned_zone);
	CLEANUP_CLOSE int facts = facts_file(job->facts);
	char *said = NULL;
	struct line l = {.argv = {PROGRAM}, .words = 1};
	struct proc_job p = {
	    .argv = l.argv, .stdin_fd = job->fd, .cancel = job->cancel};
	struct stat st;

	if (text)
		*text = NULL;
	if (facts < 0 || fstat(job->fd, &st) < 0 ||
	    lseek(job->fd, 0, SEEK_SET) != 0) {
		fail(j, "its facts cannot be written");
		return;
	}
	add_fd(&l, &p, "--facts", facts);
	add_fd(&l, &p, "--unsigned", unsigned_zone);
	add_fd(&l, &p, "--served", served);
	if (served >= 0 && job->served_digest[0]) {
		l.argv[l.words++] = "--served-digest";
		l.argv[l.words++] = job->served_digest;
	}
	l.argv[l.words++] = "--";
	l.argv[l.words++] = job->zone;
	run(&p, TIME_MS + st.st_size / OCTETS_PER_MS, j, &said);
	if (text)
		*text = said;
	else
		free(said);
}

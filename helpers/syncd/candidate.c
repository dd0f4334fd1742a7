/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backup2.h"
#include "cleanup.h"
#include "content.h"
#include "file.h"
#include "floor.h"
#include "keybook.h"
#include "keylack.h"
#include "sha.h"
#include "verifier.h"

enum candidate_verdict candidate_serial(
    const struct zone_row *row, uint32_t serial, const char *digest)
{
	uint32_t last;

	if (!floor_last(row, &last))
		return CANDIDATE_READY;
	if (row->ever && serial == row->serial &&
	    strcmp(digest, row->digest) == 0)
		return CANDIDATE_READY;
	return serial_above(serial, last) ? CANDIDATE_READY : CANDIDATE_LOW;
}

enum candidate_verdict candidate_low(bool keeps, bool pressing, bool again)
{
	return keeps && !pressing && again ? CANDIDATE_OWNER : CANDIDATE_LOW;
}

int candidate_digest_with(int fd, const struct tick *t, char hex[65])
{
	uint8_t sum[SHA_LEN];
	char buf[65536];
	struct sha sha;
	off_t at = 0;
	ssize_t n;
	int i, rc, ended = 0;

	sha_begin(&sha);
	while (ended == 0 && (n = pread(fd, buf, sizeof(buf), at)) > 0) {
		sha_add(&sha, buf, (size_t)n);
		at += n;
		ended = tick(t);
	}
	if (ended == 0 && n < 0)
		ended = -errno;
	rc = sha_end(&sha, sum);
	if (ended < 0)
		return ended;
	for (i = 0; i < SHA_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return rc;
}

int candidate_digest(int fd, char hex[65])
{
	return candidate_digest_with(fd, NULL, hex);
}

/* A hard link fixes the content: the signer replaces its file by rename and
 * never writes into it.  Across file systems a copy does the same. */
static int take_file(const char *from, const char *to, struct why *why)
{
	unlink(to);
	if (link(from, to) == 0)
		return 0;
	if (errno == ENOENT)
		return -ENOENT;
	return file_copy(from, to, why);
}

/* The unsigned file that led to this version, by content; "" when it was
 * written since, or cannot be told. */
static void unsigned_digest(
    const struct zone_entry *zone, const struct stat *signed_st, char hex[65])
{
	CLEANUP_CLOSE int fd = -1;
	struct stat st;

	hex[0] = '\0';
	if (!zone->input[0])
		return;
	fd = open(zone->input, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 ||
	    st.st_mtim.tv_sec >= signed_st->st_mtim.tv_sec)
		return;
	if (candidate_digest(fd, hex) < 0)
		hex[0] = '\0';
}

bool candidate_unsigned_changed(
    const struct zone_entry *zone, const struct zone_row *row)
{
	CLEANUP_CLOSE int fd = -1;
	char digest[65];

	if (!zone->input[0])
		return false;
	if (!row->unsigned_digest[0])
		return true;
	fd = open(zone->input, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && candidate_digest(fd, digest) == 0 &&
	       strcmp(digest, row->unsigned_digest) != 0;
}

/* The serial of a file whose first line is its SOA, as the signer writes it
 * (signer/src/adapter/adfile.c); what ods-verify says of it counts. */
static bool peek_serial(int fd, uint32_t *serial)
{
	char head[1024], *soa;
	ssize_t n = pread(fd, head, sizeof(head) - 1, 0);

	if (n <= 0)
		return false;
	head[n] = '\0';
	head[strcspn(head, "\n")] = '\0';
	soa = strstr(head, "\tSOA\t");
	return soa && sscanf(soa, " SOA %*s %*s %" SCNu32, serial) == 1;
}

/* A verifier that fails again and again says nothing of the zone: a doubt,
 * which lapses.  What is served runs out when it did before, for all we know.
 */
static bool goes_unverified(struct candidate *c, int fd, struct judgement *j)
{
	if (c->failures < 1 || !(c->urgent || c->forced) ||
	    !peek_serial(fd, &j->serial))
		return false;
	j->expires = c->row.served_expires;
	return true;
}

/* What ods-verify says, and the keys that the signconf asked for then. */
struct verdict {
	struct judgement j;
	char *said;
	char keys[VERIFIER_KEYS_MAX];
	struct keylack_key lacks; /* the worst that it needs; KEYTRUTH_OK */
	bool compared;            /* the version has the one on record */
};

static void cleanup_verdict(struct verdict *v)
{
	free(v->said);
}

static void look_at_keys(const struct candidate_setup *setup,
    const struct signconf *signconf, struct verdict *v)
{
	const struct keylack_key *lacks =
	    setup->lack ? keylack_of(setup->lack, signconf) : NULL;

	verifier_keys(signconf, setup->keys, v->keys, sizeof(v->keys));
	if (!lacks)
		return;
	v->lacks = *lacks;
	v->compared =
	    v->keys[0] && setup->keys &&
	    strcmp(keybook_sha256(setup->keys, lacks->locator), "-") != 0;
}

/* Of what resolvers would see a key that is another one is the cause. */
static void what_is_wrong(const struct verdict *v, char text[WHY_MAX])
{
	if (v->lacks.verdict != KEYTRUTH_DIFFERENT ||
	    v->j.judged == JUDGED_SOFT)
		snprintf(text, WHY_MAX, "%.180s", v->j.sentence);
	else if (v->j.judged == JUDGED_OK)
		snprintf(text, WHY_MAX, "%s", v->lacks.text);
	else
		snprintf(
		    text, WHY_MAX, "%s (%s)", v->lacks.text, v->j.sentence);
}

/* READY, with the row's past; or what keeps it from going out. */
static enum candidate_verdict settle(
    struct candidate *c, int fd, struct verdict *v)
{
	bool lapses = c->urgent || c->forced;
	struct judgement *j = &v->j;
	char text[WHY_MAX];

	what_is_wrong(v, text);
	switch (gate_lacking(gate_decide(j, c->urgent, c->forced),
	    v->lacks.verdict, v->compared, lapses)) {
	case GATE_PASS:
		return CANDIDATE_READY;
	case GATE_ESCAPE:
		c->escaped = true;
		why_set(&c->why, -EBADMSG, "zone %s: published in spite of: %s",
		    c->zone->name, text);
		return CANDIDATE_READY;
	case GATE_HOLD:
		c->gone = j->gone;
		why_set(&c->why, -EBADMSG, "zone %s: %s", c->zone->name, text);
		return CANDIDATE_REFUSED;
	case GATE_RETRY:
		break;
	}
	c->escaped = goes_unverified(c, fd, j);
	why_set(&c->why, -EIO, "zone %s: %s%.180s", c->zone->name,
	    c->escaped ? "published in spite of: " : "", j->sentence);
	return c->escaped ? CANDIDATE_READY : CANDIDATE_ERROR;
}

/* Our clock or another node's is wrong.  If it is ours, resolvers that go by
 * the right one would not believe yet what was signed by it.  A doubt; and none
 * where what is served begins as late by that clock: then that one is wrong. */
static void judge_by_clock(
    const struct verify_job *job, int64_t ahead, struct judgement *j)
{
	char facts[VERIFIER_FACTS_MAX + 32];
	struct verify_job again = *job;
	struct judgement other;

	snprintf(facts, sizeof(facts), "now %" PRId64 "\n%s",
	    (int64_t)time(NULL) - ahead, job->facts);
	again.facts = facts;
	verifier_run(&again, &other, NULL);
	if (other.judged != JUDGED_HARD)
		return;
	j->judged = JUDGED_SOFT;
	snprintf(j->sentence, sizeof(j->sentence),
	    "by a clock that is %" PRId64 " s behind this node's: %.180s",
	    ahead, other.sentence);
}

static void gather_facts(const struct candidate_setup *setup,
    const struct candidate *c, struct verify_known *known, struct verdict *v)
{
	if (setup->known)
		pthread_rwlock_rdlock(setup->known);
	verifier_gather(known, c->zone, c->row.past, setup->ds, setup->keys);
	if (known->has_signconf)
		look_at_keys(setup, &known->signconf, v);
	if (setup->known)
		pthread_rwlock_unlock(setup->known);
}

static enum candidate_verdict verify(const struct candidate_setup *setup,
    int fd, struct candidate *c, struct verdict *v)
{
	char served[PATH_MAX] = "";
	struct verify_known known;
	struct verify_job job = {.zone = c->zone->name,
	    .fd = fd,
	    .served = served,
	    .served_digest = c->row.served_digest,
	    .unsigned_zone = c->zone->input,
	    .cancel = setup->cancel};

	gather_facts(setup, c, &known, v);
	job.facts = known.facts;
	zone_published_path(
	    setup->conf, setup->state_dir, c->zone, served, sizeof(served));
	verifier_run(&job, &v->j, &v->said);
	if (v->j.judged == JUDGED_OK && setup->ahead > 0)
		judge_by_clock(&job, setup->ahead, &v->j);
	return settle(c, fd, v);
}

/* Has the signer written the backup2 of that version?  Its line 3 tells the
 * serial that went out. */
static bool backup2_is_there(
    const struct conf *conf, const struct zone_entry *zone, uint32_t serial)
{
	char path[PATH_MAX];
	struct backup2 b;

	return zone_backup2_path(conf, zone, path, sizeof(path)) == 0 &&
	       backup2_load(path, &b, NULL) == 0 && b.outbound == serial;
}

/* Without it a successor signs everything anew: a doubt, which lapses. */
static enum candidate_verdict backup2_verdict(
    const struct candidate_setup *setup, struct candidate *c, uint32_t serial)
{
	if (!setup->need_backup2 ||
	    backup2_is_there(setup->conf, c->zone, serial))
		return CANDIDATE_READY;
	if (!c->urgent && !c->forced)
		return CANDIDATE_WAIT;
	if (!c->escaped)
		why_set(&c->why, -ENOENT,
		    "zone %s: published without a backup2 of the signer",
		    c->zone->name);
	c->escaped = true;
	return CANDIDATE_READY;
}

/* Before the verifier's work, which would be done again after the wait. */
static bool awaits_backup2(
    const struct candidate_setup *setup, struct candidate *c, int fd)
{
	uint32_t serial;

	return !c->urgent && !c->forced && peek_serial(fd, &serial) &&
	       backup2_verdict(setup, c, serial) == CANDIDATE_WAIT;
}

static enum candidate_verdict serial_verdict(
    struct candidate *c, uint32_t serial, const char *digest)
{
	enum candidate_verdict v = candidate_serial(&c->row, serial, digest);
	uint32_t last;

	if (v != CANDIDATE_LOW || zonepast_has(c->row.past, "reset "))
		return CANDIDATE_READY;
	floor_last(&c->row, &last);
	v = candidate_low(c->keeps, c->urgent || c->forced,
	    serial == c->row.serial ||
	        !candidate_unsigned_changed(c->zone, &c->row));
	why_set(&c->why, -EBADMSG,
	    "zone %s: serial %" PRIu32 " is not above %" PRIu32
	    ", which %s published%s",
	    c->zone->name, serial, last,
	    last == c->row.serial ? "was" : "may have been",
	    v == CANDIDATE_OWNER
	        ? ": raise the serial of the unsigned zone, which the policy "
	          "keeps"
	        : "");
	return v;
}

/* After a version that went out unverified nobody knows which keys caches
 * hold.  The keys that it was to have go with it; others wait for its end: a
 * doubt, which lapses. */
static enum candidate_verdict unknown_verdict(
    struct candidate *c, const struct verdict *v)
{
	if (!zonepast_is_unknown(c->row.past, time(NULL)) ||
	    zonepast_asked(c->row.past, v->keys))
		return CANDIDATE_READY;
	if (c->urgent || c->forced) {
		if (!c->escaped)
			why_set(&c->why, -EBADMSG,
			    "zone %s: published in spite of what caches may "
			    "hold of an unverified version",
			    c->zone->name);
		c->escaped = true;
		return CANDIDATE_READY;
	}
	why_set(&c->why, -EBADMSG,
	    "zone %s: caches may hold an unverified version: wait, no key may "
	    "change before its TTL is over",
	    c->zone->name);
	return CANDIDATE_REFUSED;
}

/* Its key sets, where it may have any. */
static void history_of(const struct candidate *c, const struct verdict *v,
    char *unknown, size_t size)
{
	unknown[0] = '\0';
	if (v->j.judged == JUDGED_FAILED &&
	    (v->keys[0] || zonepast_has(c->row.past, "served set ")))
		zonepast_unknown(c->row.past, unknown, size);
}

/* What its successors are to know of this version. */
static enum candidate_verdict remember(
    struct candidate *c, const struct verdict *v)
{
	char line[64], unknown[64];
	int rc;

	history_of(c, v, unknown, sizeof(unknown));
	rc = zonepast_next(c->row.past,
	    unknown[0] ? unknown
	    : v->said  ? v->said
	               : "",
	    v->keys, time(NULL));

	if (rc == 0 && c->escaped) {
		snprintf(line, sizeof(line), "escaped %" PRIu32 " %" PRId64,
		    v->j.serial, (int64_t)time(NULL));
		rc = zonepast_note(c->row.past, line);
	}
	if (rc == 0)
		return CANDIDATE_READY;
	why_set(&c->why, rc,
	    "zone %s: caches may hold more DNSKEY sets than can be kept: "
	    "wait until their TTLs are over",
	    c->zone->name);
	return CANDIDATE_REFUSED;
}

/* It may be a copy. */
static bool same_version(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum candidate_verdict judge(
    const struct candidate_setup *setup, int fd, struct candidate *c)
{
	CLEANUP(cleanup_verdict) struct verdict said = {.said = NULL};
	const struct judgement *j = &said.j;
	enum candidate_verdict v;
	char digest[65];
	struct stat st;

	if (fstat(fd, &st) < 0 || candidate_digest(fd, digest) < 0)
		return CANDIDATE_ERROR;
	c->forced = c->forced && same_version(&st, &c->forced_file);
	if (c->row.ever && c->row.served_digest[0] &&
	    strcmp(digest, c->row.served_digest) == 0)
		return CANDIDATE_SAME;
	if (awaits_backup2(setup, c, fd))
		return CANDIDATE_WAIT;
	v = verify(setup, fd, c, &said);
	if (v == CANDIDATE_READY)
		v = serial_verdict(c, j->serial, digest);
	if (v == CANDIDATE_READY)
		v = backup2_verdict(setup, c, j->serial);
	if (v == CANDIDATE_READY)
		v = unknown_verdict(c, &said);
	if (v == CANDIDATE_READY)
		v = remember(c, &said);
	if (v != CANDIDATE_READY)
		return v;
	c->row.serial = j->serial;
	c->row.expires = j->expires;
	c->row.ever = true;
	c->row.state = ZONE_INTENT;
	snprintf(c->row.digest, sizeof(c->row.digest), "%s", digest);
	unsigned_digest(c->zone, &st, c->row.unsigned_digest);
	return CANDIDATE_READY;
}

static int keep(const char *tmp, const char *pending, int fd)
{
	if (fchmod(fd, 0644) < 0 || fsync(fd) < 0 || rename(tmp, pending) < 0)
		return -errno;
	/* A rename onto another name of the same file does nothing. */
	unlink(tmp);
	return file_sync_parent(pending);
}

enum candidate_verdict candidate_take(
    const struct candidate_setup *setup, struct candidate *c)
{
	char pending[PATH_MAX], tmp[PATH_MAX + 16];
	enum candidate_verdict v;
	CLEANUP_CLOSE int fd = -1;
	int rc = zone_pending_path(
	    setup->conf, setup->state_dir, c->zone, pending, sizeof(pending));

	if (rc == 0)
		rc = file_mkdirs_for(pending, 0700, &c->why);
	if (rc < 0)
		return CANDIDATE_ERROR;
	snprintf(tmp, sizeof(tmp), "%s.ods-new", pending);
	rc = take_file(c->zone->output, tmp, &c->why);
	if (rc < 0)
		return rc == -ENOENT ? CANDIDATE_NONE : CANDIDATE_ERROR;
	fd = open(tmp, O_RDONLY | O_CLOEXEC);
	v = fd < 0 ? CANDIDATE_ERROR : judge(setup, fd, c);
	if (v == CANDIDATE_READY && (rc = keep(tmp, pending, fd)) < 0) {
		why_set(
		    &c->why, rc, "cannot write %s: %s", pending, strerror(-rc));
		v = CANDIDATE_ERROR;
	}
	if (v != CANDIDATE_READY)
		unlink(tmp);
	return v;
}

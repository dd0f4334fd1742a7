/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keylook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "backup2.h"
#include "cleanup.h"
#include "expiry.h"
#include "file.h"
#include "lasting.h"
#include "log.h"
#include "safety.h"
#include "walk.h"
#include "zones.h"

#define LOOK_S 60
#define AGAIN_S 5   /* after a failure */
#define AHEAD_S 600 /* a time that is further ahead is a wrong clock's */

/* One zone of zones.xml, and what its files said last. */
struct key_zone {
	const struct zone_entry *entry;
	struct stat signconf, backup2;
	char asked[KEY_DIGEST_TEXT]; /* by the signconf, "" = there is none */
	int64_t ttl, written;
	char made[KEY_DIGEST_TEXT]; /* the keys of the backup2 */
	uint32_t outbound;          /* ... and its serial */
	bool whole;                 /* ... is one */
	bool unserved;              /* it was, before what is served now */
	bool unreadable;            /* its signconf is */
	bool changed;               /* its clock in the ledger is out of date */
	struct stat compared[2];    /* signconf and backup2, for misses() */
	uint64_t head;              /* sum of that backup2's */
	uint64_t given; /* sum of what was given a new time, 0 = none */
	bool tell;      /* ... of which the signer is to be told */
};

struct keylook {
	const struct conf *conf;
	struct ledger *ledger;
	struct zone_list list;
	struct stat seen; /* of zones.xml */
	struct key_zone *zone;
	struct enforce_zone *facts;
	struct safeties safeties;
	struct name_list others; /* served once, and in no list now; sorted */
	int64_t longest;         /* DNSKEY TTL of them all */
	uint64_t version;
	int64_t next;
	struct lasting blind;
};

struct keylook *keylook_new(const struct conf *conf, struct ledger *ledger)
{
	struct keylook *k = calloc(1, sizeof(*k));

	if (k) {
		k->conf = conf;
		k->ledger = ledger;
	}
	return k;
}

void keylook_free(struct keylook *k)
{
	if (!k)
		return;
	zones_free(&k->list);
	safeties_free(&k->safeties);
	names_free(&k->others);
	free(k->zone);
	free(k->facts);
	free(k);
}

static struct key_zone *find(struct keylook *k, const char *name)
{
	const struct zone_entry *e = zones_find(&k->list, name);

	return e ? &k->zone[e - k->list.zone] : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A zone that is added while we look can be served before the next look. */
static bool was_unserved(const struct keylook *k, const char *name)
{
	return k->zone && !(k->others.count > 0 &&
	                      bsearch(&name, k->others.name, k->others.count,
	                          sizeof(char *), by_name));
}

/* Follow zones.xml; what is known of a zone that stays is kept. */
static int follow_list(struct keylook *k, struct why *why)
{
	struct zone_list list;
	struct key_zone *zone;
	struct enforce_zone *facts;
	struct stat st = {0};
	size_t i;
	int rc;

	stat(k->conf->zones_file, &st);
	if (k->zone && file_same(&st, &k->seen))
		return 0;
	rc = zones_load(k->conf->zones_file, &list, why);
	if (rc < 0)
		return rc;
	zone = calloc(list.count + 1, sizeof(*zone));
	facts = calloc(list.count + 1, sizeof(*facts));
	if (!zone || !facts) {
		free(zone);
		free(facts);
		zones_free(&list);
		return why_set(why, -ENOMEM, "out of memory");
	}
	for (i = 0; i < list.count; i++) {
		const struct key_zone *old = find(k, list.zone[i].name);

		if (old)
			zone[i] = *old;
		else
			zone[i].unserved = was_unserved(k, list.zone[i].name);
		zone[i].entry = &list.zone[i];
	}
	zones_free(&k->list);
	free(k->zone);
	free(k->facts);
	k->list = list;
	k->zone = zone;
	k->facts = facts;
	k->seen = st;
	return 0;
}

static bool publishes_key(const struct signconf *sc)
{
	unsigned int publish;
	int i;

	for (i = 0; i < sc->keys; i++)
		if (sscanf(sc->key[i], "%*s %*u %*u %u", &publish) == 1 &&
		    publish)
			return true;
	return false;
}

/* What is asked for.  A signconf that cannot be read asks for what it did. */
static void follow_signconf(struct key_zone *z)
{
	struct signconf sc;
	struct stat st;
	int64_t ttl;

	z->unreadable = stat(z->entry->signconf, &st) < 0;
	if (z->unreadable || file_same(&st, &z->signconf))
		return;
	z->unreadable = signconf_load(z->entry->signconf, &sc, NULL) < 0;
	if (z->unreadable)
		return;
	/* The signer makes nothing of one that publishes no key. */
	if (!publishes_key(&sc) ||
	    key_asked((const char(*)[160])sc.key, sc.keys, z->asked) < 0)
		z->asked[0] = '\0';
	/* What the enforcer asks for is another set (bridge.h). */
	if (sc.bridged && z->asked[0])
		z->asked[0] = '+';
	ttl = expiry_duration(sc.keys_ttl);
	z->ttl = ttl > 0 ? ttl : 0;
	z->written = st.st_mtime;
	z->signconf = st;
}

/* A SOA that is not that of the header: the serial of a version that never went
 * out was taken back (serials.c), and its keys are not those of what is served.
 * Or the signer looked at the zone again and had nothing to write, so that the
 * header still tells of the last version: then we have seen that before. */
static bool made_before(const struct key_zone *was, const struct key_zone *is,
    const struct backup2 *b)
{
	return was->whole && was->outbound == b->outbound &&
	       strcmp(was->made, is->made) == 0;
}

/* What the signer's last version was made with. */
static void follow_backup2(const struct keylook *k, struct key_zone *z)
{
	const struct key_zone was = *z;
	char path[PATH_MAX];
	struct backup2 b;
	struct stat st;

	if (zone_backup2_path(k->conf, z->entry, path, sizeof(path)) < 0 ||
	    stat(path, &st) < 0) {
		z->whole = false;
		memset(&z->backup2, 0, sizeof(z->backup2));
		return;
	}
	if (file_same(&st, &z->backup2))
		return;
	z->backup2 = st;
	z->whole =
	    backup2_load(path, &b, NULL) == 0 &&
	    key_asked((const char(*)[160])b.key, b.keys, z->made) == 0 &&
	    (!b.has_soa || b.soa == b.outbound || made_before(&was, z, &b));
	z->outbound = b.outbound;
}

/* It is installed, and the name server may not know. */
static bool is_untold(const struct zone_row *row)
{
	return zonepast_has(row->past, ZONE_PAST_UNTOLD);
}

/* Is what the signconf asks for in the version that is served? */
static bool serves_asked(
    const struct keylook *k, struct key_zone *z, const struct zone_row *row)
{
	follow_backup2(k, z);
	return !is_untold(row) && z->whole &&
	       z->outbound == row->served_serial &&
	       strcmp(z->made, z->asked) == 0;
}

static void update(const struct keylook *k, struct key_zone *z,
    const struct zone_row *row, struct key_clock *c, int64_t now)
{
	struct key_set set = {
	    .asked = "",
	    .ttl = z->ttl,
	    .written = z->written,
	    .first = z->unserved,
	    .longest = k->longest,
	};

	if (c->since > now + AHEAD_S)
		c->since = now;
	if (c->pending > now + AHEAD_S)
		c->pending = now;
	/* what went out unverified may have any TTL */
	if (zonepast_has(row->past, "served unknown ") && c->ttl < k->longest)
		c->ttl = k->longest;
	if (!c->since) {
		if (set.first) /* nothing else has led to it */
			set.asked = z->asked;
		key_clock_served(c, &set, now);
	}
	if (!z->asked[0])
		return;
	set.asked = z->asked;
	if (strcmp(c->asked, z->asked) == 0) {
		key_clock_level(c);
	} else if (serves_asked(k, z, row)) {
		key_clock_served(c, &set, now);
	} else {
		key_clock_held(c, z->written, now);
	}
}

struct looking {
	struct keylook *k;
	int64_t now;
	size_t changed;
	struct name_list others;
};

static int look_at_row(const struct zone_row *row, void *arg)
{
	struct looking *l = arg;
	struct key_zone *z = find(l->k, row->zone);
	struct enforce_zone *f;

	if (!row->served_digest[0])
		return 0;
	if (!z)
		return names_add(&l->others, row->zone);
	if (!z->entry->output[0] || (z->unserved && is_untold(row)))
		return 0;
	f = &l->k->facts[z - l->k->zone];
	f->served = true;
	f->clock = row->clock;
	update(l->k, z, row, &f->clock, l->now);
	z->changed = memcmp(&f->clock, &row->clock, sizeof(f->clock)) != 0;
	l->changed += z->changed;
	return 0;
}

/* An ack may have come since the row was read. */
static int write_clock(
    struct keylook *k, struct key_zone *z, int64_t now, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(k->ledger, z->entry->name, &row, why);

	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	update(k, z, &row, &row.clock, now);
	k->facts[z - k->zone].clock = row.clock;
	return ledger_clock_put(k->ledger, z->entry->name, &row.clock, why);
}

static int write_clocks(struct keylook *k, int64_t now, struct why *why)
{
	size_t i;
	int rc = ledger_begin(k->ledger, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < k->list.count; i++)
		if (k->zone[i].changed)
			rc = write_clock(k, &k->zone[i], now, why);
	if (rc == 0)
		return ledger_commit(k->ledger, why);
	ledger_rollback(k->ledger);
	return rc;
}

static void begin_look(struct keylook *k)
{
	size_t i;

	safeties_follow(&k->safeties, k->conf->policy_file);
	k->longest = 0;
	for (i = 0; i < k->list.count; i++) {
		struct key_zone *z = &k->zone[i];

		follow_signconf(z);
		z->changed = false;
		if (z->ttl > k->longest)
			k->longest = z->ttl;
		k->facts[i] = (struct enforce_zone){
		    .name = z->entry->name,
		    .safety = safety_of(&k->safeties, z->entry->policy),
		    .delay = safety_delay_of(&k->safeties, z->entry->policy),
		};
	}
	if (k->longest == 0)
		k->longest = ENFORCE_TTL_S;
}

/* A version that is served from now on is the first one of its zone. */
static void note_unserved(struct keylook *k)
{
	size_t i;

	for (i = 0; i < k->list.count; i++)
		k->zone[i].unserved = !k->facts[i].served;
}

static uint64_t sum_of(const struct signconf *sc)
{
	return XXH3_64bits(sc->key, sizeof(sc->key)) ^
	       XXH3_64bits(sc->settings, sizeof(sc->settings));
}

/* Each signing makes another backup2, but mostly with the same head. */
static bool same_head(struct key_zone *z, const struct backup2 *b)
{
	uint64_t sum = XXH3_64bits_withSeed(b->key, sizeof(b->key),
	    XXH3_64bits(b->settings, sizeof(b->settings)) ^
	        (uint64_t)b->lastmod);
	bool same = z->head == sum;

	z->head = sum;
	return same;
}

/* What has been given a time is not given one again: perhaps the signer does
 * not want it. */
static bool differs(
    struct key_zone *z, const struct backup2 *b, const struct signconf *sc)
{
	uint64_t sum = sum_of(sc);
	bool missed = backup2_misses(b, sc) && z->given != sum;

	if (missed)
		z->given = sum;
	else if (backup2_keys_match(b, sc) && backup2_settings_match(b, sc))
		z->given = 0;
	return missed;
}

/* Looks again when one of the files has changed. */
static bool misses(
    const struct keylook *k, struct key_zone *z, struct backup2 *b)
{
	struct stat now[2];
	struct signconf sc;
	char path[PATH_MAX];
	bool written;

	if (zone_backup2_path(k->conf, z->entry, path, sizeof(path)) < 0 ||
	    stat(z->entry->signconf, &now[0]) < 0 || stat(path, &now[1]) < 0)
		return false;
	written = !file_same(&now[0], &z->compared[0]);
	if (!written && file_same(&now[1], &z->compared[1]))
		return false;
	memcpy(z->compared, now, sizeof(now));
	return backup2_head(path, b, NULL) == 0 &&
	       (!same_head(z, b) || written) &&
	       signconf_load(z->entry->signconf, &sc, NULL) == 0 &&
	       differs(z, b, &sc);
}

/* That very file: another one may have come since. */
static bool give_time(const struct key_zone *z, long at)
{
	const struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT}, {.tv_sec = at}};
	CLEANUP_CLOSE int fd = open(z->entry->signconf, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !file_same(&st, &z->compared[0]))
		return false;
	if (futimens(fd, times) < 0) {
		log_err("zone %s: cannot give its signconf a new time: %s",
		    z->entry->name, strerror(errno));
		return false;
	}
	log_notice("zone %s: the signer has missed a change of its signconf, "
	           "which is not newer than the one before: it is told again",
	    z->entry->name);
	return true;
}

int keylook_missed(
    struct keylook *k, bool (*tell)(const char *zone, void *arg), void *arg)
{
	struct backup2 b;
	size_t i;
	int left = 0;

	for (i = 0; k->zone && i < k->list.count; i++) {
		struct key_zone *z = &k->zone[i];

		if (misses(k, z, &b))
			z->tell = give_time(z, b.lastmod + 1) || z->tell;
		if (z->tell)
			z->tell = !tell(z->entry->name, arg);
		left += z->tell;
	}
	return left;
}

bool keylook_due(struct keylook *k, int64_t until, int64_t now)
{
	uint64_t version = 0;
	struct stat st = {0};

	if (!k->zone || now >= k->next || k->next > now + LOOK_S ||
	    (until && now >= until))
		return true;
	stat(k->conf->zones_file, &st);
	return !file_same(&st, &k->seen) ||
	       ledger_zone_version(k->ledger, &version, NULL) < 0 ||
	       version != k->version;
}

static int look(struct keylook *k, struct looking *l, struct why *why)
{
	int rc = follow_list(k, why);

	if (rc == 0)
		rc = ledger_zone_version(k->ledger, &k->version, why);
	if (rc < 0)
		return rc;
	begin_look(k);
	rc = ledger_zone_each(k->ledger, look_at_row, l, why);
	if (rc == 0 && l->changed > 0)
		rc = write_clocks(k, l->now, why);
	if (rc < 0)
		return rc;
	note_unserved(k);
	names_sort(&l->others);
	names_free(&k->others);
	k->others = l->others;
	memset(&l->others, 0, sizeof(l->others));
	return 0;
}

/* What could not be read this time, "" = nothing.  A zone that was never
 * served may have no signconf yet. */
static void say_blind(const struct keylook *k, char *text, size_t size)
{
	size_t i;

	snprintf(text, size, "%s",
	    k->safeties.why.err < 0 ? k->safeties.why.text : "");
	for (i = 0; !text[0] && i < k->list.count; i++)
		if (k->zone[i].unreadable && k->facts[i].served)
			snprintf(text, size,
			    "the signconf of zone %.90s cannot be read",
			    k->zone[i].entry->name);
}

int keylook_judge(struct keylook *k, int64_t taken_at, int64_t now,
    struct enforce_verdict *v, struct why *why)
{
	struct looking l = {.k = k, .now = now};
	struct enforce_facts f = {.now = now, .taken_at = taken_at};
	char blind[sizeof(k->blind.what)];
	int rc = look(k, &l, why);

	names_free(&l.others);
	k->next = now + (rc < 0 ? AGAIN_S : LOOK_S);
	memset(v, 0, sizeof(*v));
	if (rc < 0) {
		snprintf(v->why, sizeof(v->why), "%.*s",
		    (int)sizeof(v->why) - 1, why->text);
		snprintf(blind, sizeof(blind), "%s", why->text);
	} else {
		f.zone = k->facts;
		f.count = k->list.count;
		enforce_decide(&f, v);
		say_blind(k, blind, sizeof(blind));
	}
	if (rc >= 0 && blind[0] && !k->blind.since)
		log_warn("the enforcer's clock: %s", blind);
	lasting_note(&k->blind, blind, now);
	lasting_alarm(&k->blind, now, v->trouble);
	if (rc < 0)
		return rc;
	if (v->next && v->next < k->next)
		k->next = v->next;
	return l.changed > 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "serials.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "content.h"
#include "file.h"
#include "floor.h"
#include "intent.h"
#include "log.h"
#include "signnote.h"
#include "zones.h"

/* A keep zone has the serial of its unsigned zone: that one is not raised
 * while there is time (upstream.h). */
enum serial_action serial_decide(const struct serial_facts *f)
{
	bool keeps = strcmp(f->mode, "keep") == 0;

	if (!f->published)
		return SERIAL_NOTHING;
	if (!f->present)
		return keeps ? SERIAL_OWNER : SERIAL_FORCE;
	if (f->resign || !f->sound || !f->keys_match)
		return keeps ? SERIAL_OWNER : SERIAL_DISCARD;
	if (f->outbound == f->last && f->internal == f->last)
		return SERIAL_LEAVE;
	return SERIAL_EDIT;
}

static void discard(const char *path)
{
	char aside[PATH_MAX];

	if (snprintf(aside, sizeof(aside), "%s.ods-aside", path) >=
	        (int)sizeof(aside) ||
	    rename(path, aside) < 0)
		log_err("cannot set %s aside: %s", path, strerror(errno));
	else
		log_warn("%s does not fit its zone and was set aside: the "
		         "zone is signed in full",
		    path);
}

/* A row that cannot be read is an error: without it a serial could go back. */
static int gather(const struct zone_entry *z, const char *backup,
    struct ledger *ledger, struct serial_facts *f, struct signconf *sc,
    struct why *why)
{
	struct zone_row row = {.ever = false};
	struct backup2 b;
	int rc = ledger_zone_get(ledger, z->name, &row, why);

	if (rc < 0 && rc != -ENOENT)
		return rc;
	memset(f, 0, sizeof(*f));
	f->published = floor_last(&row, &f->last);
	f->serial = row.serial;
	f->present = access(backup, F_OK) == 0;
	f->sound = f->present && backup2_load(backup, &b, NULL) == 0;
	f->outbound = f->sound ? b.outbound : 0;
	f->internal = f->sound ? b.internal : 0;
	f->mode = sc->serial_mode;
	/* Without a signconf the backup2's keys are all there is. */
	f->keys_match = signconf_load(z->signconf, sc, NULL) < 0 ||
	                (f->sound && backup2_keys_match(&b, sc));
	return 0;
}

/* What is to be done for one zone. */
struct zone_plan {
	enum serial_action action;
	bool present;
	uint32_t serial; /* published or intended: what a note goes by */
	uint32_t last, outbound;
};

static int plan_zone(const struct serials_setup *s, const struct zone_entry *z,
    const char *backup, struct zone_plan *plan, struct why *why)
{
	struct serial_facts f = {.mode = ""};
	struct signconf sc = {.serial_mode = ""};
	int rc = gather(z, backup, s->ledger, &f, &sc, why);

	if (rc < 0)
		return rc;
	f.resign = s->resign;
	plan->action = serial_decide(&f);
	plan->present = f.present;
	plan->serial = f.serial;
	plan->last = f.last;
	plan->outbound = f.outbound;
	return 0;
}

/* The note is durable before the backup2 is touched: what is said by a
 * difference is gone then. */
static int note_zone(struct ledger *l, const char *zone,
    const struct zone_plan *plan, struct why *why)
{
	struct sign_note note;
	bool noted = sign_note_get(l, zone, &note) == 0;

	switch (plan->action) {
	case SERIAL_FORCE:
	case SERIAL_DISCARD:
		note =
		    (struct sign_note){.raise = true, .serial = plan->last + 1};
		return sign_note_put(l, zone, &note, why);
	case SERIAL_EDIT:
		note = (struct sign_note){.serial = plan->serial};
		return sign_note_put(l, zone, &note, why);
	case SERIAL_LEAVE:
		break;
	case SERIAL_OWNER:
	case SERIAL_NOTHING:
		return noted ? sign_note_drop(l, zone, why) : 0;
	}
	if (!noted)
		return 0;
	if (sign_note_reached(&note, plan->serial))
		return sign_note_drop(l, zone, why);
	/* The signer that took it has ended; the next one goes on from the
	 * last serial by itself. */
	note = (struct sign_note){.serial = plan->serial};
	return sign_note_put(l, zone, &note, why);
}

static int note_all(struct ledger *l, const struct zone_list *list,
    const struct zone_plan *plan, struct why *why)
{
	size_t i;
	int rc = ledger_begin(l, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < list->count; i++)
		rc = note_zone(l, list->zone[i].name, &plan[i], why);
	if (rc == 0)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return rc;
}

static void settle_backup2(const struct zone_entry *z, const char *backup,
    struct ledger *ledger, const struct zone_plan *plan)
{
	const struct sign_note note = {.raise = true, .serial = plan->last + 1};
	struct why why;

	if (plan->action == SERIAL_DISCARD ||
	    (plan->action == SERIAL_OWNER && plan->present))
		discard(backup);
	if (plan->action != SERIAL_EDIT)
		return;
	log_notice("zone %s: backup2 says serial %" PRIu32
	           ", the last one was %" PRIu32 ": corrected",
	    z->name, plan->outbound, plan->last);
	if (backup2_set_serial(backup, plan->last, &why) == 0)
		return;
	log_err("%s", why.text);
	if (sign_note_put(ledger, z->name, &note, &why) < 0)
		log_err("%s", why.text);
}

/* What the world has, or is about to get: a version on its way out. */
static int newest(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, struct ledger *ledger, const struct tick *t,
    char *path, size_t size)
{
	struct zone_row row;

	if (ledger_zone_get(ledger, z->name, &row, NULL) == 0 &&
	    intent_is_here(conf, state_dir, z, &row, t))
		return zone_pending_path(conf, state_dir, z, path, size);
	return zone_published_path(conf, state_dir, z, path, size);
}

/* signed/ZONE is made that one: a file left by an earlier term would be taken
 * for a candidate, and a recovery writes none (O 3.2). */
static void restore_signed(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, struct ledger *ledger, const struct tick *t)
{
	char published[PATH_MAX], tmp[PATH_MAX];
	struct stat a, b;
	struct why why;

	if (!z->output[0] ||
	    newest(conf, state_dir, z, ledger, t, published,
	        sizeof(published)) < 0 ||
	    stat(published, &a) < 0)
		return;
	if (stat(z->output, &b) == 0 && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev)
		return;
	if (stat(z->output, &b) == 0 && a.st_size == b.st_size &&
	    a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
	    a.st_mtim.tv_nsec == b.st_mtim.tv_nsec)
		return; /* a copy that we made */
	if (snprintf(tmp, sizeof(tmp), "%s.ods-new", z->output) >=
	    (int)sizeof(tmp))
		return;
	if (file_copy_with(published, tmp, t->fn, t->arg, &why) < 0 ||
	    rename(tmp, z->output) < 0)
		log_err("cannot make %s what is served", z->output);
}

static int plan_all(const struct serials_setup *s, const struct zone_list *list,
    struct zone_plan *plan, struct why *why)
{
	char backup[PATH_MAX];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->count; i++) {
		const struct zone_entry *z = &list->zone[i];

		if (zone_mkdirs(z, why) < 0)
			log_err("%s", why->text);
		plan[i].action = SERIAL_LEAVE;
		if (zone_backup2_path(s->conf, z, backup, sizeof(backup)) < 0)
			continue;
		rc = plan_zone(s, z, backup, &plan[i], why);
		if (rc == 0)
			rc = tick(s->tick);
	}
	return rc;
}

static void settle_zone(const struct serials_setup *s,
    const struct zone_entry *z, const struct zone_plan *plan)
{
	char backup[PATH_MAX];

	if (s->resign) {
		if (z->output[0] && unlink(z->output) < 0 && errno != ENOENT)
			log_err(
			    "cannot remove %s: %s", z->output, strerror(errno));
		return;
	}
	if (zone_backup2_path(s->conf, z, backup, sizeof(backup)) == 0)
		settle_backup2(z, backup, s->ledger, plan);
	restore_signed(s->conf, s->state_dir, z, s->ledger, s->tick);
}

static int settle_all(const struct serials_setup *s,
    const struct zone_list *list, const struct zone_plan *plan)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < list->count; i++) {
		rc = tick(s->tick);
		if (rc == 0)
			settle_zone(s, &list->zone[i], &plan[i]);
	}
	return rc;
}

/* What the signer remembers a zone by; not what came in by transfer, nor what
 * it answers transfers with until it has signed. */
static bool is_memory(const char *name)
{
	static const char *const ends[] = {
	    ".backup2", ".backup2.tmp", ".ixfr", ".ixfr.tmp"};
	size_t i, len = strlen(name);

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) &&
		    strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

/* Also of zones that are in no list now. */
static int forget_signatures(const char *signer_dir, struct why *why)
{
	CLEANUP_DIR DIR *dir = opendir(signer_dir);
	struct dirent *d;

	if (!dir && errno == ENOENT)
		return 0;
	while (dir && (d = readdir(dir)))
		if (is_memory(d->d_name) &&
		    unlinkat(dirfd(dir), d->d_name, 0) < 0)
			return why_set(why, -errno, "cannot remove %s/%s: %s",
			    signer_dir, d->d_name, strerror(errno));
	return dir ? 0
	           : why_set(why, -errno, "cannot read %s: %s", signer_dir,
	                 strerror(errno));
}

static bool first_since_takeover(struct ledger *l)
{
	char text[8];

	return ledger_note_get(l, SERIALS_TAKEOVER, text, sizeof(text)) == 0 &&
	       strcmp(text, "1") == 0;
}

int serials_prepare(const struct serials_setup *setup, struct why *why)
{
	CLEANUP_FREE struct zone_plan *plan = NULL;
	struct serials_setup s = *setup;
	bool first = first_since_takeover(s.ledger);
	struct zone_list list;
	int rc = zones_load(s.conf->zones_file, &list, why);

	if (rc < 0)
		return rc;
	s.resign = setup->resign && first;
	plan = calloc(list.count + 1, sizeof(*plan));
	rc = plan ? plan_all(&s, &list, plan, why)
	          : why_set(why, -ENOMEM, "out of memory");
	if (rc == 0)
		rc = note_all(s.ledger, &list, plan, why);
	if (rc == 0 && s.resign)
		rc = forget_signatures(s.conf->signer_dir, why);
	if (rc == 0)
		rc = settle_all(&s, &list, plan);
	if (rc == 0 && first)
		rc = ledger_note_put(s.ledger, SERIALS_TAKEOVER, "", why);
	if (rc == 0 && s.resign)
		log_notice("signatures=resign: %zu zones are signed in full",
		    list.count);
	zones_free(&list);
	return rc;
}

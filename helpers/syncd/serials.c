/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "serials.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content.h"
#include "file.h"
#include "intent.h"
#include "log.h"
#include "zones.h"

enum serial_action serial_decide(const struct serial_facts *f)
{
	if (!f->published)
		return SERIAL_NOTHING;
	if (!f->present)
		return SERIAL_FORCE;
	if (!f->sound || !f->keys_match)
		return SERIAL_DISCARD;
	if (f->outbound == f->last && f->internal == f->last)
		return SERIAL_LEAVE;
	/* A header edit makes a keep zone conflict with its upstream serial
	 * (O 3.11). */
	return strcmp(f->mode, "keep") == 0 ? SERIAL_FORCE : SERIAL_EDIT;
}

static void note_key(const char *zone, char *key, size_t size)
{
	snprintf(key, size, "sign.%s", zone);
}

int serials_note_get(
    struct ledger *l, const char *zone, char *note, size_t size)
{
	char key[300];

	note_key(zone, key, sizeof(key));
	if (ledger_note_get(l, key, note, size) < 0 || !note[0])
		return -ENOENT;
	return 0;
}

static void note_put(struct ledger *l, const char *zone, const char *note)
{
	char key[300];
	struct why why;

	note_key(zone, key, sizeof(key));
	if (ledger_note_put(l, key, note, &why) < 0)
		log_err("%s", why.text);
}

void serials_note_sign(struct ledger *l, const char *zone)
{
	note_put(l, zone, "sign");
}

void serials_note_done(struct ledger *l, const char *zone)
{
	note_put(l, zone, "");
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
	f->published = rc == 0 && row.ever;
	f->last = f->published ? row.serial : 0;
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

static int prepare_zone(const struct zone_entry *z, const char *backup,
    struct ledger *ledger, struct why *why)
{
	struct serial_facts f;
	struct signconf sc = {.serial_mode = ""};
	char note[32];
	int rc = gather(z, backup, ledger, &f, &sc, why);

	if (rc < 0)
		return rc;
	snprintf(note, sizeof(note), "serial %" PRIu32, f.last + 1);
	switch (serial_decide(&f)) {
	case SERIAL_NOTHING:
	case SERIAL_LEAVE:
		break;
	case SERIAL_EDIT:
		log_notice("zone %s: backup2 says serial %" PRIu32
		           ", the last one was %" PRIu32 ": corrected",
		    z->name, f.outbound, f.last);
		if (backup2_set_serial(backup, f.last, why) == 0) {
			note_put(ledger, z->name, "sign");
			break;
		}
		log_err("%s", why->text);
		note_put(ledger, z->name, note);
		break;
	case SERIAL_DISCARD:
		discard(backup);
		note_put(ledger, z->name, note);
		break;
	case SERIAL_FORCE:
		note_put(ledger, z->name, note);
		break;
	}
	return 0;
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

int serials_prepare(const struct conf *conf, const char *state_dir,
    struct ledger *ledger, const struct tick *t, struct why *why)
{
	char backup[PATH_MAX], flat[256];
	struct zone_list list;
	size_t i;
	int rc = zones_load(conf->zones_file, &list, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < list.count; i++) {
		const struct zone_entry *z = &list.zone[i];

		if (zone_mkdirs(z, why) < 0)
			log_err("%s", why->text);
		zone_flat_name(z->name, flat, sizeof(flat));
		if (snprintf(backup, sizeof(backup), "%s/%s.backup2",
		        conf->signer_dir, flat) >= (int)sizeof(backup))
			continue;
		rc = prepare_zone(z, backup, ledger, why);
		restore_signed(conf, state_dir, z, ledger, t);
		if (rc == 0)
			rc = tick(t);
	}
	zones_free(&list);
	return rc;
}

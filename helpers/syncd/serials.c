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

#include "file.h"
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

static void gather(const struct zone_entry *z, const char *backup,
    struct ledger *ledger, struct serial_facts *f, struct signconf *sc)
{
	struct zone_row row;
	struct backup2 b;
	struct why why;

	memset(f, 0, sizeof(*f));
	if (ledger_zone_get(ledger, z->name, &row, NULL) == 0 && row.ever) {
		f->published = true;
		f->last = row.serial;
	}
	f->present = access(backup, F_OK) == 0;
	f->sound = f->present && backup2_load(backup, &b, &why) == 0;
	f->outbound = f->sound ? b.outbound : 0;
	f->internal = f->sound ? b.internal : 0;
	f->mode = sc->serial_mode;
	/* Without a signconf the backup2's keys are all there is. */
	f->keys_match = signconf_load(z->signconf, sc, NULL) < 0 ||
	                (f->sound && backup2_keys_match(&b, sc));
}

static void prepare_zone(
    const struct zone_entry *z, const char *backup, struct ledger *ledger)
{
	struct serial_facts f;
	struct signconf sc = {.serial_mode = ""};
	char note[32];
	struct why why;

	gather(z, backup, ledger, &f, &sc);
	snprintf(note, sizeof(note), "serial %" PRIu32, f.last + 1);
	switch (serial_decide(&f)) {
	case SERIAL_NOTHING:
	case SERIAL_LEAVE:
		return;
	case SERIAL_EDIT:
		log_notice("zone %s: backup2 says serial %" PRIu32
		           ", the last one was %" PRIu32 ": corrected",
		    z->name, f.outbound, f.last);
		if (backup2_set_serial(backup, f.last, &why) == 0) {
			note_put(ledger, z->name, "sign");
			return;
		}
		log_err("%s", why.text);
		note_put(ledger, z->name, note);
		return;
	case SERIAL_DISCARD:
		discard(backup);
		note_put(ledger, z->name, note);
		return;
	case SERIAL_FORCE:
		note_put(ledger, z->name, note);
		return;
	}
}

/* signed/ZONE is what the world has: a file left by an earlier term would be
 * taken for a candidate, and a recovery writes none (O 3.2). */
static void restore_signed(
    const struct conf *conf, const char *state_dir, const struct zone_entry *z)
{
	char published[PATH_MAX], tmp[PATH_MAX];
	struct stat a, b;
	struct why why;

	if (!z->output[0] ||
	    zone_published_path(
	        conf, state_dir, z, published, sizeof(published)) < 0 ||
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
	if (file_copy(published, tmp, &why) < 0 || rename(tmp, z->output) < 0)
		log_err("cannot make %s what is served", z->output);
}

int serials_prepare(const struct conf *conf, const char *state_dir,
    struct ledger *ledger, struct why *why)
{
	char backup[PATH_MAX], flat[256];
	struct zone_list list;
	size_t i;
	int rc = zones_load(conf->zones_file, &list, why);

	if (rc < 0)
		return rc;
	for (i = 0; i < list.count; i++) {
		const struct zone_entry *z = &list.zone[i];

		if (zone_mkdirs(z, why) < 0)
			log_err("%s", why->text);
		zone_flat_name(z->name, flat, sizeof(flat));
		if (snprintf(backup, sizeof(backup), "%s/%s.backup2",
		        conf->signer_dir, flat) >= (int)sizeof(backup))
			continue;
		prepare_zone(z, backup, ledger);
		restore_signed(conf, state_dir, z);
	}
	zones_free(&list);
	return 0;
}

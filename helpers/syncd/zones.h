/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ZONES_H
#define ODS_ZONES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "conf.h"
#include "why.h"

/* The enforcer's zones.xml: the only zone list that the signer reads
 * (OpenDNSSEC conf/zonelist.rnc). */

struct zone_entry {
	char name[256];
	const char *policy; /* "" when it is not said */
	const char *signconf;
	const char *input;  /* path of a File adapter, "" for DNS */
	const char *output; /* the same, "" for DNS: ungated */
	char *texts;        /* where these lie; of the list */
};

struct zone_list {
	size_t count;
	struct zone_entry *zone; /* sorted by name */
};

/* A missing file is an empty list. */
int zones_load(const char *path, struct zone_list *list, struct why *why);

/* The pure part: the LEN bytes at TEXT are what PATH holds. */
int zones_parse(const char *path, const char *text, size_t len,
    struct zone_list *list, struct why *why);
void zones_free(struct zone_list *list);

/* One with texts of its own, TO->texts for the caller to free. */
int zone_entry_copy(const struct zone_entry *from, struct zone_entry *to);
const struct zone_entry *zones_find(
    const struct zone_list *list, const char *name);

/* The file name that the signer makes of a zone name for backup2 and tmp:
 * '/' and ' ' become '-' (O 11.8), so that two zones can collide. */
void zone_flat_name(const char *zone, char *buf, size_t size);

/* The signer's memory of ZONE; -ENAMETOOLONG. */
int zone_backup2_path(const struct conf *conf, const struct zone_entry *zone,
    char *buf, size_t size);

/* Path of the output adapter's file relative to signed/, and the same below
 * state_dir/published and state_dir/pending.  -EINVAL for DNS output or a
 * path that leaves signed/. */
int zone_relative_path(const struct conf *conf, const struct zone_entry *zone,
    char *buf, size_t size);
int zone_published_path(const struct conf *conf, const char *state_dir,
    const struct zone_entry *zone, char *buf, size_t size);
int zone_pending_path(const struct conf *conf, const char *state_dir,
    const struct zone_entry *zone, char *buf, size_t size);

/* Make the directories that a zone name with a slash asks for below
 * signed/, unsigned/ and signconf/: nobody else does. */
int zone_mkdirs(const struct zone_entry *zone, struct why *why);

#endif

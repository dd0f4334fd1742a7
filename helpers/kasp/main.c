/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
/* ods-kasp count FILE		"count ZONES KEYS"
 * ods-kasp rollback FILE	"rolled back"
 * ods-kasp unbacked FILE	"unbacked N", and of each key in use that waits
 *				for a backup REPOSITORY LOCATOR ROLE STATE
 *				(required, requested)
 * ods-kasp keys FILE		all keys, for ods-hsm-probe (keyrecord.h)
 * ods-kasp ds FILE		"zone NAME", and below it "ds ALG TAG" of each
 *				DS that is in use, " everywhere" behind it when
 *				it is omnipresent
 *
 * ods-kasp check FILE		"sound", or "damaged SENTENCE"
 *
 * For ods-syncd, which never opens kasp.db through SQLite itself: any close of
 * a descriptor of it would drop the locks of all others of that process.  It
 * kills us at a deadline of its own.  Anything else than that, or another exit
 * status than 0, is a failure with its sentence on stderr. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "kaspdb.h"
#include "log.h"

#define ZONE_NAME_MAX 1024

static int count(const char *file, struct why *why)
{
	long zones, hsm_keys;
	int rc = kaspdb_count(file, &zones, &hsm_keys, why);

	if (rc == 0)
		printf("count %ld %ld\n", zones, hsm_keys);
	return rc;
}

static int rollback(const char *file, struct why *why)
{
	int rc = kaspdb_rollback(file, why);

	if (rc == 0)
		printf("rolled back\n");
	return rc;
}

struct text {
	FILE *out;
	long keys;
};

static void unbacked_row(const struct kaspdb_key *key, void *arg)
{
	struct text *t = arg;

	t->keys++;
	fprintf(t->out, "%s %s %s %s\n", key->record.repository,
	    key->record.locator, key->role, key->backup);
}

/* How many comes first: a reader may not want them all. */
static int unbacked(const char *file, struct why *why)
{
	CLEANUP_FREE char *rows = NULL;
	size_t size;
	struct text t = {.out = open_memstream(&rows, &size)};
	int rc;

	if (!t.out)
		return why_set(why, -ENOMEM, "out of memory");
	rc = kaspdb_unbacked(file, unbacked_row, &t, why);
	if (fclose(t.out) != 0)
		return why_set(why, -ENOMEM, "out of memory");
	if (rc == 0)
		printf("unbacked %ld\n%s", t.keys, rows);
	return rc;
}

static void keys_row(const struct kaspdb_key *key, void *arg)
{
	char line[KEYRECORD_LINE_MAX];

	(void)arg;
	if (keyrecord_encode(&key->record, line, sizeof(line)) > 0)
		printf("%s\n", line);
}

static int keys(const char *file, struct why *why)
{
	return kaspdb_keys(file, keys_row, NULL, why);
}

static void ds_row(
    const char *zone, int algorithm, int tag, bool everywhere, void *arg)
{
	char *before = arg;

	if (strcmp(before, zone) != 0)
		printf("zone %s\n", zone);
	snprintf(before, ZONE_NAME_MAX, "%s", zone);
	if (algorithm)
		printf("ds %d %d%s\n", algorithm, tag,
		    everywhere ? " everywhere" : "");
}

static int ds(const char *file, struct why *why)
{
	char before[ZONE_NAME_MAX] = "";

	return kaspdb_ds(file, ds_row, before, why);
}

static int check(const char *file, struct why *why)
{
	int rc = kaspdb_check(file, why);

	if (rc == 0)
		printf("sound\n");
	else if (rc == -EBADMSG)
		printf("damaged %s\n", why->text);
	return rc == -EBADMSG ? 0 : rc;
}

static const struct {
	const char *word;
	int (*run)(const char *file, struct why *why);
} commands[] = {
    {"count", count},
    {"rollback", rollback},
    {"unbacked", unbacked},
    {"keys", keys},
    {"ds", ds},
    {"check", check},
};

int main(int argc, char **argv)
{
	struct why why = {0};
	size_t i;

	log_open("ods-kasp");
	for (i = 0; argc == 3 && i < sizeof(commands) / sizeof(commands[0]);
	     i++) {
		if (strcmp(argv[1], commands[i].word) != 0)
			continue;
		if (kaspdb_become_owner(argv[2], &why) == 0 &&
		    commands[i].run(argv[2], &why) == 0 &&
		    fflush(stdout) == 0 && !ferror(stdout))
			return EXIT_SUCCESS;
		fprintf(stderr, "%s\n", why.text);
		return EXIT_FAILURE;
	}
	fprintf(stderr,
	    "usage: ods-kasp count|rollback|unbacked|keys|ds|check FILE\n");
	return 2;
}

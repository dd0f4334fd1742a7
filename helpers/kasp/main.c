/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
/* ods-kasp count FILE		"count ZONES KEYS"
 * ods-kasp rollback FILE	"rolled back"
 *
 * For ods-syncd, which never opens kasp.db through SQLite itself: any close of
 * a descriptor of it would drop the locks of all others of that process.  It
 * kills us at a deadline of its own.  Anything else than that line, or another
 * exit status than 0, is a failure with its sentence on stderr. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kaspdb.h"

static int count(const char *file, struct why *why)
{
	long zones, keys;
	int rc = kaspdb_count(file, &zones, &keys, why);

	if (rc == 0)
		printf("count %ld %ld\n", zones, keys);
	return rc;
}

static int rollback(const char *file, struct why *why)
{
	int rc = kaspdb_rollback(file, why);

	if (rc == 0)
		printf("rolled back\n");
	return rc;
}

static const struct {
	const char *word;
	int (*run)(const char *file, struct why *why);
} commands[] = {
    {"count", count},
    {"rollback", rollback},
};

int main(int argc, char **argv)
{
	struct why why = {0};
	size_t i;

	for (i = 0; argc == 3 && i < sizeof(commands) / sizeof(commands[0]);
	     i++) {
		if (strcmp(argv[1], commands[i].word) != 0)
			continue;
		if (kaspdb_become_owner(argv[2], &why) == 0 &&
		    commands[i].run(argv[2], &why) == 0 && fflush(stdout) == 0)
			return EXIT_SUCCESS;
		fprintf(stderr, "%s\n", why.text);
		return EXIT_FAILURE;
	}
	fprintf(stderr, "usage: ods-kasp count|rollback FILE\n");
	return 2;
}

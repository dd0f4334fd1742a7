/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-soa: which serials do the servers of these zones serve?  stdin has a
 * line "ZONE SERVER..." for each, SERVER being a name or an address; this host
 * is asked for all of them.  stdout gets "ZONE SERIAL ADDRESS" for each
 * answer, as it comes: whoever started it has the deadline. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asking.h"
#include "nobody.h"

static const char *const here[] = {"127.0.0.1", "::1"};

int main(void)
{
	char *line = NULL, *word, *rest;
	struct asking *a = asking_new();
	size_t room = 0, i;
	int rc;

	if (!a || nobody_become() < 0) {
		fprintf(stderr, "ods-soa cannot begin\n");
		return 1;
	}
	while (getline(&line, &room, stdin) > 0) {
		char *zone = strtok_r(line, " \n", &rest);

		for (i = 0; zone && i < sizeof(here) / sizeof(here[0]); i++)
			asking_add(a, zone, here[i]);
		while (zone && (word = strtok_r(NULL, " \n", &rest)))
			asking_add(a, zone, word);
	}
	rc = asking_run(a, stdout);
	asking_free(a);
	free(line);
	return rc < 0;
}

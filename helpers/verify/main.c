/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-verify ORIGIN [-] [--served FD [--served-digest HEX]] [--unsigned FD]
 *     [--facts FD] <zonefile
 *
 * Judge the zone file on standard input, unprivileged.  Each FD is open
 * already.  The first line is the verdict:
 *
 *	ok serial=N names=N rrs=N rrsigs=N earliest_expiry=EPOCH signed=0|1
 *	    denial=nsec|nsec3|none
 *	refused line N: SENTENCE
 *	error SENTENCE
 *
 * Exit code 0, 1 or 3 (hard or soft), and 2 for the last, which says nothing
 * about the zone.  docs/verify.md has the lines that follow. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnskey.h"
#include "sandbox.h"
#include "verify.h"

#define FACTS_MAX 65536
#define FD_MAX 1023

static int error(const char *text)
{
	printf("error %s\n", text);
	return VERIFY_ERROR;
}

static int usage(void)
{
	fputs("usage: ods-verify ORIGIN [-] [--served FD] "
	      "[--served-digest HEX] [--unsigned FD] [--facts FD] <zonefile\n",
	    stderr);
	return VERIFY_ERROR;
}

/* A file of an open descriptor, by its number. */
static FILE *file_of(const char *text)
{
	char *end;
	long fd = strtol(text, &end, 10);

	return *end || end == text || fd < 3 || fd > FD_MAX
	           ? NULL
	           : fdopen((int)fd, "r");
}

static bool facts_read(FILE *in, char *text)
{
	size_t len = in ? fread(text, 1, FACTS_MAX, in) : 0;

	text[len] = '\0';
	return !in || (len < FACTS_MAX && !ferror(in) && !strchr(text, '\r') &&
	                  strlen(text) == len);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"served", required_argument, NULL, 's'},
	    {"served-digest", required_argument, NULL, 'd'},
	    {"unsigned", required_argument, NULL, 'u'},
	    {"facts", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	static char facts[FACTS_MAX + 1];
	struct verify_input in = {.zone = stdin, .facts = facts};
	FILE *facts_file = NULL, **file;
	struct why why = {0};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		file = c == 's'   ? &in.served
		       : c == 'u' ? &in.unsigned_zone
		       : c == 'f' ? &facts_file
		                  : NULL;
		if (file)
			*file = file_of(optarg);
		else if (c == 'd')
			in.served_digest = optarg;
		if ((file && !*file) || c == '?')
			return usage();
	}
	if (argc - optind < 1 || argc - optind > 2 ||
	    (argc - optind == 2 && strcmp(argv[optind + 1], "-") != 0))
		return usage();
	in.origin = argv[optind];
	dnskey_warm_up();
	if (sandbox_enter(&why) < 0)
		return error(why.text);
	if (!facts_read(facts_file, facts))
		return error("the facts cannot be read");
	return (int)verify_run(&in, stdout);
}

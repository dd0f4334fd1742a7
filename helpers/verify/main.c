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
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dnskey.h"
#include "sandbox.h"
#include "verify.h"

#define FACTS_MAX 65536
#define FD_MAX 1048575

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

/* What the options say; -1: nothing. */
struct fds {
	int served, unsigned_zone, facts;
};

/* The number of an open descriptor; -1 when it is none. */
static int fd_of(const char *text)
{
	char *end;
	long fd = strtol(text, &end, 10);

	return *end || end == text || fd < 3 || fd > FD_MAX ||
	               fcntl((int)fd, F_GETFD) < 0
	           ? -1
	           : (int)fd;
}

/* They stay open to the end. */
static FILE *stream(int fd)
{
	return fd < 0 ? NULL : fdopen(fd, "r");
}

static bool facts_read(FILE *in, char *text)
{
	size_t len = in ? fread(text, 1, FACTS_MAX, in) : 0;

	text[len] = '\0';
	return !in || (len < FACTS_MAX && !ferror(in) && !strchr(text, '\r') &&
	                  strlen(text) == len);
}

static bool options_read(
    int argc, char **argv, struct fds *fds, struct verify_input *in)
{
	static const struct option options[] = {
	    {"served", required_argument, NULL, 's'},
	    {"served-digest", required_argument, NULL, 'd'},
	    {"unsigned", required_argument, NULL, 'u'},
	    {"facts", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		int *fd = option == 's'   ? &fds->served
		          : option == 'u' ? &fds->unsigned_zone
		          : option == 'f' ? &fds->facts
		                          : NULL;

		if (option == '?')
			return false;
		if (option == 'd')
			in->served_digest = optarg;
		if (fd && (*fd = fd_of(optarg)) < 0)
			return false;
	}
	in->origin = argv[optind];
	return argc - optind == 1 ||
	       (argc - optind == 2 && strcmp(argv[optind + 1], "-") == 0);
}

int main(int argc, char **argv)
{
	static char facts[FACTS_MAX + 1];
	struct verify_input in = {.zone = stdin, .facts = facts};
	struct fds fds = {-1, -1, -1};
	struct why why = {0};
	FILE *facts_file;

	if (!options_read(argc, argv, &fds, &in))
		return usage();
	in.served = stream(fds.served);
	in.unsigned_zone = stream(fds.unsigned_zone);
	facts_file = stream(fds.facts);
	dnskey_warm_up();
	if (sandbox_enter(&why) < 0)
		return error(why.text);
	if (!facts_read(facts_file, facts))
		return error("the facts cannot be read");
	return (int)verify_run(&in, stdout);
}

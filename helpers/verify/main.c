/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-verify ORIGIN [-]: judge the zone file on standard input, unprivileged.
 * One line of verdict:
 *
 *	ok serial=N names=N rrs=N rrsigs=N earliest_expiry=EPOCH signed=0|1
 *	    denial=nsec|nsec3|none
 *	refused line N: SENTENCE
 *	error SENTENCE
 *
 * Exit code 0, 1, and 2 for the last, which says nothing about the zone. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "judge.h"
#include "sandbox.h"

static int error(const char *text)
{
	printf("error %s\n", text);
	return 2;
}

int main(int argc, char **argv)
{
	struct judge_facts f;
	struct why why = {0};
	int rc;

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "-") != 0) ||
	    argv[1][0] == '-') {
		fputs("usage: ods-verify ORIGIN [-] <zonefile\n", stderr);
		return 2;
	}
	if (sandbox_enter(&why) < 0)
		return error(why.text);
	rc = judge_file(stdin, argv[1], time(NULL), &f, &why);
	if (rc == -EBADMSG || rc == -EFBIG) {
		printf("refused %s\n", why.text);
		return 1;
	}
	if (rc < 0)
		return error(why.text);
	printf("ok serial=%" PRIu32 " names=%ld rrs=%ld rrsigs=%ld "
	       "earliest_expiry=%" PRId64 " signed=%d denial=%s\n",
	    f.serial, f.names, f.rrs, f.rrsigs, f.earliest_expiry, f.is_signed,
	    f.denial);
	return 0;
}

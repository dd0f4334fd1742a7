/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_RUNFILE_H
#define TEST_RUNFILE_H

#include <errno.h>
#include <stdio.h>

/* helpers/syncd/claimfile.c: /run of the node CURRENT outlives a worker, and
 * not the machine. */

int claimfile_read(const char *res, char text[CLAIM_TEXT])
{
	(void)res;
	snprintf(text, CLAIM_TEXT, "%s", current->claim);
	return text[0] ? 0 : -ENOENT;
}

int claimfile_write(const char *res, const char *text, struct why *why)
{
	(void)res, (void)why;
	snprintf(current->claim, CLAIM_TEXT, "%s", text);
	return 0;
}

void claimfile_remove(const char *res)
{
	(void)res;
	current->claim[0] = '\0';
}

#endif

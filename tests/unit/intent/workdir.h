/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_WORKDIR_H
#define TEST_WORKDIR_H

/* A directory below /tmp that is state_dir and OpenDNSSEC's own at once: a
 * ledger, zones.xml, signed/.  For tests of what becomes of zone versions. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "conf.h"
#include "file.h"
#include "ledger.h"

static char dir[64];
static struct conf conf;
static struct ledger *ledger;

static inline const char *at(const char *name)
{
	static char path[4][PATH_MAX];
	static int turn;
	char *p = path[turn++ % 4];

	snprintf(p, PATH_MAX, "%s/%s", dir, name);
	return p;
}

static inline void put(const char *name, const char *text)
{
	assert_int_equal(file_mkdirs_for(at(name), 0755, NULL), 0);
	assert_int_equal(
	    file_replace(at(name), text, strlen(text), 0644, false, NULL), 0);
}

static inline int workdir_make(void)
{
	snprintf(dir, sizeof(dir), "/tmp/ods-workdir.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(conf.signer_dir, sizeof(conf.signer_dir), "%s", dir);
	snprintf(conf.signed_dir, sizeof(conf.signed_dir), "%s", at("signed"));
	snprintf(
	    conf.zones_file, sizeof(conf.zones_file), "%s", at("zones.xml"));
	return ledger_open(dir, &ledger, NULL);
}

static int workdir_unlink(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline int workdir_end(void)
{
	ledger_close(ledger);
	return nftw(dir, workdir_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

#endif

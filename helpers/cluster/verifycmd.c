/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "resource.h"
#include "view.h"

#define SYNCD ODS_LIBEXECDIR "/ods-syncd"

/* ods-syncd has the ledger and the zones; its exit codes are those of
 * view.h. */
int verify_run(const struct typed *typed)
{
	char conf[PATH_MAX + 16], dir[300], zone[300];
	struct resource r;
	struct why why = {0};
	int rc = resource_find(typed->resource, &r, &why);

	if (rc == -ENOTUNIQ) {
		fprintf(stderr, "ods-cluster: %s\n", why.text);
		return VIEW_UNKNOWN;
	}
	snprintf(conf, sizeof(conf), "--conf=%s", r.conf);
	snprintf(dir, sizeof(dir), "--state-dir=%s", r.state_dir);
	snprintf(zone, sizeof(zone), "--verify=%s",
	    typed->word[0] ? typed->word[0] : "");
	if (zone[strlen(zone) - 1] == '.')
		zone[strlen(zone) - 1] = '\0';
	execl(SYNCD, "ods-syncd", "--resource=verify", conf, dir, zone, NULL);
	fprintf(
	    stderr, "ods-cluster: cannot run %s: %s\n", SYNCD, strerror(errno));
	return VIEW_UNKNOWN;
}

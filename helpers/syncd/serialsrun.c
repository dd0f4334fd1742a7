/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "serialsrun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "file.h"
#include "intent.h"
#include "ledger.h"
#include "standby.h"
#include "zones.h"

struct run {
	const char *state_dir;
	struct conf conf;
	struct zone_list list;
	struct ledger *ledger;
};

static int print_row(const struct zone_row *row, void *arg)
{
	const struct run *r = arg;
	const struct zone_entry *z = zones_find(&r->list, row->zone);

	printf("    %s: ", row->zone);
	if (row->served_digest[0])
		printf("serial %" PRIu32 " was published", row->served_serial);
	else
		printf("nothing was published");
	if (row->ever && row->state == ZONE_INTENT)
		printf(", serial %" PRIu32 " was on its way out%s", row->serial,
		    z && intent_is_here(&r->conf, r->state_dir, z, row, NULL)
		        ? ""
		        : ", its file is not here");
	putchar('\n');
	return 0;
}

int serialsrun(const char *conf_file, const char *state_dir)
{
	struct run r = {.state_dir = state_dir};
	struct why why = {0};
	int rc = ledger_is_here(state_dir, &why);

	if (rc == 0)
		rc = conf_load(conf_file, &r.conf, &why);
	if (rc == 0)
		rc = standby_zones_load(&r.conf, &r.list, &why);
	if (rc == 0)
		rc = ledger_open(state_dir, &r.ledger, &why);
	if (rc == 0)
		rc = ledger_zone_each(r.ledger, print_row, &r, &why);
	if (rc < 0)
		fprintf(stderr, "%s\n", why.text);
	zones_free(&r.list);
	ledger_close(r.ledger);
	conf_free(&r.conf);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "order.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "enforce.h"
#include "ledger.h"
#include "log.h"
#include "outgoing.h"

/* NOTE: the word of zonepast.h that the row keeps; NULL = none. */
static const struct {
	const char *word, *what, *note;
} orders[] = {
    [ORDER_PUBLISH] = {"publish", "", NULL},
    [ORDER_INSECURE] = {"ack", "insecure", "ack insecure"},
    [ORDER_HOLD] = {"ack", "hold", NULL}, /* order_hold() */
    [ORDER_RESET] = {"serial", "", "reset"},
};

int order_parse(
    const char *word, const char *what, const char *zone, struct order *order)
{
	size_t i;

	if (!zone[0] || strlen(zone) >= sizeof(order->zone))
		return -EINVAL;
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (strcmp(orders[i].word, word) != 0 ||
		    strcmp(orders[i].what, what) != 0)
			continue;
		order->kind = (enum order_kind)i;
		snprintf(order->zone, sizeof(order->zone), "%s", zone);
		return 0;
	}
	return -EINVAL;
}

int order_check(struct ledger *l, const struct order *order, struct why *why)
{
	struct zone_row row;
	int rc = ledger_zone_get(l, order->zone, &row, why);

	if (rc == -ENOENT && order->kind == ORDER_PUBLISH)
		return 0;
	if (rc == -ENOENT)
		why_set(why, rc, "no version of zone %s was ever published",
		    order->zone);
	return rc;
}

static int keep(struct ledger *l, const struct order *order, struct why *why)
{
	struct zone_row row;
	char line[64];
	int rc = ledger_zone_get(l, order->zone, &row, why);

	if (rc < 0)
		return rc;
	snprintf(line, sizeof(line), "%s %" PRId64, orders[order->kind].note,
	    (int64_t)time(NULL));
	rc = zonepast_note(row.past, line);
	return rc < 0 ? why_set(why, rc, "the row of %s is full", order->zone)
	              : ledger_zone_put(l, &row, why);
}

int order_hold(struct ledger *l, const char *zone, struct why *why)
{
	int rc = ledger_begin(l, why);

	if (rc < 0)
		return rc;
	rc = enforce_acked(l, zone, why);
	if (rc < 0) {
		ledger_rollback(l);
		return rc;
	}
	log_notice("zone %s: typed: ack hold", zone);
	return ledger_commit(l, why);
}

void order_carry_out(struct outgoing *o, const struct order *order)
{
	struct pub_zone *z = outgoing_find(o, order->zone);
	struct why why;

	log_notice("zone %s: typed: %s %s", order->zone,
	    orders[order->kind].word, orders[order->kind].what);
	if (orders[order->kind].note && keep(o->ledger, order, &why) < 0) {
		log_err("%s", why.text);
		return;
	}
	if (!z || !z->trouble[0])
		return;
	z->forced = order->kind == ORDER_PUBLISH;
	z->forced_file = order->file;
	z->settled = false; /* it may go out now */
	z->retry_ms = 0;
}

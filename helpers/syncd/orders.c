/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "orders.h"

#include <errno.h>

#include "outgoing.h"
#include "takes.h"

void orders_init(struct orders *l)
{
	pthread_mutex_init(&l->lock, NULL);
}

void orders_free(struct orders *l)
{
	pthread_mutex_destroy(&l->lock);
}

int orders_put(struct orders *l, const struct order *order)
{
	int rc = -EBUSY;

	pthread_mutex_lock(&l->lock);
	if (l->count < ORDERS_MAX) {
		l->order[l->count++] = *order;
		rc = 0;
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

/* It is typed for what is there now, also where it has to wait. */
static void stamp(const struct outgoing *o, struct order *order)
{
	const struct pub_zone *z = outgoing_find(o, order->zone);

	if (order->stamped || !z)
		return;
	order->stamped = true;
	order->file = z->now;
}

void orders_carry_out(struct orders *l, struct outgoing *o, struct takes *takes)
{
	struct order order[ORDERS_MAX];
	int i, count = 0, kept = 0;

	pthread_mutex_lock(&l->lock);
	for (i = 0; i < l->count; i++) {
		stamp(o, &l->order[i]);
		if (takes_has(takes, l->order[i].zone))
			l->order[kept++] = l->order[i];
		else
			order[count++] = l->order[i];
	}
	l->count = kept;
	pthread_mutex_unlock(&l->lock);
	for (i = 0; i < count; i++)
		order_carry_out(o, &order[i]);
}

bool orders_are_due(struct orders *l, struct takes *takes)
{
	bool due = false;
	int i;

	pthread_mutex_lock(&l->lock);
	for (i = 0; !due && i < l->count; i++)
		due = !takes_has(takes, l->order[i].zone);
	pthread_mutex_unlock(&l->lock);
	return due;
}

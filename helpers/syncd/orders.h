/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ORDERS_H
#define ODS_ORDERS_H

#include <pthread.h>
#include <stdbool.h>
#include "order.h"

/* What was typed, on its way from the control thread to the publisher's. */

struct takes;

#define ORDERS_MAX 8

struct orders {
	pthread_mutex_t lock;
	struct order order[ORDERS_MAX];
	int count;
};

void orders_init(struct orders *l);
void orders_free(struct orders *l);

/* -EBUSY: too much at once. */
int orders_put(struct orders *l, const struct order *order);

/* Carry out what was typed since; of a zone at work once it is done: its row is
 * in use. */
void orders_carry_out(
    struct orders *l, struct outgoing *o, struct takes *takes);

/* One of them could be carried out now. */
bool orders_are_due(struct orders *l, struct takes *takes);

#endif

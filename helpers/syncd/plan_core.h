/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PLAN_CORE_H
#define ODS_PLAN_CORE_H

#include "plan.h"

/* What plan.c and plan_loss.c share. */

struct plan plan_say(enum plan_verdict verdict, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const struct plan_node *plan_present_source(const struct plan_facts *f);
struct plan plan_daemons_run(const char *name);
struct plan property_not_read(void);

/* plan_loss.c: the gates of a node for which a loss was accepted, in place of
 * custody and of the former source. */
struct plan plan_loss_gate(const struct plan_facts *f);
struct plan plan_loss_go(const struct plan_facts *f);

#endif

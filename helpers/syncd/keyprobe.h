/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_KEYPROBE_H
#define ODS_KEYPROBE_H

#include <stdbool.h>

#include "deadline.h"
#include "keyview.h"
#include "why.h"

/* Runs ods-hsm-probe on the keys of a view.  Blocks: the caller's thread must
 * outlive it, since the probe ends with that thread. */

struct keyprobe {
	const char *conf;
	char *const *env; /* of the daemons (envfile.h): a module may need it */
	bool prove;       /* only keys that are due (keyview_due()) */
	int rate;         /* signatures a second */
	struct deadline deadline;
	const volatile bool *cancel; /* becomes true: end now; may be NULL */
};

/* 0 when it has run, whatever it found, or when no key is due.  -ETIMEDOUT when
 * it was ended, and what it had said by then is in VIEW; -EPROTO when it said
 * something that is none of its lines; else a negative errno with what conf.xml
 * or the list lacks. */
int keyprobe_run(
    const struct keyprobe *probe, struct keyview *view, struct why *why);

#endif

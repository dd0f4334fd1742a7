/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CRMTOOL_H
#define ODS_CRMTOOL_H

#include <stdbool.h>
#include <stddef.h>
#include "deadline.h"
#include "fencings.h"
#include "why.h"

/* Pacemaker's command line tools: attrd_updater, crm_attribute and
 * stonith_admin are its only interface that is the same in 2.1 and 3.0.  Each
 * call is one process (10 to 20 ms), so it is made on change only, and each
 * has a deadline.
 *
 * Every function returns 0 or a negative errno with a sentence: -ENOENT when
 * the tool is not installed, -ENOTCONN when Pacemaker does not run here,
 * -ETIMEDOUT at the deadline, -EIO for any other failure.  No caller may treat
 * a failed write as fatal. */

/* Transient attributes of this node.  The daemon keeps them; a deleted one
 * reads as not set. */
int crmtool_attr_set(const char *name, const char *value,
    struct deadline deadline, struct why *why);
int crmtool_attr_delete(
    const char *name, struct deadline deadline, struct why *why);

/* The value for NODE (NULL = this node); -ENODATA when it is not set. */
int crmtool_attr_get(const char *name, const char *node, char *buf, size_t size,
    struct deadline deadline, struct why *why);

/* An attribute with a memory, so that a caller can say what it wants as often
 * as it likes: the tool runs only when VALUE is not the one last written.
 * Pacemaker forgets transient attributes when a node leaves; after each change
 * of the membership call crmtool_attr_forget(). */
struct crmtool_attr {
	char name[96];
	char last[512];
	bool known;
};

int crmtool_attr_change(struct crmtool_attr *attr, const char *value,
    struct deadline deadline, struct why *why);
void crmtool_attr_forget(struct crmtool_attr *attr);

/* Promotion score of RESOURCE (the clone's primitive) on this node, until
 * reboot.  SCORE is a number or "-INFINITY". */
int crmtool_score_set(const char *resource, const char *score,
    struct deadline deadline, struct why *why);
int crmtool_score_delete(
    const char *resource, struct deadline deadline, struct why *why);

/* As the scheduler sees it (from the CIB); -ENODATA when it is not set. */
int crmtool_score_get(const char *resource, char *buf, size_t size,
    struct deadline deadline, struct why *why);

/* Cluster property NAME in the property set SET (NULL: in any).  -ENODATA
 * when it is not set. */
int crmtool_property_set(const char *set, const char *name, const char *value,
    struct deadline deadline, struct why *why);
int crmtool_property_get(const char *set, const char *name, char *buf,
    size_t size, struct deadline deadline, struct why *why);

/* Does the cluster fence?  Pacemaker's default is yes. */
int crmtool_fencing_enabled(
    bool *enabled, struct deadline deadline, struct why *why);

/* What the fencing history says about one node.  Compare its successes with an
 * earlier reading. */
struct crmtool_fencing {
	struct fencings successes; /* off, reboot; never "on" (unfencing) */
	char completed[48];        /* of the one that Pacemaker lists first */
	char delegate[64]; /* who did it; "a human" for a confirmation */
	bool pending;      /* one is going on */
};

int crmtool_fencing_history(const char *node, struct crmtool_fencing *fencing,
    struct deadline deadline, struct why *why);

/* The pure parts.  query: the text of attrd_updater -Q;
 * history: the XML of stonith_admin --history NODE --verbose.  (Without
 * --verbose 2.1.5 shows the oldest success only.) -EPROTO when the document is
 * cut or is none. */
int crmtool_parse_query(
    const char *text, const char *node, char *buf, size_t size);
int crmtool_parse_history(
    const char *xml, const char *node, struct crmtool_fencing *fencing);
bool crmtool_parse_bool(const char *text, bool *value);

#endif

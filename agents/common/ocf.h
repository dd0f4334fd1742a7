/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_OCF_H
#define ODS_OCF_H

#include <stdbool.h>
#include <crm/common/results.h> /* PCMK_OCF_* */
#include "deadline.h"
#include "why.h"

/* What Pacemaker tells an agent (OCF 1.1 resource-agent-api.md, environment;
 * the CRM_meta names are Pacemaker's own, lib/services). */
const char *ocf_instance(void);         /* OCF_RESOURCE_INSTANCE without ":N" */
int ocf_check_level(void);              /* OCF_CHECK_LEVEL, 0 when unset */
const char *ocf_meta(const char *name); /* OCF_RESKEY_CRM_meta_NAME or NULL */

/* A monitor without an interval is a probe. */
bool ocf_is_probe(const char *action);

/* 90 % of the operation timeout; FALLBACK_MS * 0.9 when Pacemaker sets none
 * (it kills with SIGKILL and no warning, so an agent ends itself before). */
struct deadline ocf_deadline(int fallback_ms);

/* Print "ocf-exit-reason:TEXT" on stderr, at most 128 bytes of text, and log
 * it.  The last one wins in Pacemaker. */
void ocf_exit_reason(const char *text);

/* The one place where an errno becomes an OCF code:
 *   -ENOENT, -ENOEXEC  5 not installed      -EINVAL, -ERANGE  6 not configured
 *   -EACCES, -EPERM    4 permission         anything else     1 generic */
int ocf_code(const struct why *why);

#endif

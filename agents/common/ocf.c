/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ocf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Pacemaker 2.1 cuts exit reasons at 128 bytes (services_linux.c). */
#define EXIT_REASON_MAX 128

const char *ocf_instance(void)
{
	static char name[256];
	const char *env = getenv("OCF_RESOURCE_INSTANCE");
	char *colon;

	snprintf(name, sizeof(name), "%s", env && *env ? env : "default");
	colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	return name;
}

int ocf_check_level(void)
{
	const char *env = getenv("OCF_CHECK_LEVEL");

	return env ? (int)strtol(env, NULL, 10) : 0;
}

const char *ocf_meta(const char *name)
{
	char var[128];

	snprintf(var, sizeof(var), "OCF_RESKEY_CRM_meta_%s", name);
	return getenv(var);
}

bool ocf_is_probe(const char *action)
{
	const char *interval = ocf_meta("interval");

	return strcmp(action, "monitor") == 0 &&
	       (!interval || strtol(interval, NULL, 10) == 0);
}

struct deadline ocf_deadline(int fallback_ms)
{
	const char *timeout = ocf_meta("timeout");
	long ms = timeout ? strtol(timeout, NULL, 10) : 0;

	if (ms <= 0)
		ms = fallback_ms;
	return deadline_in_ms(ms - ms / 10);
}

void ocf_exit_reason(const char *text)
{
	const char *prefix = getenv("OCF_EXIT_REASON_PREFIX");
	size_t len = strlen(text);
	size_t keep = len < EXIT_REASON_MAX ? len : EXIT_REASON_MAX;

	while (keep < len && keep > 0 && (text[keep] & 0xC0) == 0x80)
		keep--; /* do not cut inside a UTF-8 character */
	fprintf(stderr, "%s%.*s\n",
	    prefix ? prefix : "ocf-exit-reason:", (int)keep, text);
	log_err("%s", text);
}

int ocf_code(const struct why *why)
{
	switch (-why->err) {
	case 0:
		return PCMK_OCF_OK;
	case ENOENT:
	case ENOEXEC:
		return PCMK_OCF_NOT_INSTALLED;
	case EINVAL:
	case ERANGE:
		return PCMK_OCF_NOT_CONFIGURED;
	case EACCES:
	case EPERM:
		return PCMK_OCF_INSUFFICIENT_PRIV;
	default:
		return PCMK_OCF_UNKNOWN_ERROR;
	}
}

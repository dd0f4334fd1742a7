/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"

#define DEADLINE_DEFAULT_MS 20000
#define DEADLINE_MAX_MS (24 * 60 * 60 * 1000) /* can be added to a clock */

void request_parse(char *text, struct request *r)
{
	size_t len = strcspn(text, "\n");

	r->word = text;
	r->args = text[len] ? text + len + 1 : "";
	text[len] = '\0';
}

int64_t request_deadline_ms(const char *args)
{
	char text[32];
	long ms = DEADLINE_DEFAULT_MS;

	if (client_value(args, "deadline_ms", text, sizeof(text)) == 0)
		ms = strtol(text, NULL, 10);
	if (ms <= 0)
		return DEADLINE_DEFAULT_MS;
	return ms < DEADLINE_MAX_MS ? ms : DEADLINE_MAX_MS;
}

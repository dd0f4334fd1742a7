/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"

#define DEADLINE_DEFAULT_MS 20000

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
	return ms > 0 ? ms : DEADLINE_DEFAULT_MS;
}

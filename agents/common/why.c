/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void why_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ')
			*text = ' ';
}

int why_set(struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (!why)
		return err;
	why->err = err;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	why_one_line(why->text);
	return err;
}

void why_prefix(struct why *why, const char *fmt, ...)
{
	char old[WHY_MAX];
	int len;
	va_list ap;

	if (!why)
		return;
	memcpy(old, why->text, sizeof(old));
	va_start(ap, fmt);
	len = vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof(why->text) - 3)
		return;
	snprintf(why->text + len, sizeof(why->text) - (size_t)len, ": %s", old);
	why_one_line(why->text);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VERIFY_SAID_H
#define ODS_VERIFY_SAID_H

/* Ask verify_run() about texts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file.h"
#include "verify.h"

struct question {
	const char *origin, *facts, *digest;
	char *zone, *served, *unsigned_zone;
	size_t len; /* of the zone; 0: all */
};

static inline char *load(const char *name)
{
	char path[4096], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
	return text;
}

static inline FILE *text_file(char *text, size_t len)
{
	if (!text)
		return NULL;
	return fmemopen(text, len ? len : strlen(text), "r");
}

/* The exit code, and what was said in SAID, the caller's to free. */
static inline int ask(const struct question *q, char **said)
{
	struct verify_input in = {.origin = q->origin,
	    .facts = q->facts ? q->facts : "",
	    .served_digest = q->digest};
	size_t size;
	FILE *out = open_memstream(said, &size);
	int code;

	in.zone = text_file(q->zone, q->len);
	in.served = text_file(q->served, 0);
	in.unsigned_zone = text_file(q->unsigned_zone, 0);
	code = (int)verify_run(&in, out);
	fclose(out);
	if (in.zone)
		fclose(in.zone);
	if (in.served)
		fclose(in.served);
	if (in.unsigned_zone)
		fclose(in.unsigned_zone);
	return code;
}

static inline void assert_said(
    const struct question *q, int code, const char *part)
{
	char *said;
	int rc = ask(q, &said);

	if (rc != code || !strstr(said, part))
		fail_msg(
		    "%d, not %d, or no \"%s\" in\n%s", rc, code, part, said);
	free(said);
}

/* TEXT with the first OLD replaced by NEW of any length. */
static inline char *replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *out = malloc(strlen(text) + strlen(new) + 1);

	assert_non_null(at);
	memcpy(out, text, (size_t)(at - text));
	strcpy(out + (at - text), new);
	strcat(out, at + strlen(old));
	return out;
}

#endif

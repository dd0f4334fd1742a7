/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_JSONOUT_H
#define ODS_JSONOUT_H

#include <stdint.h>
#include <stdio.h>
#include "view.h"

/* One JSON document, written as it goes (RFC 8259): keys inside objects,
 * none inside arrays (NULL).  A text that is not UTF-8 has its bad bytes
 * replaced by U+FFFD. */
struct json {
	FILE *out;
	bool comma; /* something stands before, at this level */
	int depth;
};

void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

/* The status for programs.  Keys are added, never changed, while "schema"
 * stays the same. */
void json_print(const struct view *view, const struct headline *h, FILE *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zoneline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where we are within an entry. */
struct lex {
	bool quoted;
	bool comment;
	bool escaped;
	int depth; /* of parentheses */
};

void zoneline_open(struct zoneline *z, FILE *in)
{
	memset(z, 0, sizeof(*z));
	z->in = in;
}

void zoneline_close(struct zoneline *z)
{
	free(z->text);
	z->text = NULL;
}

static int append(struct zoneline *z, int c)
{
	if (z->used >= ZONELINE_MAX)
		return -EFBIG;
	if (z->used + 2 > z->size) {
		size_t size = z->size ? z->size * 2 : 4096;
		char *bigger;

		bigger = realloc(z->text, size);
		if (!bigger)
			return -ENOMEM;
		z->text = bigger;
		z->size = size;
	}
	z->text[z->used++] = (char)c;
	z->text[z->used] = '\0';
	return 0;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t")] == '\0';
}

/* The end of a line; 1 when it ends an entry. */
static int line_end(struct zoneline *z, struct lex *lex, struct why *why)
{
	z->line_nr++;
	lex->comment = false;
	if (lex->quoted || lex->escaped)
		return why_set(why, -EBADMSG, "line %ld: ends inside %s",
		    z->line_nr, lex->quoted ? "quotes" : "an escape");
	if (lex->depth > 0)
		return append(z, ' ');
	if (z->used > 0 && !is_blank(z->text))
		return 1;
	z->used = 0;
	z->line = z->line_nr + 1;
	return 0;
}

static int character(
    struct zoneline *z, struct lex *lex, int c, struct why *why)
{
	if (c == '\0')
		return why_set(why, -EBADMSG, "line %ld: holds a zero byte",
		    z->line_nr + 1);
	if (lex->comment || (c == '\r' && !lex->quoted))
		return 0;
	if (lex->escaped || c == '\\') {
		lex->escaped = !lex->escaped;
	} else if (c == '"') {
		lex->quoted = !lex->quoted;
	} else if (!lex->quoted && c == ';') {
		lex->comment = true;
		return 0;
	} else if (!lex->quoted && (c == '(' || c == ')')) {
		lex->depth += c == '(' ? 1 : -1;
		if (lex->depth < 0)
			return why_set(why, -EBADMSG, "line %ld: ) without (",
			    z->line_nr + 1);
		c = ' ';
	}
	return append(z, c);
}

static int text_end(
    const struct zoneline *z, const struct lex *lex, bool bare, struct why *why)
{
	if (ferror(z->in))
		return why_set(why, -EIO, "the zone cannot be read");
	if (lex->depth > 0)
		return why_set(why, -EBADMSG,
		    "line %ld: the file ends inside parentheses", z->line);
	/* OpenDNSSEC ends each line; an entry that lost its end can still
	 * look like a whole one. */
	if (!bare)
		return why_set(why, -EBADMSG,
		    "line %ld: the file ends in the middle of the line",
		    z->line_nr + 1);
	return 0;
}

int zoneline_next(struct zoneline *z, struct why *why)
{
	struct lex lex = {0};
	bool bare = true; /* nothing since the last line end */
	int c, rc;

	z->used = 0;
	z->line = z->line_nr + 1;
	while ((c = getc_unlocked(z->in)) != EOF) {
		bare = c == '\n';
		rc = bare ? line_end(z, &lex, why) : character(z, &lex, c, why);
		if (rc == -EFBIG || rc == -ENOMEM)
			return why_set(
			    why, rc, "line %ld: entry too long", z->line);
		if (rc != 0)
			return rc;
	}
	return text_end(z, &lex, bare, why);
}

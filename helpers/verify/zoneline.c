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
	free(z->buffer);
	z->text = NULL;
	z->buffer = NULL;
}

/* More bytes into the buffer.  1, 0 at the end, -ENOMEM. */
static int fill(struct zoneline *z)
{
	if (!z->buffer)
		z->buffer = malloc(ZONELINE_BUFFER);
	if (!z->buffer)
		return -ENOMEM;
	z->at = 0;
	z->filled = fread(z->buffer, 1, ZONELINE_BUFFER, z->in);
	if (z->filled > 0 && z->seen)
		z->seen(z->seen_arg, z->buffer, z->filled);
	return z->filled > 0;
}

static int room_for(struct zoneline *z, size_t more)
{
	size_t size = z->size ? z->size : 4096;
	char *bigger;

	if (z->used + more > ZONELINE_MAX)
		return -EFBIG;
	while (size < z->used + more + 1)
		size *= 2;
	if (size == z->size)
		return 0;
	bigger = realloc(z->text, size);
	if (!bigger)
		return -ENOMEM;
	z->text = bigger;
	z->size = size;
	return 0;
}

static int append(struct zoneline *z, int c)
{
	int rc = room_for(z, 1);

	if (rc < 0)
		return rc;
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

/* Most lines are an entry each and have nothing to take out: the whole line
 * at once.  1 and the entry; 0 when it has to go character by character. */
static int plain(struct zoneline *z)
{
	static const char special[256] = {['\0'] = 1,
	    ['\r'] = 1,
	    [';'] = 1,
	    ['('] = 1,
	    [')'] = 1,
	    ['"'] = 1,
	    ['\\'] = 1};
	const char *from = z->buffer + z->at;
	const char *end = memchr(from, '\n', z->filled - z->at);
	const char *p;
	int rc;

	if (!end || from + strspn(from, " \t") >= end)
		return 0;
	for (p = from; p < end; p++)
		if (special[(unsigned char)*p])
			return 0;
	rc = room_for(z, (size_t)(end - from));
	if (rc < 0)
		return rc;
	memcpy(z->text, from, (size_t)(end - from));
	z->used = (size_t)(end - from);
	z->text[z->used] = '\0';
	z->at += z->used + 1;
	z->line_nr++;
	return 1;
}

/* The next byte, or EOF, or another negative number. */
static int next_byte(struct zoneline *z)
{
	if (z->at == z->filled) {
		int rc = fill(z);

		if (rc <= 0)
			return rc == 0 ? EOF : rc;
	}
	return (unsigned char)z->buffer[z->at++];
}

static int too_long(const struct zoneline *z, int rc, struct why *why)
{
	if (rc == -EFBIG)
		return why_set(why, rc, "line %ld: entry too long", z->line);
	return rc == -ENOMEM ? why_set(why, rc, "out of memory") : rc;
}

int zoneline_next(struct zoneline *z, struct why *why)
{
	struct lex lex = {0};
	bool bare = true; /* nothing since the last line end */
	int c, rc;

	z->used = 0;
	z->line = z->line_nr + 1;
	for (;;) {
		if (bare && z->used == 0 && lex.depth == 0 &&
		    z->at < z->filled && (rc = plain(z)) != 0)
			return too_long(z, rc, why);
		c = next_byte(z);
		if (c < 0)
			break;
		bare = c == '\n';
		rc = bare ? line_end(z, &lex, why) : character(z, &lex, c, why);
		if (rc != 0)
			return too_long(z, rc, why);
	}
	return c == EOF ? text_end(z, &lex, bare, why) : too_long(z, c, why);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zonepast.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST "longest "
#define UNKNOWN "history unknown "
#define DAY_S 86400

/* A text that is being built; once it is full nothing is added. */
struct building {
	char text[ZONE_PAST_MAX];
	size_t len;
	bool full;
};

static void add(struct building *b, const char *line, size_t len)
{
	if (b->full || len >= sizeof(b->text) - b->len) {
		b->full = true;
		return;
	}
	memcpy(b->text + b->len, line, len);
	b->len += len;
}

static void add_text(struct building *b, const char *text)
{
	add(b, text, strlen(text));
}

static int done(const struct building *b, char past[ZONE_PAST_MAX])
{
	if (b->full)
		return -ENOSPC;
	memcpy(past, b->text, b->len);
	past[b->len] = '\0';
	return 0;
}

/* The octets of the line at TEXT, with its end. */
static size_t line_len(const char *text)
{
	size_t len = strcspn(text, "\n");

	return text[len] ? len + 1 : len;
}

static bool begins(const char *line, const char *prefix)
{
	return strncmp(line, prefix, strlen(prefix)) == 0;
}

static bool is_line(const char *line, size_t len)
{
	static const char *const words[] = {"history set ", "history signers ",
	    "untold set ", "untold signers ", ZONE_PAST_UNTOLD, LONGEST,
	    "served set ", "served signers ", "served algorithms ",
	    "served key ", "history unknown ", "untold unknown ",
	    "served unknown ", "next unknown ", "next set ", "next signers ",
	    "next algorithms ", "next key ", "ack insecure ", "escaped ",
	    "reset ", "floor "};
	size_t i;

	if (line[len - 1] != '\n')
		return false;
	for (i = 0; i + 1 < len; i++)
		if (!isprint((unsigned char)line[i]))
			return false;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (begins(line, words[i]))
			return true;
	return false;
}

bool zonepast_is_valid(const char *past)
{
	size_t len;

	if (strlen(past) >= ZONE_PAST_MAX)
		return false;
	for (; *past; past += len) {
		len = line_len(past);
		if (!is_line(past, len))
			return false;
	}
	return true;
}

/* The lines of PAST, but for those that begin with PREFIX. */
static void copy_without(
    struct building *b, const char *past, const char *prefix)
{
	size_t len;

	for (; *past; past += len) {
		len = line_len(past);
		if (!begins(past, prefix))
			add(b, past, len);
	}
}

static bool is_expired(const char *line, int64_t now)
{
	const char *kind = line + strlen("history ");

	return strtoll(kind + strcspn(kind, " "), NULL, 10) <= now;
}

int zonepast_next(char past[ZONE_PAST_MAX], const char *history,
    const char *keys, int64_t now)
{
	struct building b = {.len = 0};
	const char *at;
	size_t len;

	for (at = past; *at; at += len) {
		len = line_len(at);
		if (!begins(at, "next ") &&
		    !(begins(at, "history ") && is_expired(at, now)))
			add(&b, at, len);
	}
	for (; *history; history += len) {
		len = line_len(history);
		if (!begins(history, "history "))
			continue;
		add_text(&b, "next ");
		add(&b, history + strlen("history "), len - strlen("history "));
	}
	for (; *keys; keys += len) {
		len = line_len(keys);
		add_text(&b, "next ");
		add(&b, keys, len);
	}
	/* each "served set TTL" may become a "history set EPOCH" */
	if (b.len > ZONE_PAST_MAX - 512)
		return -ENOSPC;
	return done(&b, past);
}

/* "WORD set|signers NUMBER KEYS", once for the same keys: the higher NUMBER.
 * KIND is what stands before NUMBER, KEYS what stands behind it. */
static void add_once(struct building *b, const char *word, const char *kind,
    size_t kind_len, int64_t number, const char *keys, size_t keys_len)
{
	char line[ZONE_PAST_MAX + 64];
	size_t word_len = strlen(word);
	char *at, *next;
	int n;

	for (at = b->text; at < b->text + b->len; at = next) {
		char *end = memchr(at, '\n', (size_t)(b->text + b->len - at));
		char *was = at + word_len + kind_len, *rest;
		int64_t before;

		next = end + 1;
		if (!begins(at, word) ||
		    strncmp(at + word_len, kind, kind_len) != 0)
			continue;
		before = strtoll(was, &rest, 10);
		if ((size_t)(next - rest) != keys_len ||
		    strncmp(rest, keys, keys_len) != 0)
			continue;
		number = before > number ? before : number;
		memmove(at, next, (size_t)(b->text + b->len - next));
		b->len -= (size_t)(next - at);
		break;
	}
	n = snprintf(line, sizeof(line), "%s%.*s%" PRId64 "%.*s", word,
	    (int)kind_len, kind, number, (int)keys_len, keys);
	add(b, line, (size_t)n);
}

/* LINE is "FROM set|signers NUMBER KEYS": the same behind the word TO, with
 * NUMBER and MORE, but not above MOST. */
static void turn_at_most(struct building *b, const char *line, size_t len,
    const char *from, const char *to, int64_t more, int64_t most)
{
	const char *kind = line + strlen(from);
	size_t kind_len = strcspn(kind, " ") + 1;
	char *keys;
	int64_t number = strtoll(kind + kind_len, &keys, 10);

	number = number < 0 || number > most - more ? most : number + more;
	add_once(
	    b, to, kind, kind_len, number, keys, len - (size_t)(keys - line));
}

static void turn(struct building *b, const char *line, size_t len,
    const char *from, const char *to, int64_t more)
{
	turn_at_most(b, line, len, from, to, more, INT64_MAX);
}

static bool is_sets(const char *line, const char *word)
{
	size_t len = strlen(word);

	return begins(line, word) &&
	       (begins(line + len, "set ") || begins(line + len, "signers ") ||
	           begins(line + len, "unknown "));
}

/* The longest TTL of what was served, or is about to be; 0 = none is known. */
static int64_t longest_ttl(const char *past)
{
	static const char *const words[] = {"served ", "next ", "untold "};
	int64_t longest = 0, ttl;
	const char *kind;
	size_t i;

	for (; *past; past += line_len(past)) {
		ttl = begins(past, LONGEST)
		          ? strtoll(past + strlen(LONGEST), NULL, 10)
		          : 0;
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (is_sets(past, words[i])) {
				kind = past + strlen(words[i]);
				ttl = strtoll(
				    kind + strcspn(kind, " "), NULL, 10);
			}
		longest = ttl > longest ? ttl : longest;
	}
	return longest;
}

/* What is history says no TTL any more. */
static void add_longest(struct building *b, const char *past)
{
	char line[64];

	if (b->len == 0)
		return;
	snprintf(
	    line, sizeof(line), LONGEST "%" PRId64 "\n", longest_ttl(past));
	add_text(b, line);
}

/* "history" lines: those that still count at NOW, and what name servers do not
 * serve any more from FROM on: what they were not told to forget, and, with
 * SERVED, the version that is served. */
static void add_held(struct building *b, const char *past, int64_t now,
    int64_t from, bool served)
{
	size_t len;

	for (; *past; past += len) {
		len = line_len(past);
		if (begins(past, "history ") && !is_expired(past, now))
			turn(b, past, len, "history ", "history ", 0);
		else if (is_sets(past, "untold "))
			turn(b, past, len, "untold ", "history ", from);
		else if (served && is_sets(past, "served "))
			turn(b, past, len, "served ", "history ", from);
	}
}

/* The line that begins so, NULL when there is none. */
static const char *find(const char *past, const char *prefix)
{
	for (; *past; past += line_len(past))
		if (begins(past, prefix))
			return past;
	return NULL;
}

bool zonepast_has(const char *past, const char *prefix)
{
	return find(past, prefix);
}

/* What name servers may serve until they are told. */
static void add_untold(struct building *b, const char *past, int64_t now)
{
	char line[64];
	size_t len;

	for (; *past; past += len) {
		len = line_len(past);
		if (begins(past, "history ") && !is_expired(past, now))
			add(b, past, len);
		else if (is_sets(past, "untold "))
			turn(b, past, len, "untold ", "untold ", 0);
		else if (is_sets(past, "served "))
			turn(b, past, len, "served ", "untold ", 0);
	}
	snprintf(line, sizeof(line), ZONE_PAST_UNTOLD "%" PRId64 "\n", now);
	add_text(b, line);
}

static bool has_line(
    const char *past, const char *word, const char *line, size_t len)
{
	size_t word_len = strlen(word);

	for (; *past; past += line_len(past))
		if (begins(past, word) && line_len(past) == word_len + len &&
		    strncmp(past + word_len, line, len) == 0)
			return true;
	return false;
}

/* Has what is about to be served the sets of what is?  What nobody has looked
 * at may have any. */
static bool same_sets(const char *past)
{
	size_t served = 0, next = 0;
	const char *at;

	for (at = past; *at; at += line_len(at)) {
		const char *rest = at + strlen("next ");

		served += is_sets(at, "served ");
		if (!is_sets(at, "next "))
			continue;
		next++;
		if (begins(rest, "unknown ") ||
		    !has_line(
		        past, "served ", rest, line_len(at) - strlen("next ")))
			return false;
	}
	return served == next;
}

bool zonepast_served(
    char past[ZONE_PAST_MAX], int64_t now, const struct zone_reach *reach)
{
	struct building b = {.len = 0};
	bool is_signed = strstr(past, "next set ") != NULL;
	bool same = same_sets(past);
	bool is_reset = zonepast_has(past, "reset ");
	const char *at;
	size_t len;

	if (reach->told || (same && !zonepast_has(past, ZONE_PAST_UNTOLD)))
		add_held(&b, past, now, now + reach->delay, true);
	else
		add_untold(&b, past, now);
	add_longest(&b, past);
	for (at = past; *at; at += len) {
		len = line_len(at);
		if (begins(at, "next ")) {
			add_text(&b, "served ");
			add(&b, at + strlen("next "), len - strlen("next "));
		} else if (begins(at, "escaped ") ||
		           (begins(at, "floor ") && !is_reset) ||
		           (begins(at, "ack insecure ") && is_signed)) {
			add(&b, at, len);
		}
	}
	done(&b, past);
	return !same;
}

bool zonepast_told(char past[ZONE_PAST_MAX], int64_t now, int64_t delay)
{
	struct building b = {.len = 0};
	const char *at;
	size_t len;

	if (!zonepast_has(past, ZONE_PAST_UNTOLD))
		return false;
	add_held(&b, past, now, now + delay, false);
	add_longest(&b, past);
	for (at = past; *at; at += len) {
		len = line_len(at);
		if (!begins(at, "history ") && !begins(at, "untold ") &&
		    !begins(at, LONGEST))
			add(&b, at, len);
	}
	return done(&b, past) == 0;
}

void zonepast_unknown(const char *past, char *history, size_t size)
{
	int64_t longest = longest_ttl(past);

	snprintf(history, size, "history unknown %" PRId64 "\n",
	    longest > 0 ? longest : DAY_S);
}

bool zonepast_is_unknown(const char *past, int64_t now)
{
	struct building b = {.len = 0};

	add_held(&b, past, now, now, true);
	b.text[b.len] = '\0';
	return zonepast_has(b.text, UNKNOWN);
}

bool zonepast_is_over(const char *past, int64_t now)
{
	const char *at;
	char what[16];
	int64_t until;

	for (at = past; *at; at += line_len(at))
		if (begins(at, "untold ") ||
		    (sscanf(at, "history %15s %" SCNd64, what, &until) == 2 &&
		        until > now))
			return false;
	return true;
}

bool zonepast_asked(const char *past, const char *keys)
{
	size_t asked = 0, served = 0, len;
	const char *at;

	for (at = past; *at; at += line_len(at))
		served += begins(at, "served key ");
	for (; *keys; keys += len) {
		len = line_len(keys);
		if (!has_line(past, "served ", keys, len))
			return false;
		asked++;
	}
	return asked > 0 && asked == served;
}

bool zonepast_clamp(char past[ZONE_PAST_MAX], int64_t now, int64_t delay)
{
	int64_t longest = longest_ttl(past), limit;
	struct building b = {.len = 0};
	bool changed = false;
	const char *at;
	size_t len;

	if (!zonepast_has(past, LONGEST) && longest < DAY_S)
		longest = DAY_S; /* a row of before did not say it */
	if (longest > INT32_MAX) /* RFC 2181, 8 */
		longest = INT32_MAX;
	limit = now + delay + longest;
	for (at = past; *at; at += len) {
		len = line_len(at);
		if (begins(at, "history ") && !is_expired(at, limit)) {
			changed = true;
			turn_at_most(
			    &b, at, len, "history ", "history ", 0, limit);
		} else {
			add(&b, at, len);
		}
	}
	return changed && done(&b, past) == 0;
}

int zonepast_facts(const char *past, int64_t now, char *facts, size_t size)
{
	struct building held = {.len = 0}, b = {.len = 0};
	size_t len;

	add_held(&held, past, now, now, true);
	held.text[held.len] = '\0';
	copy_without(&b, held.text, UNKNOWN);
	b.full |= held.full;
	for (; *past; past += len) {
		len = line_len(past);
		if (begins(past, "served algorithms ")) {
			add_text(&b, "history ");
			add(&b, past + strlen("served "),
			    len - strlen("served "));
		} else if (begins(past, "served key ")) {
			add_text(&b, "old");
			add(&b, past + strlen("served "),
			    len - strlen("served "));
		}
	}
	if (b.full || b.len >= size)
		return -ENOSPC;
	memcpy(facts, b.text, b.len);
	facts[b.len] = '\0';
	return 0;
}

int zonepast_note(char past[ZONE_PAST_MAX], const char *line)
{
	struct building b = {.len = 0};
	char prefix[32];
	size_t len = strcspn(line, " ") + 1;

	if (begins(line, "ack "))
		len += strcspn(line + len, " ") + 1;
	snprintf(prefix, sizeof(prefix), "%.*s", (int)len, line);
	copy_without(&b, past, prefix);
	add_text(&b, line);
	add_text(&b, "\n");
	return done(&b, past);
}

void zonepast_forget(char past[ZONE_PAST_MAX], const char *prefix)
{
	struct building b = {.len = 0};

	copy_without(&b, past, prefix);
	done(&b, past);
}

bool zonepast_is_escaped(const char *past, uint32_t serial)
{
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "escaped %" PRIu32 " ", serial);
	return zonepast_has(past, prefix);
}

bool zonepast_floor(const char *past, uint32_t *serial)
{
	const char *line = find(past, "floor ");

	return line && sscanf(line, "floor %" SCNu32, serial) == 1;
}

/* The keys of the line that begins so, and their length; NULL. */
static const char *keys_of(const char *past, const char *prefix, size_t *len)
{
	const char *line = find(past, prefix);

	if (!line)
		return NULL;
	line += strlen(prefix);
	line += strspn(line, "0123456789");
	*len = strcspn(line, "\n");
	return line;
}

/* Each key of the LEN octets at A stands in B; returns how many there are, -1
 * when one does not. */
static int keys_in(const char *a, size_t len, const char *b, size_t b_len)
{
	const char *end = a + len;
	int count = 0;

	while (a < end) {
		size_t key = 1 + strcspn(a + 1, " \n"), at = 0;

		while (at + key <= b_len &&
		       (strncmp(b + at, a, key) != 0 ||
		           (at + key < b_len && b[at + key] != ' ')))
			at++;
		if (at + key > b_len)
			return -1;
		count++;
		a += key;
	}
	return count;
}

bool zonepast_same_set(const char *past)
{
	size_t served_len = 0, next_len = 0;
	const char *served = keys_of(past, "served set ", &served_len);
	const char *next = keys_of(past, "next set ", &next_len);
	int count;

	if (!served || !next)
		return false;
	count = keys_in(served, served_len, next, next_len);
	return count > 0 &&
	       count == keys_in(next, next_len, served, served_len);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cleanup.h"
#include "file.h"

/* The sentences of the code are those of docs/promote.md, and the other way
 * round.  A sentence is a string with a blank in it; what is filled in is *
 * here. */

#define TOP TEST_DATA "/../.."
#define SENTENCES_MAX 128
#define SENTENCE_MAX 512

struct sentences {
	int count;
	char text[SENTENCES_MAX][SENTENCE_MAX];
};

static struct sentences code, doc;

static char *text_of(const char *path)
{
	size_t len;
	char *text;

	assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
	return text;
}

/* "%s", "%llu" and the like, and the words that stand for them in the
 * document. */
static size_t placeholder_len(const char *at, bool begins_word)
{
	static const char *const words[] = {
	    "NODE", "N", "DAEMON", "PATH", "CLOCK"};
	size_t i, n;

	if (*at == '%')
		return strcspn(at, "sdu") + 1;
	for (i = 0; begins_word && i < sizeof(words) / sizeof(*words); i++) {
		n = strlen(words[i]);
		if (strncmp(at, words[i], n) == 0 && !strchr("ABCDEFGHIJKLMNOPQ"
		                                             "RSTUVWXYZ",
		                                         at[n] ? at[n] : ' '))
			return n;
	}
	return 0;
}

static void general(const char *from, char *to)
{
	bool begins_word = true;
	size_t n;

	while (*from) {
		n = placeholder_len(from, begins_word);
		begins_word = strchr(" (:;,", *from) != NULL;
		*to++ = n ? '*' : *from;
		from += n ? n : 1;
	}
	*to = '\0';
}

static bool has(const struct sentences *s, const char *text)
{
	int i;

	for (i = 0; i < s->count; i++)
		if (strcmp(s->text[i], text) == 0)
			return true;
	return false;
}

static void add(struct sentences *s, const char *text)
{
	char plain[SENTENCE_MAX];

	if (!strchr(text, ' '))
		return;
	general(text, plain);
	if (has(s, plain))
		return;
	assert_true(s->count < SENTENCES_MAX);
	strcpy(s->text[s->count++], plain);
}

/* One string from AT, which is behind its quotation mark; returns what follows
 * it.  Strings of C that stand beside each other are one. */
static const char *take(const char *at, bool c, char *text)
{
	size_t n = 0;

	for (;;) {
		for (; *at != '"'; at++) {
			assert_true(*at && *at != '\n' && n < SENTENCE_MAX - 1);
			text[n++] = *at;
		}
		at++;
		if (!c || at[strspn(at, " \t\n")] != '"')
			break;
		at += strspn(at, " \t\n") + 1;
	}
	text[n] = '\0';
	return at;
}

/* To the ")" that ends it, or to the end of the file. */
static void take_all(const char *at, bool to_end)
{
	char text[SENTENCE_MAX];
	int depth = 1;

	while (*at && depth > 0) {
		if (strncmp(at, "/*", 2) == 0) {
			at = strstr(at, "*/") + 2;
		} else if (strncmp(at, "#include", 8) == 0) {
			at += strcspn(at, "\n");
		} else if (*at == '"') {
			at = take(at + 1, true, text);
			add(&code, text);
		} else {
			depth += *at == '(' && !to_end;
			depth -= *at == ')' && !to_end;
			at++;
		}
	}
}

static void calls_of(const char *source, const char *name)
{
	const char *at = source;

	while ((at = strstr(at, name))) {
		at += strlen(name);
		take_all(at, false);
	}
}

/* Of the tables alone. */
static void tables(const char *at)
{
	char text[SENTENCE_MAX];

	for (; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, "| \"", 3) == 0) {
			take(at + 3, false, text);
			add(&doc, text);
		}
}

static int setup(void **state)
{
	CLEANUP_FREE char *plan = text_of(TOP "/helpers/syncd/plan.c");
	CLEANUP_FREE char *loss = text_of(TOP "/helpers/syncd/plan_loss.c");
	CLEANUP_FREE char *promote = text_of(TOP "/helpers/syncd/promote.c");
	CLEANUP_FREE char *md = text_of(TOP "/docs/promote.md");

	(void)state;
	take_all(plan, true);
	take_all(loss, true);
	calls_of(promote, "promote_answer(s, ");
	calls_of(promote, "ctl_reply(s, ");
	calls_of(promote, "snprintf(");
	tables(md);
	return 0;
}

static int lacking(const struct sentences *all, const struct sentences *in,
    const char *where, const char *except)
{
	int i, bad = 0;

	for (i = 0; i < all->count; i++)
		if (!has(in, all->text[i]) &&
		    strcmp(all->text[i], except) != 0) {
			print_message("# not in %s: %s\n", where, all->text[i]);
			bad++;
		}
	return bad;
}

static void every_sentence_is_explained(void **state)
{
	(void)state;
	assert_true(code.count > 30);
	assert_true(has(&code, "* is the source"));
	assert_true(has(&code, "another promote or demote is under way"));
	assert_int_equal(
	    lacking(&code, &doc, "docs/promote.md", "an unknown node"), 0);
}

static void nothing_else_is(void **state)
{
	(void)state;
	assert_int_equal(lacking(&doc, &code, "the code", ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_sentence_is_explained),
	    cmocka_unit_test(nothing_else_is),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

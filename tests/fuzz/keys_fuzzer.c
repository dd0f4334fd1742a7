/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Lists of keys, as a caller or another node's ledger gives them, and what
 * ods-hsm-probe prints of them. */
#include "fuzz.h"
#include "keyline.h"
#include "keylist.h"
#include "keyview.h"

/* A line is up to its newline. */
static size_t line_len(const char *line)
{
	return strcspn(line, "\n");
}

static void fuzz_record(const char *line)
{
	struct keyrecord record, again;
	char text[KEYRECORD_LINE_MAX];
	int len;

	if (keyrecord_decode(line, &record) < 0)
		return;
	len = keyrecord_encode(&record, text, sizeof(text));
	must(len > 0 && strlen(text) == (size_t)len);
	must(strncmp(text, line, line_len(line)) == 0);
	must(keyrecord_decode(text, &again) == 0);
	must(strcmp(again.repository, record.repository) == 0);
	must(strcmp(again.locator, record.locator) == 0);
	must(strcmp(again.sha256, record.sha256) == 0);
	must(again.algorithm == record.algorithm);
	must(again.in_use == record.in_use);
}

static void fuzz_line(const char *line)
{
	char text[KEYLINE_MAX];
	struct keyline k;

	if (keyline_parse(line, &k) < 0)
		return;
	keyline_print(&k, text, sizeof(text));
	must(strlen(text) == line_len(line) + 1);
	must(strncmp(text, line, line_len(line)) == 0);
}

/* The input is both: keys on record, and what was said of them. */
static void fuzz_view(const struct keylist *list, const char *text)
{
	struct keyrecord *source = calloc(list->count + 1, sizeof(*source));
	struct keytruth_node node;
	struct keyview view;
	char said[WHY_MAX];
	long sum = 0;
	size_t i;

	must(source);
	for (i = 0; i < list->count; i++)
		source[i] = list->key[i].record;
	must(keyview_begin(&view, source, list->count) == 0);
	for (; *text; text += *text == '\n') {
		keyview_line(&view, text);
		text += strcspn(text, "\n");
	}
	must(view.tokens >= 0 && view.tokens <= CONF_REPOSITORY_MAX);
	keyview_judge(&view, &node);
	for (i = 0; i < KEYTRUTH_VERDICTS; i++)
		sum += node.in_use[i] + node.pool[i];
	must(sum == (long)list->count);
	keytruth_say(&node, said, sizeof(said));
	must(!said[0] == (node.worst.verdict == KEYTRUTH_OK));
	keyview_free(&view);
	free(source);
}

/* The lines that are records, as a list. */
static void fuzz_both(const char *text)
{
	char *records = calloc(1, strlen(text) + 2), *at = records;
	const char *line;
	struct keyrecord record;
	struct keylist list;
	struct why why;

	must(records);
	for (line = text; *line; line += *line == '\n') {
		size_t len = line_len(line);

		if (keyrecord_decode(line, &record) == 0) {
			memcpy(at, line, len);
			at[len] = '\n';
			at += len + 1;
		}
		line += len;
	}
	if (keylist_parse(records, &list, &why) == 0)
		fuzz_view(&list, text);
	keylist_free(&list);
	free(records);
}

static void fuzz_list(const char *text)
{
	struct keylist list;
	struct why why;
	size_t i;

	if (keylist_parse(text, &list, &why) == 0) {
		for (i = 0; i < list.count; i++) {
			const struct listed_key *key = &list.key[i];
			size_t first, count;

			keylist_of(
			    &list, key->record.repository, &first, &count);
			must(i >= first && i - first < count);
			must(keylist_find(&list, first, count, key->id,
			         key->id_len) == (long)(i - first));
		}
	}
	keylist_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len), *at;

	for (at = text; *at; at += *at == '\n') {
		fuzz_record(at);
		fuzz_line(at);
		at += strcspn(at, "\n");
	}
	fuzz_list(text);
	fuzz_both(text);
	free(text);
	return 0;
}

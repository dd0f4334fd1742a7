/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cleanup.h"
#include "file.h"
#include "frame.h"
#include "genfile.h"
#include "message.h"
#include "pages.h"

/* What docs/protocol.md shows in hex is what this code makes. */

#define DOC TEST_DATA "/../../docs/protocol.md"

static const char content[] = "a zone\n";
static uint8_t made[1024];
static size_t made_len;

static void add(const void *data, size_t len)
{
	assert_true(made_len + len <= sizeof(made));
	memcpy(made + made_len, data, len);
	made_len += len;
}

static int setup(void **state)
{
	(void)state;
	made_len = 0;
	return 0;
}

/* 00 11 22 ... from the first octet on. */
static struct id id_from(uint8_t first, uint8_t step)
{
	struct id id;
	int i;

	for (i = 0; i < ID_LEN; i++)
		id.byte[i] = (uint8_t)(first + i * step);
	return id;
}

static size_t octets_of_line(const char *line, uint8_t *octets, size_t room)
{
	size_t n = 0;
	unsigned v;

	for (; *line && *line != '\n' && *line != '#'; line++) {
		if (*line == ' ')
			continue;
		assert_int_equal(sscanf(line, "%2x", &v), 1);
		assert_true(n < room);
		octets[n++] = (uint8_t)v;
		line++;
	}
	return n;
}

/* The block under the heading "Example: NAME": octets in hex, what follows a #
 * is said of them. */
static size_t shown(const char *name, uint8_t *octets, size_t room)
{
	CLEANUP_FREE char *doc = NULL;
	char heading[64];
	const char *at;
	size_t len, n = 0;

	snprintf(heading, sizeof(heading), "### Example: %s\n", name);
	assert_int_equal(file_read(DOC, 1 << 20, &doc, &len, NULL), 0);
	at = strstr(doc, heading);
	assert_non_null(at);
	at = strstr(at, "\n```\n");
	assert_non_null(at);
	for (at += 5; strncmp(at, "```", 3) != 0;) {
		n += octets_of_line(at, octets + n, room - n);
		at = strchr(at, '\n');
		assert_non_null(at);
		at++;
	}
	return n;
}

static void assert_shown(const char *name)
{
	uint8_t octets[sizeof(made)];
	size_t i, n = shown(name, octets, sizeof(octets));

	if (n != made_len || memcmp(octets, made, n) != 0) {
		print_message("# it should be:");
		for (i = 0; i < made_len; i++)
			print_message("%s%02x", i % 32 ? "" : "\n# ", made[i]);
		print_message("\n");
	}
	assert_int_equal(n, made_len);
	assert_memory_equal(octets, made, n);
}

static struct entry *example_entry(void)
{
	struct entry *e = entry_new(SET_UNSIGNED, "example.com");
	struct sha sha;

	assert_non_null(e);
	e->size = sizeof(content) - 1;
	e->mode = 0640;
	strcpy(e->owner, "opendnssec");
	strcpy(e->group, "adm");
	e->mtime_ns = 1700000000123456789;
	sha_begin(&sha);
	sha_add(&sha, content, sizeof(content) - 1);
	assert_int_equal(sha_end(&sha, e->sha), 0);
	return e;
}

/* The only file there is. */
static struct manifest *example_manifest(bool empty)
{
	struct change_list list = {0};
	struct manifest *m = NULL;

	if (!empty)
		assert_int_equal(
		    changes_add(&list, CHANGE_META, example_entry(), 0, 0), 0);
	assert_int_equal(manifest_next(NULL, &list, &m), 0);
	changes_free(&list);
	return m;
}

static void an_entry(void **state)
{
	struct entry *e = example_entry();
	struct wire_writer w;

	(void)state;
	wire_write_begin(&w, made, sizeof(made));
	entry_put(&w, e);
	made_len = w.used;
	entry_unref(e);
	assert_shown("an entry");
}

static void the_sum_of_a_manifest(void **state)
{
	struct manifest *m = example_manifest(false);

	(void)state;
	add(m->sum, SHA_LEN);
	manifest_unref(m);
	assert_shown("the sum of a manifest");
}

static void add_frame(enum net_type type, const void *payload, size_t len)
{
	uint8_t head[FRAME_HEAD];

	frame_head(type, len, head);
	add(head, sizeof(head));
	add(payload, len);
}

/* From a term with nothing in it: generation 8 brings one file. */
static size_t example_generation(uint8_t *buf, size_t room)
{
	struct manifest *before = example_manifest(true);
	struct manifest *after = example_manifest(false);
	struct entry *e = example_entry();
	struct gen_header h = {.cluster = id_from(0x00, 0x11),
	    .term = 3,
	    .term_id = id_from(0xa0, 1),
	    .seq = 8,
	    .prev_seq = 7,
	    .request = 2,
	    .entries = 1};
	struct genwriter w;
	FILE *f = tmpfile();

	assert_non_null(f);
	memcpy(h.prev_sum, before->sum, SHA_LEN);
	memcpy(h.sum, after->sum, SHA_LEN);
	genwriter_begin(&w, fileno(f));
	assert_int_equal(genwriter_text(&w, e, content, (size_t)e->size), 0);
	assert_int_equal(genwriter_end(&w, &h), 0);
	assert_true(h.size <= room);
	assert_int_equal(content_read(fileno(f), buf, h.size, 0), 0);
	fclose(f);
	entry_unref(e);
	manifest_unref(before);
	manifest_unref(after);
	return (size_t)h.size;
}

static void a_generation_on_the_wire(void **state)
{
	const struct answer ack = {.seq = 8};
	uint8_t file[512], answer[8];
	size_t size = example_generation(file, sizeof(file));
	struct wire_writer w;

	(void)state;
	add_frame(NET_GEN, file, GEN_HEADER_LEN);
	add_frame(NET_DATA, file, size);
	add_frame(NET_GEN_END, "", 0);
	wire_write_begin(&w, answer, sizeof(answer));
	answer_put(&w, NET_ACK, &ack);
	add_frame(NET_ACK, answer, w.used);
	assert_shown("a generation on the wire");
}

static void the_sum_of_a_database(void **state)
{
	uint8_t page[512];
	struct page_table *t = pages_new(sizeof(page), 2);

	(void)state;
	memset(page, 'x', sizeof(page));
	page_hash(1, page, sizeof(page), t->hash[0]);
	page_hash(2, page, sizeof(page), t->hash[1]);
	pages_seal(t);
	add(t->hash[0], PAGE_HASH_LEN);
	add(t->hash[1], PAGE_HASH_LEN);
	add(t->sum, SHA_LEN);
	pages_unref(t);
	assert_shown("the sum of a database");
}

static void the_key_of_a_term(void **state)
{
	static const char file[] = "0123456789abcdef0123456789abcdef";
	const struct id term = id_from(0xa0, 1);
	uint8_t psk[ENGINE_PSK_LEN];

	(void)state;
	assert_int_equal(terms_psk_derive(file, 31, &term, psk), -EINVAL);
	assert_int_equal(terms_psk_derive(file, 32, &term, psk), 0);
	add(psk, sizeof(psk));
	assert_shown("the key of a term");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(an_entry, setup),
	    cmocka_unit_test_setup(the_sum_of_a_manifest, setup),
	    cmocka_unit_test_setup(a_generation_on_the_wire, setup),
	    cmocka_unit_test_setup(the_sum_of_a_database, setup),
	    cmocka_unit_test_setup(the_key_of_a_term, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

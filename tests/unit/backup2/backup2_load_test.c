/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sample.h"

#include <errno.h>

static int load(struct backup2 *b)
{
	struct why why = {0};
	int rc = backup2_load(sample_path, b, &why);

	if (rc < 0)
		assert_true(why.text[0] != '\0');
	return rc;
}

static void whole(void **state)
{
	struct backup2 b;

	(void)state;
	assert_int_equal(backup2_load(REAL_BACKUP2, &b, NULL), 0);
	assert_int_equal(b.inbound, 1);
	assert_int_equal(b.internal, 3);
	assert_int_equal(b.outbound, 3);
	assert_int_equal(b.lastmod, 1795415714);
	assert_int_equal(b.keys, 2);
	assert_string_equal(
	    b.key[0], "6f4f6b23929f99c14a2904498b295fbc 13 256 1 0 1");
	assert_string_equal(
	    b.key[1], "cbf6f1294dca5232cbe44628b7980f5b 13 257 1 1 0");
}

/* The signer takes a file that ends at any line end (O 3.6); we take the
 * whole one only. */
static void cut_anywhere(void **state)
{
	struct backup2 b;
	size_t n, len;
	char *text = sample_real(REAL_BACKUP2, &len);

	(void)state;
	for (n = 0; n < len; n++) {
		sample_write(text, n);
		if (load(&b) != -EBADMSG)
			fail_msg("cut at byte %zu of %zu is taken", n, len);
	}
	free(text);
}

/* Any single line that carries structure is missed. */
static void line_lost(void **state)
{
	static const char *const lines[] = {
	    ";OpenDNSSEC-backup-v3\n", ";;Zone: ", "\n;\n"};
	struct backup2 b;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *text = sample_real(REAL_BACKUP2, &len);
		const char *found = strstr(text, lines[i]);
		size_t at, next;

		assert_non_null(found);
		at = (size_t)(found - text) + (found[0] == '\n');
		next = at + strcspn(text + at, "\n") + 1;
		memmove(text + at, text + next, len - next + 1);
		sample_write(text, strlen(text));
		assert_int_equal(load(&b), -EBADMSG);
		free(text);
	}
}

/* Full disk, then the next write behind the rest of the last one. */
static void two_halves(void **state)
{
	struct backup2 b;
	size_t len;
	char *text = sample_real(REAL_BACKUP2, &len);
	char *twice = malloc(2 * len);

	(void)state;
	assert_non_null(twice);
	memcpy(twice, text, len);
	memcpy(twice + len, text, len);
	sample_write(twice, 2 * len);
	assert_int_equal(load(&b), -EBADMSG);
	sample_write(twice + len / 2, len);
	assert_int_equal(load(&b), -EBADMSG);
	free(twice);
	free(text);
}

static void zeroes_and_garbage(void **state)
{
	static char block[8192];
	struct backup2 b;
	size_t i, len;
	char *text = sample_real(REAL_BACKUP2, &len);

	(void)state;
	sample_write("", 0);
	assert_int_equal(load(&b), -EBADMSG);
	sample_write(block, sizeof(block));
	assert_int_equal(load(&b), -EBADMSG);
	for (i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 2654435761U >> 11);
	sample_write(block, sizeof(block));
	assert_int_equal(load(&b), -EBADMSG);
	memset(text + len / 2, 0, len - len / 2); /* as ext4 leaves it */
	sample_write(text, len);
	assert_int_equal(load(&b), -EBADMSG);
	free(text);
}

static void damaged_header(void **state)
{
	static const char *const bad[] = {
	    ";;Zone: name z class 1 inbound x internal 3 outbound 3\n",
	    ";;Zone: name z class 1 inbound 1\n",
	    ";;Signconf: lastmod\n",
	    ";;Key: locator abc algorithm 13 flags\n",
	    ";;Key: \n",
	};
	struct backup2 b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[512];
		int n = snprintf(text, sizeof(text),
		    ";OpenDNSSEC-backup-v3\n"
		    ";;Zone: name z class 1 inbound 1 internal 2 outbound 2\n"
		    "%s;;\n;\n;\n;\n;OpenDNSSEC-backup-v3\n",
		    bad[i]);

		sample_write(text, (size_t)n);
		assert_int_equal(load(&b), -EBADMSG);
	}
}

static void missing(void **state)
{
	struct backup2 b;

	(void)state;
	unlink(sample_path);
	assert_int_equal(load(&b), -ENOENT);
}

/* More keys than there is room for, and a locator without end. */
static void too_much(void **state)
{
	static char text[200 * 128];
	struct backup2 b;
	int i, n;

	(void)state;
	n = snprintf(text, sizeof(text),
	    ";OpenDNSSEC-backup-v3\n"
	    ";;Zone: name z class 1 inbound 1 internal 2 outbound 2\n");
	for (i = 0; i < BACKUP2_KEYS_MAX + 1; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    ";;Key: locator %d algorithm 8 flags 256 publish 1 ksk 0 "
		    "zsk 1 keytag 1\n",
		    i);
	n += snprintf(text + n, sizeof(text) - (size_t)n,
	    ";;\n;\n;\n;\n;OpenDNSSEC-backup-v3\n");
	sample_write(text, (size_t)n);
	assert_int_equal(load(&b), -EBADMSG);
	n = snprintf(text, sizeof(text),
	    ";OpenDNSSEC-backup-v3\n;;Key: locator %0*d algorithm 8 flags 256 "
	    "publish 1 ksk 0 zsk 1\n",
	    5000, 7);
	sample_write(text, (size_t)n);
	assert_int_equal(load(&b), -EBADMSG);
}

#define T(t) cmocka_unit_test_setup_teardown(t, sample_setup, sample_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(cut_anywhere),
	    T(line_lost),
	    T(two_halves),
	    T(zeroes_and_garbage),
	    T(damaged_header),
	    T(too_much),
	    cmocka_unit_test(whole),
	    cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

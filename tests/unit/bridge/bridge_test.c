/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../intent/workdir.h"

#include "backup2.h"
#include "bridge.h"
#include "keybook.h"

#define SHA(c) c c c c c c c c c c c c c c c c
#define KEY(locator, flags, roles)                                     \
	"      <Key>\n        <Flags>" flags "</Flags>\n"              \
	"        <Algorithm>13</Algorithm>\n        <Locator>" locator \
	"</Locator>\n" roles "      </Key>\n"
#define CONF(keys)                                                            \
	"<SignerConfiguration><Zone name=\"z\"><Keys><TTL>PT10S</TTL>\n" keys \
	"    </Keys></Zone></SignerConfiguration>\n"
#define NOW_ASKED                                \
	KEY("0a", "257", "<KSK/>\n<Publish/>\n") \
	KEY("0b", "256", "")                     \
	KEY("0c", "256", "")                     \
	KEY("0d", "256", "<ZSK/>\n<Publish/>\n")

static int setup(void **state)
{
	(void)state;
	return workdir_make();
}

static int teardown(void **state)
{
	(void)state;
	return workdir_end();
}

static bool is_0b(const char *locator, void *arg)
{
	(*(int *)arg)++;
	return strcmp(locator, "0b") == 0;
}

static bool always(const char *locator, void *arg)
{
	(void)locator, (void)arg;
	return true;
}

/* Keys that are published already are not asked about. */
static void there_and_back(void **state)
{
	char *out, *back;
	int asked = 0;

	(void)state;
	assert_int_equal(bridge_add(CONF(NOW_ASKED), is_0b, &asked, &out), 1);
	assert_int_equal(asked, 2);
	assert_non_null(strstr(out, "0b</Locator>\n      <Publish/><!--"));
	assert_null(strstr(out, "0c</Locator>\n      <Publish/>"));
	assert_int_equal(bridge_remove(out, &back), 1);
	assert_string_equal(back, CONF(NOW_ASKED));
	free(out);
	free(back);
}

static void nothing_to_do(void **state)
{
	char *out;

	(void)state;
	assert_int_equal(bridge_remove(CONF(NOW_ASKED), &out), 0);
	assert_null(out);
	assert_int_equal(bridge_add(CONF(KEY("0a", "257", "<Publish/>\n")),
	                     always, NULL, &out),
	    0);
	assert_null(out);
	/* one whose DNSKEY stands in the signconf, and a file cut short */
	assert_int_equal(
	    bridge_add("<Key><Flags>256</Flags><ResourceRecord>AA"
	               "</ResourceRecord></Key><Key><Locator>0b</Locator>",
	        always, NULL, &out),
	    0);
	assert_null(out);
}

static void put_key(const char *line)
{
	struct keyrecord key;

	assert_int_equal(keyrecord_decode(line, &key), 0);
	assert_int_equal(ledger_key_put(ledger, &key, NULL), 0);
}

/* What was served is published for longer; the signer reads it so. */
static void in_the_file(void **state)
{
	static const char past[] = "next key 256 13 " SHA(
	    "cccc") "\n"
	            "served key 257 13 " SHA(
	                "aaaa") "\n"
	                        "served key 256 13 " SHA(
	                            "bbbb") "\nserved key 256 13 -\n";
	struct keybook keys = {.read = false};
	struct signconf sc;
	char path[PATH_MAX];
	struct stat st;
	struct why why;

	(void)state;
	put_key("R 0a 13 " SHA("aaaa") " inuse");
	put_key("R 0b 13 " SHA("bbbb") " inuse");
	put_key("R 0c 13 " SHA("cccc") " inuse");
	keybook_follow(&keys, ledger);
	put("z.xml", CONF(NOW_ASKED));
	snprintf(path, sizeof(path), "%s", at("z.xml"));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(bridge_build(path, past, &keys, &why), 1);
	assert_int_equal(bridge_build(path, past, &keys, &why), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(signconf_load(path, &sc, &why), 0);
	assert_true(sc.bridged);
	assert_int_equal(sc.keys, 4);
	assert_string_equal(sc.key[1], "0b 13 256 1 0 0");
	assert_string_equal(sc.key[2], "0c 13 256 0 0 0");
	assert_int_equal(bridge_end(path, &why), 1);
	assert_int_equal(signconf_load(path, &sc, &why), 0);
	assert_false(sc.bridged);
	assert_string_equal(sc.key[1], "0b 13 256 0 0 0");
	assert_int_equal(bridge_end(path, &why), 0);
	keybook_free(&keys);
}

static void no_file(void **state)
{
	struct keybook keys = {.read = false};
	struct why why;

	(void)state;
	assert_int_equal(bridge_build(at("z.xml"), "", &keys, &why), -ENOENT);
	assert_int_equal(bridge_end(at("z.xml"), &why), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(nothing_to_do),
	    cmocka_unit_test_setup_teardown(in_the_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

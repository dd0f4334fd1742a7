/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sample.h"

#include <errno.h>

/* REAL_SIGNCONF with TO instead of FROM, and the backup2 that the signer made
 * of the other one: whether it says something else. */
static bool differs(const char *from, const char *to)
{
	char text[8192], *real, *at;
	struct signconf s;
	struct backup2 b;
	struct why why;
	size_t len;

	real = sample_real(REAL_SIGNCONF, &len);
	at = strstr(real, from);
	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - real), real, to,
	    at + strlen(from));
	free(real);
	assert_int_equal(signconf_parse("s", text, strlen(text), &s, &why), 0);
	assert_int_equal(backup2_load(REAL_BACKUP2, &b, NULL), 0);
	return !backup2_settings_match(&b, &s);
}

static void each_setting_counts(void **state)
{
	static const char *const changes[][2] = {
	    {"<Resign>PT15M<", "<Resign>PT16M<"},
	    {"<Refresh>P1D<", "<Refresh>P2D<"},
	    {"<Default>P3D<", "<Default>P4D<"},
	    {"<Denial>P3D<", "<Denial>P4D<"},
	    {"</Denial>\n      </Validity>",
	        "</Denial><Keyset>P5D</Keyset></Validity>"},
	    {"<Jitter>PT1H<", "<Jitter>PT2H<"},
	    {"<InceptionOffset>PT1H<", "<InceptionOffset>PT2H<"},
	    {"<TTL>PT1M</TTL>\n      <Key>", "<TTL>PT2M</TTL><Key>"},
	    {"<TTL>PT1M</TTL>\n      <Minimum>", "<TTL>PT2M</TTL><Minimum>"},
	    {"<Minimum>PT1M<", "<Minimum>PT2M<"},
	    {"<Serial>counter<", "<Serial>keep<"},
	    {"<NSEC/>", "<NSEC3><Hash><Algorithm>1</Algorithm><Iterations>5"
	                "</Iterations><Salt>ab</Salt></Hash></NSEC3>"},
	};
	size_t i;

	(void)state;
	assert_false(differs("<Resign>PT15M<", "<Resign>PT900S<"));
	assert_false(differs("<MaxZoneTTL>P1D<", "<MaxZoneTTL>P2D<"));
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (!differs(changes[i][0], changes[i][1]))
			fail_msg("%s is not seen", changes[i][1]);
}

static void head_of(const char *nsec3, struct backup2 *b)
{
	char text[2048];

	snprintf(text, sizeof(text),
	    ";OpenDNSSEC-backup-v3\n;;Time: 1\n"
	    ";;Zone: name z class 1 inbound 1 internal 3 outbound 4\n"
	    ";;Signconf: lastmod 77 maxzonettl 0 resign PT2H refresh P3D valid "
	    "P14D denial P14D keyset PT0S jitter PT12H offset PT1H nsec 50 "
	    "dnskeyttl PT1H soattl PT1H soamin PT1H serial unixtime \n"
	    ";;Nsec3parameters: %s\n;;\nand here it is cut",
	    nsec3);
	sample_write(text, strlen(text));
	assert_int_equal(backup2_load(sample_path, b, NULL), -EBADMSG);
	assert_int_equal(backup2_head(sample_path, b, NULL), 0);
	assert_int_equal(b->lastmod, 77);
	assert_int_equal(b->outbound, 4);
}

/* As the enforcer writes it, and as the signer keeps it. */
static void denial_of_existence(void **state)
{
	static const struct {
		const char *backup2;
		bool same;
	} rows[] = {
	    {"salt dce5f47e90bbee95 algorithm 1 optout 0 iterations 5", true},
	    {"salt dce5f47e90bbee96 algorithm 1 optout 0 iterations 5", false},
	    {"salt - algorithm 1 optout 0 iterations 5", false},
	    {"salt dce5f47e90bbee95 algorithm 1 optout 1 iterations 5", false},
	    {"salt dce5f47e90bbee95 algorithm 1 optout 0 iterations 0", false},
	    {"salt dce5f47e90bbee95 algorithm 2 optout 0 iterations 5", false},
	};
	static const char xml[] =
	    "<SignerConfiguration><Zone name=\"z\"><Signatures><Resign>PT2H"
	    "</Resign><Refresh>P3D</Refresh><Validity><Default>P14D</Default>"
	    "<Denial>P14D</Denial></Validity><Jitter>PT12H</Jitter>"
	    "<InceptionOffset>PT3600S</InceptionOffset></Signatures><Denial>"
	    "<NSEC3><TTL>PT0S</TTL><Hash><Algorithm>1</Algorithm><Iterations>5"
	    "</Iterations><Salt>DCE5f47e90bbee95</Salt></Hash></NSEC3></Denial>"
	    "<Keys><TTL>PT1H</TTL></Keys><SOA><TTL>PT1H</TTL><Minimum>PT1H"
	    "</Minimum><Serial>unixtime</Serial></SOA></Zone>"
	    "</SignerConfiguration>";
	struct signconf s;
	struct backup2 b;
	size_t i;

	(void)state;
	assert_int_equal(signconf_parse("s", xml, strlen(xml), &s, NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		head_of(rows[i].backup2, &b);
		if (backup2_settings_match(&b, &s) != rows[i].same)
			fail_msg("%s\n%s", b.settings, s.settings);
	}
}

/* The signer goes by whole seconds. */
static void by_time_and_content(void **state)
{
	struct signconf same, keys,
	    settings, *const all[] = {&same, &keys, &settings};
	struct backup2 b;
	size_t i;
	int age;

	(void)state;
	assert_int_equal(backup2_load(REAL_BACKUP2, &b, NULL), 0);
	assert_int_equal(signconf_load(REAL_SIGNCONF, &same, NULL), 0);
	keys = settings = same;
	keys.key[0][0] ^= 1;
	settings.settings[0] ^= 1;
	for (i = 0; i < 3; i++)
		for (age = -1; age <= 1; age++) {
			all[i]->mtime = b.lastmod + age;
			assert_int_equal(
			    backup2_misses(&b, all[i]), i > 0 && age <= 0);
		}
}

static void no_head(void **state)
{
	static const char cut[] =
	    ";OpenDNSSEC-backup-v3\n"
	    ";;Zone: name z class 1 inbound 1 internal 3 outbound 4\n";
	struct backup2 b;

	(void)state;
	assert_int_equal(backup2_head("/nonexistent", &b, NULL), -ENOENT);
	sample_write(cut, strlen(cut));
	assert_int_equal(backup2_head(sample_path, &b, NULL), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_setting_counts),
	    cmocka_unit_test_setup_teardown(
	        denial_of_existence, sample_setup, sample_teardown),
	    cmocka_unit_test(by_time_and_content),
	    cmocka_unit_test_setup_teardown(
	        no_head, sample_setup, sample_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zoneentry.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void fields(void **state)
{
	static const struct {
		const char *text;
		size_t owner_len;
		uint32_t ttl;
		uint16_t class, type;
		const char *rdata;
	} rows[] = {
	    {"a.b. 300 IN A 192.0.2.1", 4, 300, 1, 1, "192.0.2.1"},
	    {"a.b.\t\tIN\t1h30m\tTXT\t\"x y\"", 4, 5400, 1, 16, "\"x y\""},
	    {" AAAA ::", 0, 0, 0, 28, "::"},
	    {"a\\ b ns c", 4, 0, 0, 2, "c"},
	    {"a ch TXT x", 1, 0, 3, 16, "x"},
	    {"a CLASS42 7 TYPE65280 \\# 0", 1, 7, 42, 65280, "\\# 0"},
	    {"a NOSUCH x", 1, 0, 0, 0, "x"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zoneentry e;

		assert_int_equal(zoneentry_parse(rows[i].text, &e), 0);
		assert_int_equal(e.owner_len, rows[i].owner_len);
		assert_int_equal(e.has_ttl ? e.ttl : 0, rows[i].ttl);
		assert_int_equal(e.class, rows[i].class);
		assert_int_equal(e.type, rows[i].type);
		assert_string_equal(e.rdata, rows[i].rdata);
	}
}

static void no_rr(void **state)
{
	struct zoneentry e;

	(void)state;
	assert_int_equal(zoneentry_parse("a", &e), -EBADMSG);
	assert_int_equal(zoneentry_parse("a 3 IN", &e), -EBADMSG);
	assert_int_equal(zoneentry_parse("a 3x A 192.0.2.1", &e), -EBADMSG);
}

static void signatures(void **state)
{
	struct zonesig sig;

	(void)state;
	assert_int_equal(zonesig_parse("DNSKEY 13 2 300 20260101000000 "
	                               "4294967295 12345 a.b. AAAA BBBB",
	                     &sig),
	    0);
	assert_int_equal(sig.covers, 48);
	assert_int_equal(sig.algorithm, 13);
	assert_int_equal(sig.labels, 2);
	assert_int_equal(sig.ttl, 300);
	assert_int_equal(sig.expires, 1767225600);
	assert_int_equal(sig.begins, 4294967295);
	assert_int_equal(sig.tag, 12345);
	assert_int_equal(sig.signer_len, 4);
	assert_string_equal(sig.signature + 1, "AAAA BBBB");
	/* leap days, and the end of the 32 bits */
	zonesig_parse("A 13 2 1 20240229000000 21060207062816 1 a. A", &sig);
	assert_int_equal(sig.expires, 1709164800);
	assert_int_equal(sig.begins, 0);
	assert_int_equal(
	    zonesig_parse("A 13 2 1 20241329000000 1 1 a. A", &sig), -EBADMSG);
	assert_int_equal(
	    zonesig_parse("A 13 2 1 1 1 70000 a. A", &sig), -EBADMSG);
	assert_int_equal(zonesig_parse("A 256 2 1 1 1 1 a. A", &sig), -EBADMSG);
	assert_int_equal(zonesig_parse("A 13 2 1 1 1 1", &sig), -EBADMSG);
	assert_int_equal(zonesig_parse("NO 13 2 1 1 1 1 a. A", &sig), -EBADMSG);
}

/* RFC 4034 3.1.5 */
static void serial_arithmetic(void **state)
{
	(void)state;
	assert_int_equal(zonesig_time(4294967000U, 4294960000LL), 4294967000LL);
	assert_int_equal(zonesig_time(100, 4294960000LL), 4294967396LL);
	assert_int_equal(zonesig_time(4294967295U, 4294967300LL), 4294967295LL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fields),
	    cmocka_unit_test(no_rr),
	    cmocka_unit_test(signatures),
	    cmocka_unit_test(serial_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

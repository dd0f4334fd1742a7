/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Each line of tests/verify/cases. */
#include "verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <openssl/evp.h>

#include "file.h"

#define CORPUS TEST_DATA "/../verify/"

static FILE *part(const char *name, const char *kind)
{
	char path[4096];

	snprintf(path, sizeof(path), CORPUS "zones/%s.%s", name, kind);
	return fopen(path, "r");
}

static void close_part(FILE *f)
{
	if (f)
		fclose(f);
}

/* Of the version served, where it was verified. */
static const char *digest_of(const char *name, const char *facts)
{
	static char hex[65];
	unsigned char sum[32];
	char path[4096], *text;
	size_t len, i;

	if (!strstr(facts, "history algorithms"))
		return NULL;
	snprintf(path, sizeof(path), CORPUS "zones/%s.served", name);
	assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
	EVP_Digest(text, len, sum, NULL, EVP_sha256(), NULL);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	free(text);
	return hex;
}

static void judge(const char *name, int expected, const char *text)
{
	struct verify_input in = {.origin = "example."};
	char path[4096], *facts = NULL, *said = NULL;
	size_t len;
	FILE *out = open_memstream(&said, &len);
	int code;

	snprintf(path, sizeof(path), CORPUS "zones/%s.facts", name);
	assert_int_equal(file_read(path, 65536, &facts, &len, NULL), 0);
	in.facts = facts;
	in.served_digest = digest_of(name, facts);
	in.zone = part(name, "zone");
	in.served = part(name, "served");
	in.unsigned_zone = part(name, "unsigned");
	assert_non_null(in.zone);
	code = (int)verify_run(&in, out);
	fclose(out);
	if (code != expected || !strstr(said, text))
		fail_msg("%s: %d, not %d, or no \"%s\" in\n%s", name, code,
		    expected, text, said);
	close_part(in.zone);
	close_part(in.served);
	close_part(in.unsigned_zone);
	free(facts);
	free(said);
}

static void each_case(void **state)
{
	char line[512], name[64], ldns[8], bind[8];
	FILE *f = fopen(CORPUS "cases", "r");
	int code, at, count = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		assert_int_equal(sscanf(line, "%63s %d %7s %7s %n", name, &code,
		                     ldns, bind, &at),
		    4);
		judge(name, code, line + at);
		count++;
	}
	fclose(f);
	assert_true(count > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

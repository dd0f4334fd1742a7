/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* What is wrong with the version served is no fault of the candidate. */
#include "said.h"

#include <stdio.h>
#include <openssl/evp.h>

#define ZONES "../verify/zones/"

/* One that was verified, whose digest is that of SERVED, which is freed. */
static void assert_beside(const char *name, char *served, const char *part)
{
	char path[128], hex[65];
	unsigned char sum[32];
	struct question q = {
	    .origin = "example.", .digest = hex, .served = served};
	char *facts;
	size_t i;

	snprintf(path, sizeof(path), ZONES "%s.facts", name);
	q.facts = facts = load(path);
	snprintf(path, sizeof(path), ZONES "%s.zone", name);
	q.zone = load(path);
	EVP_Digest(served, strlen(served), sum, NULL, EVP_sha256(), NULL);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	assert_said(&q, 0, part);
	free(q.zone);
	free(served);
	free(facts);
}

static void beside_what_was_verified(void **state)
{
	(void)state;
	assert_beside("beside-change-nsec3",
	    load(ZONES "beside-change-nsec3.served"), "\nskipped 12\n");
}

/* The NSEC3 of ns.example, the name that has changed. */
static void nsec3_that_cannot_be_read(void **state)
{
	char *text = load(ZONES "beside-change-nsec3.served");
	char *at = strstr(text, "\nns.example.");
	char *nsec3;

	(void)state;
	assert_non_null(at);
	nsec3 = strstr(at, "\tNSEC3\t1 0 1 -  ");
	assert_non_null(nsec3);
	/* the hash that is next has eight characters less */
	nsec3 += strlen("\tNSEC3\t1 0 1 -  ");
	memmove(nsec3, nsec3 + 8, strlen(nsec3 + 8) + 1);
	assert_beside("beside-change-nsec3", text, "\nskipped 0\n");
}

/* More types at one name than can be judged. */
static void too_many_types(void **state)
{
	char *text = load(ZONES "beside-change-nsec3.served");
	char *at = strstr(text, "\nunknown.example."), *more, *all;
	size_t size;
	FILE *out = open_memstream(&more, &size);
	int i;

	(void)state;
	assert_non_null(at);
	for (i = 0; i < 200; i++)
		fprintf(out, "\nunknown.example. 3600 IN TYPE%d \\# 1 00",
		    65281 + i);
	fprintf(out, "\nunknown.example.");
	fclose(out);
	all = replaced(text, "\nunknown.example.", more);
	free(more);
	free(text);
	assert_beside("beside-change-nsec3", all, "\nskipped 0\n");
}

/* An NSEC3 beside a name of the zone may not be of another zone. */
static void each_owner_is_in_the_zone(void **state)
{
	char *text = load(ZONES "nsec3.zone");
	struct question q = {.origin = "example."};
	char *facts = load(ZONES "nsec3.facts");
	char *at = strstr(text, ".example.\t300\tIN\tNSEC3\t");

	(void)state;
	assert_non_null(at);
	memcpy(at, ".elsewhe", 8);
	q.zone = text;
	q.facts = facts;
	assert_said(&q, 1, "an owner name outside of the zone");
	free(text);
	free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(beside_what_was_verified),
	    cmocka_unit_test(nsec3_that_cannot_be_read),
	    cmocka_unit_test(too_many_types),
	    cmocka_unit_test(each_owner_is_in_the_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

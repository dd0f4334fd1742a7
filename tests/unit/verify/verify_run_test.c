/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Zones of OpenDNSSEC and of BIND as they are, cut, and broken. */
#include "said.h"

#include <ctype.h>
#include <stdbool.h>
#include <openssl/evp.h>

#define SLASH "0/25.2.0.192.in-addr.arpa"
#define JANUARY "now 1767300000\n" /* 2026, as the zones of BIND */
#define NOVEMBER "now 1795413600\n"
#define SIGNED_ZONES 8

static const struct {
	const char *file, *origin, *facts, *verdict;
} signed_zones[SIGNED_ZONES] = {
    {"nsec", "example.", JANUARY, "rrs=69 rrsigs=32 "},
    {"nsec3", "EXAMPLE", JANUARY, "rrs=79 rrsigs=37 "},
    {"nsec3-optout", "example", JANUARY, "rrs=73 rrsigs=34 "},
    {"reverse", SLASH, JANUARY, "rrs=18 rrsigs=9 "},
    {"opendnssec-nsec", "ns", NOVEMBER, "rrs=68 rrsigs=31 "},
    {"opendnssec-nsec3", "n3.", NOVEMBER, "rrs=78 rrsigs=36 "},
    {"opendnssec-optout", "n3o", NOVEMBER, "rrs=74 rrsigs=34 "},
    {"opendnssec-slash", SLASH, NOVEMBER, "rrs=19 rrsigs=9 "},
};

static struct question question_of(size_t i)
{
	char name[64];

	snprintf(name, sizeof(name), "verify/%s.zone", signed_zones[i].file);
	return (struct question){.origin = signed_zones[i].origin,
	    .facts = signed_zones[i].facts,
	    .zone = load(name)};
}

static void real_zones(void **state)
{
	struct question plain = {
	    .origin = "example", .zone = load("verify/unsigned.zone")};
	size_t i;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		struct question q = question_of(i);

		assert_said(&q, 0, signed_zones[i].verdict);
		assert_said(&q, 0, "signed=1");
		assert_said(&q, 0, "bogus candidate=0");
		free(q.zone);
	}
	assert_said(&plain, 0,
	    "ok serial=2026010101 names=16 rrs=21 rrsigs=0 earliest_expiry=0 "
	    "signed=0 denial=none");
	free(plain.zone);
}

/* A key that signed what caches hold, and whose DNSKEY is gone. */
static void keys_that_are_gone(void **state)
{
	static const char sha[] = "00112233445566778899aabbccddeeff"
	                          "00112233445566778899aabbccddeeff";
	struct question q = question_of(0);
	char facts[256];

	(void)state;
	snprintf(facts, sizeof(facts),
	    JANUARY "history signers 1767300001 13:1:%s\n", sha);
	q.facts = facts;
	assert_said(&q, 1, "\ngone 1\nbogus ");
	snprintf(facts, sizeof(facts),
	    JANUARY "history signers 1767299999 13:1:%s\n", sha);
	assert_said(&q, 0, "\nbogus candidate=0");
	free(q.zone);
}

/* However many whole lines are left, it is not a zone. */
static void cut_at_each_line_end(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		struct question q = question_of(i);
		size_t len = strlen(q.zone);

		/* before, and with no DS in use, it is as good as unsigned */
		k = (size_t)(strstr(q.zone, "RRSIG") - q.zone);
		for (; k < len; k++) {
			char *said;

			if (q.zone[k - 1] != '\n')
				continue;
			q.len = k;
			if (ask(&q, &said) != 1)
				fail_msg("%s cut at %zu: %s",
				    signed_zones[i].file, k, said);
			free(said);
		}
		free(q.zone);
	}
}

static void cut_inside_a_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		struct question q = question_of(i);
		size_t len = strlen(q.zone);

		for (q.len = 1; q.len < len; q.len += 173)
			assert_said(&q, 1, "refused ");
		/* Only the last line end is missing. */
		q.len = len - 1;
		assert_said(&q, 1, "ends in the middle of the line");
		free(q.zone);
	}
}

/* Glue, what opt-out leaves out, and BIND's DNSKEY sets are signed by both
 * keys. */
static bool is_spare(const char *line)
{
	const char *sig = strstr(line, "RRSIG	DNSKEY 13");

	return strncmp(line, "ns.sub", 6) == 0 ||
	       strncmp(line, "insecure", 8) == 0 ||
	       (sig && sig < strchr(line, '\n'));
}

/* There is no line but comments without which it would be as good. */
static void each_line_is_needed(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		struct question q = question_of(i), less = q;
		char *line, *end;

		for (line = q.zone; *line; line = end + 1) {
			char *said;

			end = strchr(line, '\n');
			if (*line == ';' || is_spare(line))
				continue;
			less.zone = strdup(q.zone);
			memmove(
			    less.zone + (line - q.zone), end + 1, strlen(end));
			if (ask(&less, &said) != 1)
				fail_msg("%s without %.60s",
				    signed_zones[i].file, line);
			free(said);
			free(less.zone);
		}
		free(q.zone);
	}
}

/* One bit of each RR's last character. */
static void each_rr_is_looked_at(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		struct question q = question_of(i);
		char *at, *said;

		for (at = q.zone; (at = strstr(at, "RRSIG")); at++) {
			char *digit = strchr(at, '\n') - 12;
			char was = *digit;

			if (strchr(at, ' ') > strchr(at, '\n') ||
			    (at > q.zone && at[-1] != '\t' && at[-1] != ' ') ||
			    !strstr(at, "2026") ||
			    strstr(at, "2026") > strchr(at, '\n') ||
			    was == ' ' || is_spare(at))
				continue;
			*digit = was == 'A' ? 'B' : 'A';
			if (ask(&q, &said) != 1)
				fail_msg(
				    "%s: %.100s", signed_zones[i].file, at);
			free(said);
			*digit = was;
		}
		free(q.zone);
	}
}

/* Owner names in the other case than the names that point to them. */
static void case_does_not_matter(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		struct question q = question_of(i);
		bool owner = true;

		for (k = 0; q.zone[k]; k++) {
			unsigned char c = (unsigned char)q.zone[k];

			if (c == '\n')
				owner = true;
			else if (isspace(c))
				owner = false;
			else if (owner)
				q.zone[k] = (char)(isupper(c) ? tolower(c)
				                              : toupper(c));
		}
		assert_said(&q, 0, signed_zones[i].verdict);
		free(q.zone);
	}
}

static void refused_text(const char *text, const char *origin, const char *part)
{
	struct question q = {.origin = origin, .zone = strdup(text)};

	assert_said(&q, 1, part);
	free(q.zone);
}

static void refused_edit(const char *old, const char *new, const char *part)
{
	char *text = load("verify/unsigned.zone");
	char *changed = replaced(text, old, new);

	refused_text(changed, "example", part);
	free(changed);
	free(text);
}

static void structure(void **state)
{
	struct question bad = {.origin = "a..b", .zone = strdup("\n")};

	(void)state;
	refused_edit("xn--bcher-kva A", "other.test. A",
	    "refused line 18: an owner name outside");
	refused_edit("$TTL 3600", "$TTL 3600\nns A 192.0.2.1",
	    "refused line 3: the first RR");
	refused_edit("ns AAAA", "@ SOA a b 2 3 4 5 6\nns AAAA", "a second SOA");
	refused_edit("ns AAAA", "ns CH TXT x\nns AAAA", "another class");
	refused_edit("ns AAAA", "ns A\nns AAAA", "line 9 cannot be read");
	refused_edit("ns AAAA", "ns NOSUCH 1\nns AAAA", "unknown type");
	refused_edit("ns AAAA", "$INCLUDE /etc/passwd\nns AAAA",
	    "$INCLUDE is not allowed");
	refused_text("a. SOA b. c. 1 2 3 4 5\n", "a",
	    "refused the end: a. NS: there is none at the apex");
	refused_text("\n", "a", "refused the end: no SOA");
	refused_text("b.a. SOA b. c. 1 2 3 4 5\n", "a", "not of this zone");
	assert_said(&bad, 2, "error a..b is not a zone name");
	free(bad.zone);
}

/* The digest of the file that was read, and no other. */
static void trusted_by_its_digest(void **state)
{
	struct question q = {.origin = "example", .digest = "00"};
	unsigned char sum[32];
	char *facts, *served, hex[65];
	size_t i;

	(void)state;
	facts = load("../verify/zones/nsec.facts");
	q.zone = load("../verify/zones/nsec.zone");
	served = q.served = load("../verify/zones/nsec.zone");
	facts = realloc(facts, strlen(facts) + 64);
	q.facts = strcat(facts, "history algorithms 13\n");
	assert_said(&q, 0, "skipped 0");
	EVP_Digest(served, strlen(served), sum, NULL, EVP_sha256(), NULL);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	q.digest = hex;
	assert_said(&q, 0, "skipped 13");
	/* another comment is another file */
	q.served = replaced(served, "\n", " ; x\n");
	assert_said(&q, 0, "skipped 0");
	free(q.served);
	q.digest = NULL;
	q.served = served;
	assert_said(&q, 0, "skipped 0");
	free(served);
	free(q.zone);
	free(facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_that_are_gone),
	    cmocka_unit_test(real_zones),
	    cmocka_unit_test(cut_at_each_line_end),
	    cmocka_unit_test(cut_inside_a_line),
	    cmocka_unit_test(each_line_is_needed),
	    cmocka_unit_test(each_rr_is_looked_at),
	    cmocka_unit_test(case_does_not_matter),
	    cmocka_unit_test(structure),
	    cmocka_unit_test(trusted_by_its_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

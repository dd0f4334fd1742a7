/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judge.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "file.h"

#define NOW 1767300000 /* in January 2026, as the zones of tests/data */
#define SLASH "0/25.2.0.192.in-addr.arpa"
#define SIGNED_ZONES 7

static const struct {
	const char *file, *origin;
} signed_zones[SIGNED_ZONES] = {
    {"nsec.zone", "example"},
    {"nsec3.zone", "example"},
    {"nsec3-optout.zone", "example"},
    {"opendnssec-nsec.zone", "ns"},
    {"opendnssec-nsec3.zone", "n3"},
    {"opendnssec-optout.zone", "n3o"},
    {"opendnssec-slash.zone", SLASH},
};

static char *load(const char *name, size_t *len)
{
	char path[4096];
	char *text;

	snprintf(path, sizeof(path), "%s/verify/%s", TEST_DATA, name);
	assert_int_equal(file_read(path, 1 << 20, &text, len, NULL), 0);
	return text;
}

static int judge_text(char *text, size_t len, const char *origin,
    struct judge_facts *facts, struct why *why)
{
	FILE *in = fmemopen(text, len, "r");
	int rc;

	memset(why, 0, sizeof(*why));
	rc = judge_file(in, origin, NOW, facts, why);
	fclose(in);
	return rc;
}

static void assert_verdict(
    const char *text, const char *origin, int rc, const char *part)
{
	struct judge_facts facts;
	struct why why;
	char *copy = strdup(text);

	assert_int_equal(
	    judge_text(copy, strlen(copy), origin, &facts, &why), rc);
	if (!strstr(why.text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, why.text);
	free(copy);
}

/* TEXT with the first OLD replaced by NEW of any length. */
static char *replaced(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *out = malloc(strlen(text) + strlen(new) + 1);

	assert_non_null(at);
	memcpy(out, text, (size_t)(at - text));
	strcpy(out + (at - text), new);
	strcat(out, at + strlen(old));
	return out;
}

static void assert_replaced(const char *zone, const char *old, const char *new,
    int rc, const char *part)
{
	size_t len;
	char *text = load(zone, &len);
	char *changed = replaced(text, old, new);

	assert_verdict(changed, "example", rc, part);
	free(changed);
	free(text);
}

static void facts_of_real_zones(void **state)
{
	static const struct {
		const char *zone, *origin, *denial;
		long rrs, rrsigs;
	} rows[] = {
	    {"nsec.zone", "example.", "nsec", 69, 32},
	    {"nsec3.zone", "EXAMPLE", "nsec3", 79, 37},
	    {"nsec3-optout.zone", "example.", "nsec3", 73, 34},
	    {"unsigned.zone", "example.", "none", 21, 0},
	    {"reverse.zone", SLASH, "nsec", 18, 9},
	    {"opendnssec-nsec.zone", "ns.", "nsec", 68, 31},
	    {"opendnssec-nsec3.zone", "n3.", "nsec3", 78, 36},
	    {"opendnssec-optout.zone", "n3o", "nsec3", 74, 34},
	};
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct judge_facts f;
		struct why why;
		char *text = load(rows[i].zone, &len);

		assert_int_equal(
		    judge_text(text, len, rows[i].origin, &f, &why), 0);
		assert_string_equal(f.denial, rows[i].denial);
		assert_int_equal(f.rrs, rows[i].rrs);
		assert_int_equal(f.rrsigs, rows[i].rrsigs);
		assert_int_equal(f.is_signed, rows[i].rrsigs > 0);
		if (strncmp(rows[i].zone, "opendnssec", 10) != 0)
			assert_int_equal(
			    f.earliest_expiry, rows[i].rrsigs ? 1769904000 : 0);
		assert_int_equal(f.serial / 100,
		    strcmp(rows[i].origin, SLASH) ? 20260101 : 0);
		free(text);
	}
}

/* However many whole lines are left, it is not a zone. */
static void cut_at_each_line_end(void **state)
{
	size_t i, k, len;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		char *text = load(signed_zones[i].file, &len);

		for (k = 1; k < len; k++) {
			struct judge_facts f;
			struct why why;

			if (text[k - 1] != '\n')
				continue;
			if (judge_text(text, k, signed_zones[i].origin, &f,
			        &why) != -EBADMSG)
				fail_msg(
				    "%s cut at %zu", signed_zones[i].file, k);
		}
		free(text);
	}
}

static void cut_inside_a_line(void **state)
{
	size_t i, k, len;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		char *text = load(signed_zones[i].file, &len);

		for (k = 1; k < len; k += 53) {
			struct judge_facts f;
			struct why why;

			assert_int_equal(judge_text(text, k,
			                     signed_zones[i].origin, &f, &why),
			    -EBADMSG);
		}
		/* Only the last line end is missing. */
		assert_int_equal(
		    judge_text(text, len - 1, signed_zones[i].origin,
		        &(struct judge_facts){0}, &(struct why){0}),
		    -EBADMSG);
		free(text);
	}
}

/* Each line that carries the proof is needed, wherever it stands. */
static void each_line_of_the_chain_is_needed(void **state)
{
	size_t i, len;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		char *text = load(signed_zones[i].file, &len);
		char *line, *end;

		for (line = text; *line; line = end + 1) {
			bool needed;
			char *out = strdup(text);

			end = strchr(line, '\n');
			*end = '\0';
			needed = strstr(line, "IN	NSEC") ||
			         strstr(line, "IN NSEC") ||
			         (strstr(line, "RRSIG	NSEC") &&
			             !strstr(line, "RRSIG	NSEC3PARAM")) ||
			         strstr(line, "RRSIG	SOA");
			*end = '\n';
			memmove(out + (line - text), end + 1, strlen(end));
			if (needed)
				assert_verdict(
				    out, signed_zones[i].origin, -EBADMSG, "");
			free(out);
		}
		free(text);
	}
}

static void order_of_names_does_not_matter(void **state)
{
	size_t i, len;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		char *text = load(signed_zones[i].file, &len);
		char *soa_end = strchr(text, '\n') + 1;
		char *out = calloc(1, len + 1);
		char *line = text + len - 1;

		memcpy(out, text, (size_t)(soa_end - text));
		while (line > soa_end) {
			char *begin = line;

			while (begin > soa_end && begin[-1] != '\n')
				begin--;
			strncat(out, begin, (size_t)(line - begin + 1));
			line = begin - 1;
		}
		assert_verdict(out, signed_zones[i].origin, 0, "");
		free(out);
		free(text);
	}
}

/* Owner names in the other case than the names that point to them. */
static void case_does_not_matter(void **state)
{
	size_t i, len, k;

	(void)state;
	for (i = 0; i < SIGNED_ZONES; i++) {
		char *text = load(signed_zones[i].file, &len);
		bool owner = true;

		for (k = 0; k < len; k++) {
			if (text[k] == '\n')
				owner = true;
			else if (isspace((unsigned char)text[k]))
				owner = false;
			else if (owner && isupper((unsigned char)text[k]))
				text[k] = (char)tolower((unsigned char)text[k]);
			else if (owner)
				text[k] = (char)toupper((unsigned char)text[k]);
		}
		assert_verdict(text, signed_zones[i].origin, 0, "");
		free(text);
	}
}

static void comments_of_opendnssec(void **state)
{
	(void)state;
	assert_replaced("nsec3.zone", "\n",
	    "\n;;Empty non-terminal empty.example.\n\n; NSEC3 (\n", 0, "");
}

static void broken_chains(void **state)
{
	(void)state;
	assert_replaced("nsec.zone", "NSEC\talias.", "NSEC\talibs.", -EBADMSG,
	    "line 8: the next name has no NSEC");
	assert_replaced("nsec.zone", "NSEC\talias.", "NSEC\tlong.", -EBADMSG,
	    "is the file cut?");
	assert_replaced("nsec3.zone", "IN NSEC3\t1 0 1", "IN NSEC3\t1 0 2",
	    -EBADMSG, "is the file cut?");
	assert_replaced("nsec3.zone", "IN NSEC3PARAM", "IN TYPE65300 \\# 0 ;",
	    -EBADMSG, "neither NSEC nor NSEC3PARAM");
}

static void structure(void **state)
{
	(void)state;
	assert_replaced("nsec.zone", "ns.example.	",
	    "ns.example2.	", -EBADMSG, "outside of the zone");
	assert_replaced("unsigned.zone", "xn--bcher-kva A", "other.test. A",
	    -EBADMSG, "line 18: an owner name outside");
	assert_replaced("unsigned.zone", "$TTL 3600",
	    "$TTL 3600\nns A 192.0.2.1", -EBADMSG, "line 3: the first RR");
	assert_replaced("unsigned.zone", "ns AAAA",
	    "@ SOA a b 2 3 4 5 6\nns AAAA", -EBADMSG, "a second SOA");
	assert_replaced("unsigned.zone", "ns AAAA", "ns CH TXT x\nns AAAA",
	    -EBADMSG, "an other class");
	assert_replaced(
	    "unsigned.zone", "ns AAAA", "ns A\nns AAAA", -EBADMSG, "line 9:");
	assert_replaced("unsigned.zone", "ns AAAA",
	    "$INCLUDE /etc/passwd\nns AAAA", -EBADMSG, "$INCLUDE is not");
	assert_verdict("a. SOA b. c. 1 2 3 4 5\n", "a", -EBADMSG, "no NS");
	assert_verdict("\n", "a", -EBADMSG, "no SOA");
	assert_verdict("\n", "a..b", -EINVAL, "not a zone name");
}

#define APEX "a. SOA b. c. 1 2 3 4 5\na. NS b.\n"
#define SIG(type, expire) \
	"a. RRSIG " type " 13 1 5 " expire " 20260101000000 1 a. AAAA\n"
#define KEY "a. DNSKEY 257 3 13 AAAA\n"

static void small_signed_zones(void **state)
{
	(void)state;
	/* One name: its NSEC points to itself. */
	assert_verdict(APEX KEY SIG("SOA", "20260301000000")
	                   SIG("DNSKEY", "20260301000000") SIG("NSEC",
	                       "20260301000000") "a. NSEC a. NS SOA DNSKEY\n",
	    "a", 0, "");
	assert_verdict(APEX KEY SIG("DNSKEY", "20260301000000"), "a", -EBADMSG,
	    "no RRSIG over the SOA");
	assert_verdict(
	    APEX SIG("SOA", "20260301000000"), "a", -EBADMSG, "no DNSKEY at");
	assert_verdict(APEX KEY SIG("SOA", "20260301000000"), "a", -EBADMSG,
	    "no RRSIG over DNSKEY");
	assert_verdict(APEX KEY SIG("SOA", "20260301000000")
	                   SIG("DNSKEY", "20260301000000"),
	    "a", -EBADMSG, "neither NSEC");
	/* Keys that pass through an unsigned zone do not make it signed. */
	assert_verdict(APEX KEY, "a", 0, "");
}

static void expiry_is_serial_arithmetic(void **state)
{
	char text[] = APEX KEY SIG("SOA", "4294967295") SIG("DNSKEY", "100")
	    SIG("NSEC", "4294967000") "a. NSEC a. NS\n";
	FILE *in = fmemopen(text, sizeof(text) - 1, "r");
	struct judge_facts f;
	struct why why;

	(void)state;
	assert_int_equal(judge_file(in, "a", 4294960000LL, &f, &why), 0);
	assert_int_equal(f.earliest_expiry, 4294967000LL);
	fclose(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(facts_of_real_zones),
	    cmocka_unit_test(cut_at_each_line_end),
	    cmocka_unit_test(cut_inside_a_line),
	    cmocka_unit_test(each_line_of_the_chain_is_needed),
	    cmocka_unit_test(order_of_names_does_not_matter),
	    cmocka_unit_test(case_does_not_matter),
	    cmocka_unit_test(comments_of_opendnssec),
	    cmocka_unit_test(broken_chains),
	    cmocka_unit_test(structure),
	    cmocka_unit_test(small_signed_zones),
	    cmocka_unit_test(expiry_is_serial_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
/* What a verdict costs: time and memory of one ods-verify.
 *
 *	verify				100,000 names, NSEC and NSEC3
 *	verify NAMES nsec|nsec3 ...	these only
 *
 * The zone is made here: NAMES A records with ECDSA P-256 signatures, in the
 * order of OpenDNSSEC.  It is judged as a first version, then with one changed
 * record beside the version served: with its digest, and without. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <ldns/ldns.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "verify.h"

#define ORIGIN "example."
#define ITERATIONS 1
#define CHANGED 500
#define DELTA_LIMIT 0.05
#define MEMORY_LIMIT_MB 200
#define SIGNED_AT 1767225600
#define SIGNED_UNTIL 1769904000

static struct signer {
	ldns_key *key;
	ldns_key_list *keys;
	char dnskey[512];
} signer;

struct hashed {
	uint8_t hash[20];
	uint32_t name; /* 0 is the apex */
};

static void fail(const char *what)
{
	fprintf(stderr, "bench/verify: %s\n", what);
	exit(1);
}

static void signer_open(void)
{
	ldns_rdf *owner = ldns_dname_new_frm_str(ORIGIN);
	ldns_rr *rr;
	char *text;

	signer.key = ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256);
	if (!signer.key)
		fail("no key");
	ldns_key_set_pubkey_owner(signer.key, owner);
	ldns_key_set_origttl(signer.key, 3600);
	ldns_key_set_flags(signer.key, 257);
	ldns_key_set_inception(signer.key, SIGNED_AT);
	ldns_key_set_expiration(signer.key, SIGNED_UNTIL);
	rr = ldns_key2rr(signer.key);
	ldns_key_set_keytag(signer.key, ldns_calc_keytag(rr));
	text = ldns_rr2str(rr);
	snprintf(signer.dnskey, sizeof(signer.dnskey), "%s", text);
	free(text);
	ldns_rr_free(rr);
	signer.keys = ldns_key_list_new();
	ldns_key_list_push_key(signer.keys, signer.key);
}

/* One RR and its RRSIG. */
static void put(FILE *out, const char *text)
{
	ldns_rr_list *set = ldns_rr_list_new(), *sigs;
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 3600, NULL, NULL) != LDNS_STATUS_OK)
		fail(text);
	ldns_rr_list_push_rr(set, rr);
	sigs = ldns_sign_public(set, signer.keys);
	if (!sigs)
		fail("cannot sign");
	ldns_rr_print(out, rr);
	ldns_rr_list_print(out, sigs);
	ldns_rr_list_deep_free(set);
	ldns_rr_list_deep_free(sigs);
}

static void name_of(uint32_t i, char *name, size_t size)
{
	if (i == 0)
		snprintf(name, size, ORIGIN);
	else
		snprintf(name, size, "h%08" PRIu32 "." ORIGIN, i);
}

static int by_hash(const void *a, const void *b)
{
	return memcmp(a, b, 20);
}

static void hash_of(uint32_t i, uint8_t hash[20])
{
	char text[64];
	ldns_rdf *name;
	int k;

	name_of(i, text, sizeof(text));
	name = ldns_dname_new_frm_str(text);
	ldns_sha1(ldns_rdf_data(name), (unsigned int)ldns_rdf_size(name), hash);
	for (k = 0; k < ITERATIONS; k++)
		ldns_sha1(hash, 20, hash);
	ldns_rdf_deep_free(name);
}

static void label_of(const struct hashed *h, char text[64])
{
	ldns_b32_ntop_extended_hex(h->hash, 20, text, 64);
}

static void put_nsec3(FILE *out, const struct hashed *hashed, uint32_t count,
    uint32_t i, const char *types)
{
	struct hashed key;
	const struct hashed *at;
	char owner[64], next[64], text[256];

	hash_of(i, key.hash);
	at = bsearch(&key, hashed, count, sizeof(key), by_hash);
	label_of(at, owner);
	label_of(&hashed[(at - hashed + 1) % count], next);
	snprintf(text, sizeof(text),
	    "%s." ORIGIN " 300 IN NSEC3 1 0 %d - %s %s", owner, ITERATIONS,
	    next, types);
	put(out, text);
}

static void put_apex(FILE *out, int serial, bool nsec3)
{
	char text[128];

	snprintf(text, sizeof(text),
	    ORIGIN " 3600 IN SOA ns.else. h.else. %d 3600 600 604800 300",
	    serial);
	put(out, text);
	put(out, ORIGIN " 3600 IN NS ns.else.");
	put(out, signer.dnskey);
	if (nsec3)
		put(out, ORIGIN " 0 IN NSEC3PARAM 1 0 1 -");
}

static void put_proof(
    FILE *out, const struct hashed *hashed, uint32_t count, uint32_t i)
{
	const char *types = i ? "A RRSIG" : "NS SOA RRSIG DNSKEY";
	char name[64], next[64], text[256];

	if (hashed) {
		put_nsec3(out, hashed, count, i,
		    i ? types : "NS SOA RRSIG DNSKEY NSEC3PARAM");
		return;
	}
	name_of(i, name, sizeof(name));
	name_of((i + 1) % count, next, sizeof(next));
	snprintf(
	    text, sizeof(text), "%s 300 IN NSEC %s %s NSEC", name, next, types);
	put(out, text);
}

static void put_a(FILE *out, uint32_t i, int host)
{
	char name[64], text[128];

	name_of(i, name, sizeof(name));
	snprintf(text, sizeof(text), "%s 3600 IN A 192.0.2.%d", name, host);
	put(out, text);
}

static struct hashed *hashes(uint32_t count)
{
	struct hashed *hashed = calloc(count, sizeof(*hashed));
	uint32_t i;

	for (i = 0; hashed && i < count; i++)
		hash_of(i, hashed[i].hash);
	if (!hashed)
		fail("out of memory");
	qsort(hashed, count, sizeof(*hashed), by_hash);
	return hashed;
}

/* The zone, and the next version of it: another address at one name. */
static void make(FILE *served, FILE *candidate, uint32_t names, bool nsec3)
{
	struct hashed *hashed = nsec3 ? hashes(names + 1) : NULL;
	char *text = NULL;
	size_t size = 0;
	uint32_t i;

	for (i = 0; i <= names; i++) {
		FILE *unit = open_memstream(&text, &size);

		if (i)
			put_a(unit, i, 1);
		else
			put_apex(unit, 1, nsec3);
		fflush(unit);
		fwrite(text, 1, size, served);
		if (i == 0)
			put_apex(candidate, 2, nsec3);
		else if (i == CHANGED)
			put_a(candidate, i, 2);
		else
			fwrite(text, 1, size, candidate);
		rewind(unit);
		put_proof(unit, hashed, names + 1, i);
		fclose(unit);
		fwrite(text, 1, size, served);
		fwrite(text, 1, size, candidate);
		free(text);
	}
	free(hashed);
	if (fflush(served) || fflush(candidate))
		fail("cannot write");
}

static void digest_of(FILE *f, char hex[65])
{
	unsigned char buf[65536], sum[32];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n;
	int i;

	rewind(f);
	EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		EVP_DigestUpdate(ctx, buf, n);
	EVP_DigestFinal_ex(ctx, sum, NULL);
	EVP_MD_CTX_free(ctx);
	for (i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

/* In a child, whose processor time and memory are told.  Seconds. */
static double judge(
    const char *what, FILE *zone, FILE *served, const char *digest)
{
	struct verify_input in = {.origin = ORIGIN,
	    .zone = zone,
	    .served = served,
	    .served_digest = digest,
	    .facts = "now 1767300000\nhistory algorithms any\n"};
	struct rusage use;
	double s, mb;
	int status;
	pid_t pid;

	rewind(zone);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit((int)verify_run(&in, fopen("/dev/null", "w")));
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid || status != 0)
		fail("the zone was not judged good");
	s = (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec +
	    (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
	mb = (double)use.ru_maxrss / 1024;
	printf("  %-34s %8.2f s %8.1f MB\n", what, s, mb);
	if (mb > MEMORY_LIMIT_MB)
		fail("too much memory");
	return s;
}

static void measure(uint32_t names, bool nsec3)
{
	FILE *served = tmpfile(), *candidate = tmpfile();
	char digest[65];
	double whole, delta;

	if (!served || !candidate)
		fail("no temporary file");
	make(served, candidate, names, nsec3);
	digest_of(served, digest);
	printf("%" PRIu32 " names, %s, %.0f MB\n", names,
	    nsec3 ? "NSEC3" : "NSEC", (double)ftell(served) / 1e6);
	whole = judge("a first version", candidate, NULL, NULL);
	judge("one change, digest not known", candidate, served, NULL);
	delta = judge("one change", candidate, served, digest);
	printf("  %.1f %%\n", 100 * delta / whole);
	if (delta > whole * DELTA_LIMIT)
		fail("one change costs too much");
	fclose(served);
	fclose(candidate);
}

int main(int argc, char **argv)
{
	int i;

	signer_open();
	if (argc < 3) {
		measure(100000, false);
		measure(100000, true);
	}
	for (i = 2; i < argc; i++)
		measure((uint32_t)strtoul(argv[1], NULL, 10),
		    strcmp(argv[i], "nsec3") == 0);
	return 0;
}

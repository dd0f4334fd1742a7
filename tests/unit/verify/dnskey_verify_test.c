/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Keys and signatures that ldns made. */
#include "dnskey.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <ldns/ldns.h>

#define DATA "what is signed"

struct made {
	ldns_key *ldns;
	ldns_rr *rr;
	struct dnskey key;
	ldns_rdf *signature;
};

static void rdata_of(const ldns_rr *rr, uint8_t *rdata, size_t *len)
{
	ldns_buffer *wire = ldns_buffer_new(4096);

	assert_int_equal(ldns_rr_rdata2buffer_wire(wire, rr), LDNS_STATUS_OK);
	*len = ldns_buffer_position(wire);
	memcpy(rdata, ldns_buffer_begin(wire), *len);
	ldns_buffer_free(wire);
}

static void make(
    struct made *m, ldns_signing_algorithm algorithm, uint16_t bits)
{
	ldns_buffer *data = ldns_buffer_new(64);
	uint8_t rdata[2048];
	size_t len;

	m->ldns = ldns_key_new_frm_algorithm(algorithm, bits);
	assert_non_null(m->ldns);
	ldns_key_set_pubkey_owner(m->ldns, ldns_dname_new_frm_str("example."));
	ldns_key_set_flags(m->ldns, 257);
	m->rr = ldns_key2rr(m->ldns);
	rdata_of(m->rr, rdata, &len);
	assert_int_equal(dnskey_open(&m->key, rdata, len), 0);
	ldns_buffer_write(data, DATA, strlen(DATA));
	m->signature = ldns_sign_public_buffer(data, m->ldns);
	assert_non_null(m->signature);
	ldns_buffer_free(data);
}

static void drop(struct made *m)
{
	dnskey_close(&m->key);
	ldns_rdf_deep_free(m->signature);
	ldns_rr_free(m->rr);
	ldns_key_deep_free(m->ldns);
}

static int verify(const struct made *m, const char *data)
{
	return dnskey_verify(&m->key, (const uint8_t *)data, strlen(data),
	    ldns_rdf_data(m->signature), ldns_rdf_size(m->signature));
}

static void each_algorithm(void **state)
{
	static const struct {
		ldns_signing_algorithm algorithm;
		uint16_t bits;
	} rows[] = {{LDNS_SIGN_RSASHA1, 1024}, {LDNS_SIGN_RSASHA1_NSEC3, 1024},
	    {LDNS_SIGN_RSASHA256, 2048}, {LDNS_SIGN_RSASHA512, 4096},
	    {LDNS_SIGN_ECDSAP256SHA256, 256}, {LDNS_SIGN_ECDSAP384SHA384, 384},
	    {LDNS_SIGN_ED25519, 256}, {LDNS_SIGN_ED448, 456}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct made m;

		make(&m, rows[i].algorithm, rows[i].bits);
		assert_int_equal(m.key.algorithm, rows[i].algorithm);
		assert_int_equal(m.key.tag, ldns_calc_keytag(m.rr));
		assert_int_equal(verify(&m, DATA), 1);
		assert_int_equal(verify(&m, "something else"), 0);
		ldns_rdf_data(m.signature)[9] ^= 1;
		assert_int_equal(verify(&m, DATA), 0);
		ldns_rdf_set_size(m.signature, 1);
		assert_int_equal(verify(&m, DATA), 0);
		ldns_rdf_set_size(m.signature, 0);
		assert_int_equal(verify(&m, DATA), 0);
		drop(&m);
	}
}

/* r or s with zeros in front, or with the first bit set. */
static void ecdsa_in_der(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		struct made m;

		make(&m, LDNS_SIGN_ECDSAP256SHA256, 256);
		assert_int_equal(verify(&m, DATA), 1);
		drop(&m);
	}
}

static void ds_of_a_key(void **state)
{
	static const ldns_hash types[] = {LDNS_SHA1, LDNS_SHA256, LDNS_SHA384};
	struct zonename owner, other;
	struct made m;
	size_t i;

	(void)state;
	zonename_parse(&owner, "EXAMPLE.", 8, NULL);
	zonename_parse(&other, "other.", 6, NULL);
	make(&m, LDNS_SIGN_ECDSAP256SHA256, 256);
	for (i = 0; i < 3; i++) {
		ldns_rr *ds = ldns_key_rr2ds(m.rr, types[i]);
		const uint8_t *digest = ldns_rdf_data(ldns_rr_rdf(ds, 3));
		size_t len = ldns_rdf_size(ldns_rr_rdf(ds, 3));
		uint8_t type = (uint8_t)types[i];
		uint16_t tag = m.key.tag;

		assert_int_equal(dnskey_matches_ds(&m.key, &owner, 13, tag,
		                     type, digest, len),
		    1);
		assert_int_equal(dnskey_matches_ds(&m.key, &other, 13, tag,
		                     type, digest, len),
		    0);
		assert_int_equal(dnskey_matches_ds(&m.key, &owner, 13, tag,
		                     type, digest, len - 1),
		    0);
		assert_int_equal(dnskey_matches_ds(
		                     &m.key, &owner, 8, tag, type, digest, len),
		    0);
		assert_int_equal(
		    dnskey_matches_ds(&m.key, &owner, 13, tag, 99, digest, len),
		    -ENOTSUP);
		ldns_rr_free(ds);
	}
	drop(&m);
}

static void no_key(void **state)
{
	static const uint8_t unknown[] = {1, 1, 3, 200, 1, 2, 3};
	static const uint8_t broken[] = {1, 1, 3, 13, 1, 2, 3};
	struct dnskey key;

	(void)state;
	assert_int_equal(dnskey_open(&key, unknown, 4), -EBADMSG);
	assert_int_equal(dnskey_open(&key, unknown, sizeof(unknown)), 0);
	assert_int_equal(dnskey_verify(&key, unknown, 1, unknown, 1), -ENOTSUP);
	assert_true(dnskey_is_for_zones(&key));
	dnskey_close(&key);
	assert_int_equal(dnskey_open(&key, broken, sizeof(broken)), 0);
	assert_int_equal(dnskey_verify(&key, unknown, 1, unknown, 1), 0);
	dnskey_close(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_algorithm),
	    cmocka_unit_test(ecdsa_in_der),
	    cmocka_unit_test(ds_of_a_key),
	    cmocka_unit_test(no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

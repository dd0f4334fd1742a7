/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "keyring.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOW 1000

static struct keyring ring;
static struct zonefacts facts;
static struct zonename apex;

static int setup(void **state)
{
	(void)state;
	memset(&facts, 0, sizeof(facts));
	return zonename_parse(&apex, "example.", 8, NULL);
}

static int teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	return 0;
}

/* A key, or what has the form of one.  Its bit. */
static keymask add(
    keymask *set, unsigned int flags, uint8_t algorithm, uint8_t seed)
{
	uint8_t rdata[36] = {
	    (uint8_t)(flags >> 8), (uint8_t)flags, 3, algorithm, seed, 1};
	keymask before = *set, had;
	int count = ring.count;

	*set = 0;
	assert_int_equal(keyring_add(&ring, set, rdata, sizeof(rdata)), 0);
	had = *set;
	*set |= before;
	assert_true(ring.count <= count + 1);
	return had;
}

static struct fact_ref ref_of(keymask bit)
{
	struct fact_ref ref;
	int i = __builtin_ctzll(bit);

	ref.algorithm = ring.key[i].algorithm;
	ref.tag = ring.key[i].tag;
	memcpy(ref.sha, ring.key[i].sha, DNSKEY_SHA);
	return ref;
}

static void settle(void)
{
	assert_int_equal(keyring_settle(&ring, &facts, &apex, NOW), 0);
}

static void needs_without_ds(void **state)
{
	keymask ksk = add(&ring.zone, 257, 13, 1);
	keymask zsk = add(&ring.zone, 256, 8, 2);
	keymask gone = add(&ring.zone, 257 | DNSKEY_REVOKE, 13, 3);
	keymask other = add(&ring.zone, 1, 13, 4);

	(void)state;
	settle();
	assert_int_equal(ring.needs, 1);
	assert_int_equal(ring.need[0].keys, ksk | zsk);
	assert_int_equal(ring.anchor, ksk);
	assert_false(keyring_fits(&ring, gone | other));
	assert_true(keyring_fits(&ring, zsk));
}

static void no_sep_is_no_hindrance(void **state)
{
	keymask zsk = add(&ring.zone, 256, 13, 1);

	(void)state;
	settle();
	assert_int_equal(ring.anchor, zsk);
}

static void a_need_for_each_algorithm(void **state)
{
	keymask a = add(&ring.zone, 257, 13, 1);
	keymask b = add(&ring.zone, 257, 8, 2);

	(void)state;
	facts.ds_state = DS_IN_USE;
	facts.ds_count = 3;
	facts.ds[0].algorithm = facts.ds[1].algorithm = 13;
	facts.ds[2].algorithm = 8;
	settle();
	assert_int_equal(ring.needs, 2);
	assert_false(keyring_fits(&ring, a));
	assert_false(keyring_fits(&ring, b));
	assert_true(keyring_fits(&ring, a | b));
	/* these point to neither */
	assert_int_equal(ring.anchor, 0);
}

static void sets_that_caches_hold(void **state)
{
	keymask new = add(&ring.zone, 256, 13, 1);
	keymask old = add(&ring.served, 256, 13, 2);

	(void)state;
	facts.sets = 2;
	facts.set[0].until = NOW + 1;
	facts.set[0].key[0] = ref_of(old);
	facts.set[0].keys = 1;
	facts.set[1] = facts.set[0];
	facts.set[1].until = NOW;
	settle();
	assert_int_equal(ring.needs, 2);
	assert_int_equal(ring.own_needs, 1);
	assert_true(ring.need[1].cached);
	assert_false(keyring_fits(&ring, new));
	assert_true(keyring_fits(&ring, new | old));
}

/* A set from before an algorithm came in is held to what it has. */
static void cached_set_without_an_algorithm(void **state)
{
	keymask old = add(&ring.zone, 257, 8, 1);

	(void)state;
	add(&ring.zone, 257, 13, 2);
	facts.ds_count = 1;
	facts.ds[0].algorithm = 13;
	facts.sets = 1;
	facts.set[0].until = NOW + 1;
	facts.set[0].key[0] = ref_of(old);
	facts.set[0].keys = 1;
	settle();
	assert_int_equal(ring.needs, 2);
	assert_int_equal(ring.need[1].keys, old);
}

static void keys_with_one_tag(void **state)
{
	/* the key tag is a sum (RFC 4034, appendix B) */
	uint8_t rdata[8] = {1, 0, 3, 13, 1, 2, 3, 4};
	keymask a = 0, b = 0, c;

	(void)state;
	assert_int_equal(keyring_add(&ring, &a, rdata, 8), 0);
	rdata[4] = 3, rdata[6] = 1;
	assert_int_equal(keyring_add(&ring, &b, rdata, 8), 0);
	c = add(&ring.zone, 256, 13, 9);
	ring.zone |= a | b;
	settle();
	assert_int_equal(ring.ambiguous, a | b);
	assert_int_equal(keyring_find(&ring, ring.zone, 13,
	                     ring.key[__builtin_ctzll(a)].tag),
	    a | b);
	assert_int_equal(keyring_find(&ring, ring.zone, 13,
	                     ring.key[__builtin_ctzll(c)].tag),
	    c);
}

static struct fact_key wanted(keymask bit)
{
	const struct dnskey *key = &ring.key[__builtin_ctzll(bit)];
	struct fact_key fact = {
	    .flags = key->flags, .algorithm = key->algorithm};

	memcpy(fact.public_sha, key->public_sha, DNSKEY_SHA);
	return fact;
}

static void what_the_signconf_asks_for(void **state)
{
	keymask ksk = add(&ring.zone, 257, 13, 1);
	keymask zsk = add(&ring.zone, 256, 13, 2);
	keymask extra = add(&ring.zone, 257, 13, 3);
	struct fact_key want[3] = {wanted(ksk), wanted(zsk)};

	(void)state;
	settle();
	assert_true(keyring_is_wanted(&ring, want, 2, extra));
	assert_false(keyring_is_wanted(&ring, want, 2, 0));
	assert_false(keyring_is_wanted(&ring, want, 1, extra));
	want[2] = wanted(extra);
	assert_true(keyring_is_wanted(&ring, want, 3, 0));
	want[2].public_sha[0] ^= 1;
	assert_false(keyring_is_wanted(&ring, want, 3, extra));
	want[2].any = true;
	assert_true(keyring_is_wanted(&ring, want, 3, 0));
	want[2].flags = 256 | DNSKEY_SEP | DNSKEY_REVOKE;
	assert_false(keyring_is_wanted(&ring, want, 3, extra));
}

static void one_of_several_signers(void **state)
{
	keymask a = add(&ring.zone, 256, 13, 1);
	keymask b = add(&ring.served, 256, 13, 2);
	struct fact_set set = {.keys = 2};

	(void)state;
	settle();
	set.key[0] = ref_of(b);
	set.key[1] = ref_of(a);
	assert_true(keyring_has_one(&ring, ring.zone, &set));
	set.keys = 1;
	assert_false(keyring_has_one(&ring, ring.zone, &set));
}

static void no_more_than_fit(void **state)
{
	uint8_t rdata[8] = {1, 0, 3, 13};
	keymask set = 0;
	int i;

	(void)state;
	for (i = 0; i < KEYRING_MAX; i++) {
		rdata[5] = (uint8_t)i;
		assert_int_equal(keyring_add(&ring, &set, rdata, 8), 0);
	}
	assert_int_equal(set, ~(keymask)0);
	assert_int_equal(keyring_add(&ring, &set, rdata, 8), 0);
	rdata[6] = 1;
	assert_int_equal(keyring_add(&ring, &set, rdata, 8), -E2BIG);
	assert_int_equal(keyring_add(&ring, &set, rdata, 4), -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(needs_without_ds),
	    TEST(no_sep_is_no_hindrance),
	    TEST(a_need_for_each_algorithm),
	    TEST(sets_that_caches_hold),
	    TEST(cached_set_without_an_algorithm),
	    TEST(keys_with_one_tag),
	    TEST(what_the_signconf_asks_for),
	    TEST(one_of_several_signers),
	    TEST(no_more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "faketoken.h"

#include <errno.h>

#include "tokenkeys.h"

/* "a" is 61, "b" 62, ... */
static struct keylist list;
static struct tokenkeys keys;
static struct token_answer answer;
static char detail[64];

static int setup(void **state)
{
	struct why why;

	(void)state;
	memset(&answer, 0, sizeof(answer));
	return keylist_parse(
	    "R 61 8\nR 62 13\nR 63 15\nS 64 13\n", &list, &why);
}

static int teardown(void **state)
{
	(void)state;
	tokenkeys_free(&keys);
	keylist_free(&list);
	fake_forget();
	return 0;
}

static int read_all(void)
{
	struct token_session s = fake_session();

	tokenkeys_free(&keys);
	return tokenkeys_read(&s, &list, 0, 3, &keys, &answer);
}

static void expect(size_t key, enum key_state state, const char *word)
{
	assert_int_equal(
	    keyfacts_state(&keys.facts[key], detail, sizeof(detail)), state);
	assert_string_equal(detail, word);
}

static void pairs(void **state)
{
	(void)state;
	fake_pair(CKK_RSA, "a", 0);
	fake_pair(CKK_EC, "b", 0);
	fake_pair(CKK_EC_EDWARDS, "c", 0);
	assert_int_equal(read_all(), 0);
	expect(0, KEY_PRESENT, "public");
	expect(1, KEY_PRESENT, "public");
	expect(2, KEY_PRESENT, "public");
	assert_int_equal(keys.facts[0].key->kind, PUBKEY_RSA);
	assert_int_equal(keys.facts[1].key->kind, PUBKEY_P256);
	assert_int_equal(keys.facts[2].key->kind, PUBKEY_ED25519);
	assert_int_equal(keys.privates, 3);
	assert_int_equal(keys.extra, 0);
	assert_int_equal(fake.searches, 2);
}

/* Whoever tells the key, and however the point is wrapped, it is one key. */
static void one_key_in_all_forms(void **state)
{
	struct fake_object *o;
	char a[PUBKEY_HEX_MAX], b[PUBKEY_HEX_MAX];
	struct pubkey *key;

	(void)state;
	fake_pair(CKK_EC, "b", 0);
	assert_int_equal(read_all(), 0);
	key = keys.facts[1].key;
	assert_int_equal(pubkey_digest(key->field, key->len, a), 0);
	o = &fake.object[1];
	o->point.data = realloc(o->point.data, 67);
	memmove(o->point.data + 2, o->point.data, 65);
	o->point.data[0] = 4;
	o->point.data[1] = 65;
	o->point.size = 67;
	assert_int_equal(read_all(), 0);
	key = keys.facts[1].key;
	assert_int_equal(pubkey_digest(key->field, key->len, b), 0);
	assert_string_equal(a, b);
	fake_half(CKO_PUBLIC_KEY, CKK_EC, "b", 0); /* the plain form too */
	assert_int_equal(read_all(), 0);
	expect(1, KEY_PRESENT, "public-several-objects");
}

static void twins(void **state)
{
	(void)state;
	fake_pair(CKK_EC, "b", 0);
	fake_half(CKO_PUBLIC_KEY, CKK_EC, "b", 1);
	fake_half(CKO_PRIVATE_KEY, CKK_RSA, "a", 0);
	fake_half(CKO_PRIVATE_KEY, CKK_RSA, "a", 1);
	assert_int_equal(read_all(), 0);
	expect(0, KEY_TWIN, "private-keys-differ");
	expect(1, KEY_TWIN, "public-keys-differ");
}

/* The public object is of another pair than the private one; also where the
 * private one tells its modulus alone. */
static void halves_that_disagree(void **state)
{
	struct fake_object *o = fake_half(CKO_PRIVATE_KEY, CKK_RSA, "a", 0);

	(void)state;
	fake_half(CKO_PUBLIC_KEY, CKK_RSA, "a", 1);
	assert_int_equal(read_all(), 0);
	expect(0, KEY_TWIN, "halves-differ");
	gnutls_free(o->exponent.data);
	o->exponent.data = NULL;
	fake.strict = 1;
	assert_int_equal(read_all(), 0);
	expect(0, KEY_TWIN, "halves-differ");
}

static void what_is_not_told(void **state)
{
	struct fake_object *o;

	(void)state;
	fake_half(CKO_PRIVATE_KEY, CKK_RSA, "a", 0);
	fake_half(CKO_PRIVATE_KEY, CKK_EC, "b", 0);
	fake_half(CKO_PUBLIC_KEY, CKK_EC_EDWARDS, "c", 0);
	assert_int_equal(read_all(), 0);
	expect(0, KEY_PRESENT, "private"); /* SkipPublicKey */
	expect(1, KEY_UNPROVEN_PUBLIC, "no-public-half");
	expect(2, KEY_MISSING, "public-half-only");
	o = &fake.object[0];
	gnutls_free(o->exponent.data);
	o->exponent.data = NULL;
	assert_int_equal(read_all(), 0);
	expect(0, KEY_UNPROVEN_PUBLIC, "no-public-half");
	o->modulus.size = 0;
	assert_int_equal(read_all(), 0);
	expect(0, KEY_UNPROVEN_PUBLIC, "no-public-half");
}

/* Keys that nobody asked for, without an id or with one of another
 * repository, are counted and not looked at. */
static void extra_keys(void **state)
{
	static char names[100][8];
	int i;

	(void)state;
	fake_pair(CKK_EC, "b", 0);
	for (i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "x%d", i);
		fake_add(CKO_PRIVATE_KEY, CKK_EC, names[i]);
		fake_add(CKO_PUBLIC_KEY, CKK_EC, names[i]);
	}
	fake_add(CKO_PRIVATE_KEY, CKK_EC, NULL);
	fake_add(CKO_PRIVATE_KEY, CKK_EC, "d");
	fake_add(CKO_PUBLIC_KEY, CKK_EC, "d");
	fake_add(CKO_CERTIFICATE, 0, "b");
	assert_int_equal(read_all(), 0);
	expect(0, KEY_MISSING, "");
	expect(1, KEY_PRESENT, "public");
	assert_int_equal(keys.privates, 103);
	assert_int_equal(keys.extra, 102);
	assert_int_equal(fake.searches, 2);
	/* One of each object, one more for each half of "b", two more where
	 * there is no id. */
	assert_true(fake.attribute_calls <= 2 + 202 + 2 + 1 + 2 + 2);
}

/* An enforcer deletes keys meanwhile. */
static void an_object_that_goes(void **state)
{
	(void)state;
	fake_pair(CKK_EC, "b", 0);
	fake_pair(CKK_RSA, "a", 0);
	fake.object[2].gone = CKR_OBJECT_HANDLE_INVALID;
	assert_int_equal(read_all(), 0);
	expect(0, KEY_MISSING, "public-half-only");
	expect(1, KEY_PRESENT, "public");
}

/* A token that goes away is no token without keys. */
static void a_token_that_goes(void **state)
{
	(void)state;
	fake_pair(CKK_EC, "b", 0);
	fake.object[1].gone = CKR_DEVICE_REMOVED;
	assert_int_equal(read_all(), -EIO);
	assert_int_equal(answer.verdict, HSM_ERROR);
	assert_string_equal(answer.detail, "CKR_DEVICE_REMOVED");
	fake.object[1].gone = CKR_OK;
	fake.find_rv = CKR_DEVICE_ERROR;
	assert_int_equal(read_all(), -EIO);
	assert_string_equal(answer.detail, "CKR_DEVICE_ERROR");
}

static void the_pin_at_each_use(void **state)
{
	struct token_session s = fake_session();
	struct fake_object *o = fake_half(CKO_PRIVATE_KEY, CKK_EC, "b", 0);
	int always;

	(void)state;
	assert_int_equal(tokenkeys_asks_always(&s, 1, &always), 0);
	assert_false(always);
	o->always = 1;
	assert_int_equal(tokenkeys_asks_always(&s, 1, &always), 0);
	assert_true(always);
	o->gone = CKR_DEVICE_ERROR;
	assert_int_equal(tokenkeys_asks_always(&s, 1, &always), -EIO);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(pairs),
	    T(one_key_in_all_forms),
	    T(twins),
	    T(halves_that_disagree),
	    T(what_is_not_told),
	    T(extra_keys),
	    T(an_object_that_goes),
	    T(a_token_that_goes),
	    T(the_pin_at_each_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

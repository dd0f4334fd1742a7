/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_FAKETOKEN_H
#define TEST_FAKETOKEN_H

/* A token in this process, for what SoftHSM cannot show: its objects are rows
 * of a table, its private keys are GnuTLS's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "tokensession.h"

#define FAKE_OBJECTS_MAX 400

struct fake_object {
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE type;
	const char *id; /* CKA_ID, its bytes; NULL = it has none */
	gnutls_datum_t modulus, exponent, point; /* .data NULL: not told */
	gnutls_privkey_t key;
	int always; /* CKA_ALWAYS_AUTHENTICATE */
	CK_RV gone; /* answer to all that is asked of it */
};

static struct {
	struct fake_object object[FAKE_OBJECTS_MAX];
	size_t count, at;
	CK_OBJECT_CLASS wanted;
	CK_OBJECT_HANDLE signing;
	int searching, strict; /* strict: one unknown attribute spoils a call */
	CK_RV find_rv, sign_rv;
	int sign_ms;
	int searches, attribute_calls, sign_inits, signs; /* counted */
} fake;

static inline CK_RV fake_find_init(
    CK_SESSION_HANDLE session, CK_ATTRIBUTE *want, CK_ULONG count)
{
	(void)session;
	assert_int_equal(count, 1);
	assert_int_equal(want->type, CKA_CLASS);
	memcpy(&fake.wanted, want->pValue, sizeof(fake.wanted));
	fake.at = 0;
	fake.searching = 1;
	fake.searches++;
	return CKR_OK;
}

/* At most seven at a time. */
static inline CK_RV fake_find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *out,
    CK_ULONG max, CK_ULONG *count)
{
	(void)session;
	*count = 0;
	for (; fake.at < fake.count && *count < max && *count < 7; fake.at++)
		if (fake.object[fake.at].class == fake.wanted)
			out[(*count)++] = fake.at + 1;
	return fake.find_rv;
}

static inline CK_RV fake_find_final(CK_SESSION_HANDLE session)
{
	(void)session;
	fake.searching = 0;
	return CKR_OK;
}

static inline CK_RV fake_give(CK_ATTRIBUTE *want, const void *data, size_t len)
{
	CK_ULONG room = want->ulValueLen;

	want->ulValueLen = (CK_ULONG)-1;
	if (!data)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (len > room)
		return CKR_BUFFER_TOO_SMALL;
	memcpy(want->pValue, data, len);
	want->ulValueLen = len;
	return CKR_OK;
}

static inline CK_RV fake_attribute(
    const struct fake_object *o, CK_ATTRIBUTE *want)
{
	CK_BBOOL always = CK_TRUE;

	switch (want->type) {
	case CKA_ID:
		return fake_give(want, o->id, o->id ? strlen(o->id) : 0);
	case CKA_KEY_TYPE:
		return fake_give(want, &o->type, sizeof(o->type));
	case CKA_MODULUS:
		return fake_give(want, o->modulus.data, o->modulus.size);
	case CKA_PUBLIC_EXPONENT:
		return fake_give(want, o->exponent.data, o->exponent.size);
	case CKA_EC_POINT:
		return fake_give(want, o->point.data, o->point.size);
	case CKA_ALWAYS_AUTHENTICATE:
		return fake_give(
		    want, o->always ? &always : NULL, sizeof(always));
	default:
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
}

static inline CK_RV fake_attributes(CK_SESSION_HANDLE session,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE *want, CK_ULONG count)
{
	const struct fake_object *o = &fake.object[object - 1];
	CK_RV rv = CKR_OK;
	CK_ULONG i;

	(void)session;
	assert_false(fake.searching);
	fake.attribute_calls++;
	if (o->gone != CKR_OK)
		return o->gone;
	for (i = 0; i < count; i++) {
		CK_RV one = fake_attribute(o, &want[i]);

		if (one != CKR_OK)
			rv = one;
		if (one != CKR_OK && fake.strict)
			return one;
	}
	return rv;
}

static inline CK_RV fake_sign_init(
    CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE object)
{
	CK_KEY_TYPE type = fake.object[object - 1].type;

	(void)session;
	fake.sign_inits++;
	assert_int_equal(mechanism->mechanism, type == CKK_RSA  ? CKM_RSA_PKCS
	                                       : type == CKK_EC ? CKM_ECDSA
	                                                        : CKM_EDDSA);
	fake.signing = object;
	return CKR_OK;
}

/* r and s, 32 bytes each, out of the DER. */
static inline void fake_plain(gnutls_datum_t *der, unsigned char *out)
{
	gnutls_datum_t part[2];
	int i;

	assert_int_equal(gnutls_decode_rs_value(der, &part[0], &part[1]), 0);
	memset(out, 0, 64);
	for (i = 0; i < 2; i++) {
		unsigned char *at = part[i].data;
		unsigned int len = part[i].size;

		for (; len > 32; len--)
			at++;
		memcpy(out + 32 * i + 32 - len, at, len);
		gnutls_free(part[i].data);
	}
}

static inline CK_RV fake_sign(CK_SESSION_HANDLE session, unsigned char *data,
    CK_ULONG data_len, unsigned char *out, CK_ULONG *len)
{
	const struct fake_object *o = &fake.object[fake.signing - 1];
	gnutls_datum_t in = {data, (unsigned int)data_len}, sig = {0};

	(void)session;
	fake.signs++;
	if (fake.sign_ms)
		usleep((useconds_t)fake.sign_ms * 1000);
	if (fake.sign_rv != CKR_OK)
		return fake.sign_rv;
	if (o->type == CKK_RSA)
		assert_int_equal(
		    gnutls_privkey_sign_hash(o->key, GNUTLS_DIG_UNKNOWN,
		        GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA, &in, &sig),
		    0);
	else if (o->type == CKK_EC)
		assert_int_equal(gnutls_privkey_sign_hash2(o->key,
		                     GNUTLS_SIGN_ECDSA_SHA256, 0, &in, &sig),
		    0);
	else
		assert_int_equal(gnutls_privkey_sign_data2(o->key,
		                     GNUTLS_SIGN_EDDSA_ED25519, 0, &in, &sig),
		    0);
	if (o->type == CKK_EC) {
		fake_plain(&sig, out);
		*len = 64;
	} else {
		assert_true(sig.size <= *len);
		memcpy(out, sig.data, sig.size);
		*len = sig.size;
	}
	gnutls_free(sig.data);
	return CKR_OK;
}

static inline void fake_step(const char *call, void *arg)
{
	(void)call, (void)arg;
}

static inline struct token_session fake_session(void)
{
	static CK_FUNCTION_LIST list;
	struct token_session s = {
	    .call = &list, .handle = 1, .step = fake_step};

	list.C_FindObjectsInit = fake_find_init;
	list.C_FindObjects = fake_find;
	list.C_FindObjectsFinal = fake_find_final;
	list.C_GetAttributeValue = fake_attributes;
	list.C_SignInit = fake_sign_init;
	list.C_Sign = fake_sign;
	return s;
}

static inline void fake_forget(void)
{
	size_t i;

	for (i = 0; i < fake.count; i++) {
		gnutls_free(fake.object[i].modulus.data);
		gnutls_free(fake.object[i].exponent.data);
		gnutls_free(fake.object[i].point.data);
	}
	memset(&fake, 0, sizeof(fake));
}

static inline struct fake_object *fake_add(
    CK_OBJECT_CLASS class, CK_KEY_TYPE type, const char *id)
{
	struct fake_object *o = &fake.object[fake.count++];

	assert_true(fake.count <= FAKE_OBJECTS_MAX);
	o->class = class;
	o->type = type;
	o->id = id;
	return o;
}

/* A private key; made once for each NUMBER and type. */
static inline gnutls_privkey_t fake_key(CK_KEY_TYPE type, int number)
{
	static gnutls_privkey_t made[3][2];
	int kind = type == CKK_RSA ? 0 : type == CKK_EC ? 1 : 2;
	gnutls_privkey_t *key = &made[kind][number];

	if (*key)
		return *key;
	assert_int_equal(gnutls_privkey_init(key), 0);
	if (kind == 0)
		assert_int_equal(
		    gnutls_privkey_generate(*key, GNUTLS_PK_RSA, 1024, 0), 0);
	else if (kind == 1)
		assert_int_equal(
		    gnutls_privkey_generate(*key, GNUTLS_PK_ECDSA,
		        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		    0);
	else
		assert_int_equal(
		    gnutls_privkey_generate(*key, GNUTLS_PK_EDDSA_ED25519,
		        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), 0),
		    0);
	return *key;
}

/* 04 and both coordinates of 32 bytes, or the 32 bytes of an Edwards curve. */
static inline void fake_point(
    gnutls_privkey_t key, CK_KEY_TYPE type, gnutls_datum_t *point)
{
	gnutls_datum_t x = {0}, y = {0};

	assert_int_equal(gnutls_privkey_export_ecc_raw2(
	                     key, NULL, &x, &y, NULL, GNUTLS_EXPORT_FLAG_NO_LZ),
	    0);
	point->size = type == CKK_EC ? 65 : 32;
	point->data = gnutls_malloc(point->size);
	memset(point->data, 0, point->size);
	if (type == CKK_EC) {
		point->data[0] = 4;
		memcpy(point->data + 33 - x.size, x.data, x.size);
		memcpy(point->data + 65 - y.size, y.data, y.size);
	} else {
		memcpy(point->data, x.data, 32);
	}
	gnutls_free(x.data);
	gnutls_free(y.data);
}

static inline struct fake_object *fake_half(
    CK_OBJECT_CLASS class, CK_KEY_TYPE type, const char *id, int number)
{
	struct fake_object *o = fake_add(class, type, id);

	o->key = fake_key(type, number);
	if (type == CKK_RSA)
		assert_int_equal(
		    gnutls_privkey_export_rsa_raw(o->key, &o->modulus,
		        &o->exponent, NULL, NULL, NULL, NULL, NULL, NULL),
		    0);
	else if (class == CKO_PUBLIC_KEY)
		fake_point(o->key, type, &o->point);
	return o;
}

/* Both halves of key NUMBER. */
static inline void fake_pair(CK_KEY_TYPE type, const char *id, int number)
{
	fake_half(CKO_PRIVATE_KEY, type, id, number);
	fake_half(CKO_PUBLIC_KEY, type, id, number);
}

#endif

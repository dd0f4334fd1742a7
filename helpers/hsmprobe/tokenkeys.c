/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "tokenkeys.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define BATCH 100 /* handles of one C_FindObjects */
#define HANDLES_MAX 2000000
#define POINT_MAX 160

struct handles {
	CK_OBJECT_HANDLE *at;
	size_t count, room;
};

static void handles_free(struct handles *h)
{
	free(h->at);
}

static CK_RV handles_add(
    struct handles *h, const CK_OBJECT_HANDLE *more, CK_ULONG count)
{
	if (!h->at || h->count + count > h->room) {
		size_t room = 2 * h->room + BATCH;
		CK_OBJECT_HANDLE *at = room > HANDLES_MAX
		                           ? NULL
		                           : realloc(h->at, room * sizeof(*at));

		if (!at)
			return CKR_HOST_MEMORY;
		h->at = at;
		h->room = room;
	}
	memcpy(h->at + h->count, more, count * sizeof(*more));
	h->count += count;
	return CKR_OK;
}

/* All objects of CLASS.  The search ends before anything is asked of them:
 * some modules do nothing else meanwhile. */
static CK_RV handles_find(
    const struct token_session *s, CK_OBJECT_CLASS class, struct handles *h)
{
	CK_ATTRIBUTE want = {CKA_CLASS, &class, sizeof(class)};
	CK_OBJECT_HANDLE found[BATCH];
	CK_ULONG count = 1;
	CK_RV rv, end;

	s->step("C_FindObjectsInit", s->step_arg);
	rv = s->call->C_FindObjectsInit(s->handle, &want, 1);
	if (rv != CKR_OK)
		return rv;
	while (rv == CKR_OK && count > 0) {
		s->step("C_FindObjects", s->step_arg);
		rv = s->call->C_FindObjects(s->handle, found, BATCH, &count);
		if (rv == CKR_OK && count > BATCH)
			rv = CKR_GENERAL_ERROR;
		if (rv == CKR_OK && count > 0)
			rv = handles_add(h, found, count);
	}
	end = s->call->C_FindObjectsFinal(s->handle);
	return rv == CKR_OK ? end : rv;
}

/* Answers that are about one attribute, not about the token. */
static bool attribute_only(CK_RV rv)
{
	return rv == CKR_ATTRIBUTE_TYPE_INVALID ||
	       rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_BUFFER_TOO_SMALL;
}

/* One that is not told has the length 0. */
static CK_RV attribute(
    const struct token_session *s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *want)
{
	CK_ULONG room = want->ulValueLen;
	CK_RV rv;

	s->step("C_GetAttributeValue", s->step_arg);
	rv = s->call->C_GetAttributeValue(s->handle, object, want, 1);
	if (attribute_only(rv) || want->ulValueLen > room)
		want->ulValueLen = 0;
	return attribute_only(rv) ? CKR_OK : rv;
}

/* In one call as a rule.  Where one of them is not told, some modules do not
 * fill in the other one either: then one by one. */
static CK_RV attributes(const struct token_session *s, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE want[2])
{
	CK_ULONG room[2] = {want[0].ulValueLen, want[1].ulValueLen};
	CK_RV rv;

	s->step("C_GetAttributeValue", s->step_arg);
	rv = s->call->C_GetAttributeValue(s->handle, object, want, 2);
	if (rv == CKR_OK && want[0].ulValueLen <= room[0] &&
	    want[1].ulValueLen <= room[1])
		return CKR_OK;
	if (rv != CKR_OK && !attribute_only(rv))
		return rv;
	want[0].ulValueLen = room[0];
	want[1].ulValueLen = room[1];
	rv = attribute(s, object, &want[0]);
	return rv == CKR_OK ? attribute(s, object, &want[1]) : rv;
}

/* What an object tells of its public key. */
struct told {
	bool whole;
	struct pubkey key;
	char modulus[PUBKEY_HEX_MAX];
};

static CK_RV rsa_told(
    const struct token_session *s, CK_OBJECT_HANDLE object, struct told *told)
{
	CK_BYTE modulus[PUBKEY_NUMBER_MAX + 1];
	CK_BYTE exponent[PUBKEY_NUMBER_MAX + 1];
	CK_ATTRIBUTE want[] = {{CKA_MODULUS, modulus, sizeof(modulus)},
	    {CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)}};
	CK_RV rv = attributes(s, object, want);
	const CK_BYTE *at = modulus;
	size_t len;

	if (rv != CKR_OK)
		return rv;
	told->whole = pubkey_rsa(&told->key, modulus, want[0].ulValueLen,
	                  exponent, want[1].ulValueLen) == 0;
	len = want[0].ulValueLen;
	while (len > 0 && *at == 0) {
		at++;
		len--;
	}
	return len > 0 && pubkey_digest(at, len, told->modulus) < 0
	           ? CKR_HOST_MEMORY
	           : CKR_OK;
}

static CK_RV point_told(const struct token_session *s, CK_OBJECT_HANDLE object,
    bool edwards, struct told *told)
{
	CK_BYTE point[POINT_MAX];
	CK_ATTRIBUTE want = {CKA_EC_POINT, point, sizeof(point)};
	CK_RV rv = attribute(s, object, &want);
	size_t len = want.ulValueLen;

	if (rv != CKR_OK || len == 0)
		return rv;
	told->whole = (edwards ? pubkey_eddsa(&told->key, point, len)
	                       : pubkey_ecdsa(&told->key, point, len)) == 0;
	return CKR_OK;
}

static CK_RV told_read(const struct token_session *s, CK_OBJECT_HANDLE object,
    CK_KEY_TYPE type, struct told *told)
{
	told->whole = false;
	told->modulus[0] = '\0';
	if (type == CKK_RSA)
		return rsa_told(s, object, told);
	if (type == CKK_EC || type == CKK_EC_EDWARDS)
		return point_told(s, object, type == CKK_EC_EDWARDS, told);
	return CKR_OK;
}

static CK_RV object_read(const struct token_session *s, CK_OBJECT_HANDLE object,
    enum key_half half, const struct keylist *list, size_t first,
    struct tokenkeys *keys)
{
	CK_BYTE id[KEYLIST_ID_MAX];
	CK_KEY_TYPE type = CKK_VENDOR_DEFINED;
	CK_ATTRIBUTE want[] = {
	    {CKA_ID, id, sizeof(id)}, {CKA_KEY_TYPE, &type, sizeof(type)}};
	CK_RV rv = attributes(s, object, want);
	struct told told;
	long at;

	if (rv != CKR_OK)
		return rv;
	at = keylist_find(list, first, keys->count, id, want[0].ulValueLen);
	if (half == HALF_PRIVATE) {
		keys->privates++;
		keys->extra += at < 0;
	}
	if (at < 0)
		return CKR_OK;
	rv = told_read(s, object, type, &told);
	if (rv != CKR_OK)
		return rv;
	return keyfacts_add(&keys->facts[at], half, object,
	           told.whole ? &told.key : NULL, told.modulus) < 0
	           ? CKR_HOST_MEMORY
	           : CKR_OK;
}

static CK_RV half_read(const struct token_session *s, enum key_half half,
    const struct keylist *list, size_t first, struct tokenkeys *keys)
{
	CLEANUP(handles_free) struct handles h = {0};
	CK_RV rv = handles_find(
	    s, half == HALF_PRIVATE ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY, &h);
	size_t i;

	for (i = 0; rv == CKR_OK && i < h.count; i++) {
		rv = object_read(s, h.at[i], half, list, first, keys);
		if (rv == CKR_OBJECT_HANDLE_INVALID)
			rv = CKR_OK; /* it was deleted meanwhile */
	}
	return rv;
}

int tokenkeys_read(const struct token_session *s, const struct keylist *list,
    size_t first, size_t count, struct tokenkeys *keys,
    struct token_answer *answer)
{
	CK_RV rv;

	memset(keys, 0, sizeof(*keys));
	keys->facts = calloc(count + 1, sizeof(*keys->facts));
	if (!keys->facts)
		return -ENOMEM;
	keys->count = count;
	rv = half_read(s, HALF_PRIVATE, list, first, keys);
	if (rv == CKR_OK)
		rv = half_read(s, HALF_PUBLIC, list, first, keys);
	return token_session_answer(answer, rv) ? 0 : -EIO;
}

void tokenkeys_free(struct tokenkeys *keys)
{
	size_t i;

	for (i = 0; keys->facts && i < keys->count; i++)
		keyfacts_free(&keys->facts[i]);
	free(keys->facts);
	keys->facts = NULL;
}

int tokenkeys_asks_always(
    const struct token_session *s, unsigned long object, int *always)
{
	CK_BBOOL value = CK_FALSE;
	CK_ATTRIBUTE want = {CKA_ALWAYS_AUTHENTICATE, &value, sizeof(value)};
	CK_RV rv = attribute(s, object, &want);

	*always = rv == CKR_OK && want.ulValueLen == sizeof(value) && value;
	return rv == CKR_OK ? 0 : -EIO;
}

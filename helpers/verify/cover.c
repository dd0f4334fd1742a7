/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RR_HEAD 10 /* type, class, TTL, size of rdata */
#define SIG_HEAD 18
#define SIGNATURE_MAX 1024

#define BIT(i) ((keymask)1 << (i))

int cover_open(struct cover *c, const struct zonename *origin)
{
	memset(c, 0, sizeof(*c));
	c->wire = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	c->origin = ldns_rdf_new_frm_data(
	    LDNS_RDF_TYPE_DNAME, origin->wire_len, origin->wire);
	return c->wire && c->origin ? 0 : -ENOMEM;
}

void cover_close(struct cover *c)
{
	ldns_buffer_free(c->wire);
	ldns_rdf_deep_free(c->origin);
	free(c->rdata);
	free(c->rr);
	free(c->data);
	memset(c, 0, sizeof(*c));
}

static int reserve(uint8_t **data, size_t *size, size_t wanted)
{
	uint8_t *bigger;

	if (wanted <= *size)
		return 0;
	bigger = realloc(*data, wanted * 2);
	if (!bigger)
		return -ENOMEM;
	*data = bigger;
	*size = wanted * 2;
	return 0;
}

/* The rdata of what is in c->wire, behind the owner and RR_HEAD. */
static int rdata_keep(struct cover *c)
{
	const uint8_t *wire = ldns_buffer_begin(c->wire);
	size_t len = ldns_buffer_position(c->wire), at = 0;

	while (wire[at])
		at += wire[at] + 1U;
	at += 1 + RR_HEAD;
	if (reserve(&c->rdata, &c->size, c->used + len - at) < 0)
		return -ENOMEM;
	if (c->rrs == c->room) {
		size_t room = c->room ? c->room * 2 : 16;
		void *bigger = realloc(c->rr, room * sizeof(*c->rr));

		if (!bigger)
			return -ENOMEM;
		c->rr = bigger;
		c->room = room;
	}
	memcpy(c->rdata + c->used, wire + at, len - at);
	c->rr[c->rrs].at = c->used;
	c->rr[c->rrs++].len = len - at;
	c->used += len - at;
	return 0;
}

static int rr_load(struct cover *c, const struct rrset *set,
    const struct zoneitem *item, const char **reason)
{
	const struct zonename *owner = set->owner;
	/* for an entry that does not say whose it is */
	ldns_rdf *prev = ldns_rdf_new_frm_data(
	    LDNS_RDF_TYPE_DNAME, owner->wire_len, owner->wire);
	ldns_status status;
	ldns_rr *rr = NULL;
	int rc = -EBADMSG;

	if (!prev)
		return -ENOMEM;
	status = ldns_rr_new_frm_str(
	    &rr, zoneitem_text(set->unit, item), item->ttl, c->origin, &prev);
	ldns_buffer_clear(c->wire);
	if (status == LDNS_STATUS_OK)
		status = ldns_rr2buffer_wire_canonical(
		    c->wire, rr, LDNS_SECTION_ANSWER);
	*reason = ldns_get_errorstr_by_id(status);
	if (status == LDNS_STATUS_OK && ldns_rr_get_type(rr) != item->type)
		*reason = "another type than it says";
	else if (status == LDNS_STATUS_OK)
		rc = rdata_keep(c);
	ldns_rr_free(rr);
	ldns_rdf_deep_free(prev);
	return rc;
}

static int canonical_order(const void *a, const void *b, void *arg)
{
	const struct cover_rr *x = a, *y = b;
	const struct cover *c = arg;
	size_t len = x->len < y->len ? x->len : y->len;
	int cmp = memcmp(c->rdata + x->at, c->rdata + y->at, len);

	if (cmp)
		return cmp;
	return x->len < y->len ? -1 : x->len > y->len;
}

static void each_once(struct cover *c)
{
	size_t from, to = 0;

	for (from = 0; from < c->rrs; from++)
		if (to == 0 ||
		    canonical_order(&c->rr[to - 1], &c->rr[from], c) != 0)
			c->rr[to++] = c->rr[from];
	c->rrs = to;
}

int cover_load(struct cover *c, const struct rrset *set,
    const struct zoneitem **bad, const char **reason)
{
	size_t i;

	c->used = c->rrs = 0;
	for (i = 0; i < set->unit->items; i++) {
		const struct zoneitem *item = &set->unit->item[i];
		int rc;

		if (item->owner != set->owner_index || item->type != set->type)
			continue;
		rc = rr_load(c, set, item, reason);
		*bad = item;
		if (rc < 0)
			return rc;
	}
	if (c->rrs > 1) {
		qsort_r(c->rr, c->rrs, sizeof(*c->rr), canonical_order, c);
		each_once(c);
	}
	return 0;
}

static uint8_t *put16(uint8_t *at, unsigned int value)
{
	*at++ = (uint8_t)(value >> 8);
	*at++ = (uint8_t)value;
	return at;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, value >> 16), value & 0xffff);
}

static uint8_t *put(uint8_t *at, const void *data, size_t len)
{
	memcpy(at, data, len);
	return at + len;
}

/* What SIG signs (RFC 4034 3.1.8.1).  Its size, or -ENOMEM. */
static int64_t signed_data(struct cover *c, const struct rrset *set,
    const struct zonesig *sig, const struct zonename *signer)
{
	const struct zonename *owner = set->owner;
	size_t i, head = owner->wire_len + RR_HEAD;
	uint8_t *at;

	if (reserve(&c->data, &c->data_size,
	        SIG_HEAD + signer->wire_len + c->rrs * head + c->used) < 0)
		return -ENOMEM;
	at = put16(c->data, sig->covers);
	*at++ = sig->algorithm;
	*at++ = sig->labels;
	at = put32(put32(put32(at, sig->ttl), sig->expires), sig->begins);
	at = put(put16(at, sig->tag), signer->wire, signer->wire_len);
	for (i = 0; i < c->rrs; i++) {
		at = put(at, owner->wire, owner->wire_len);
		at = put32(put16(put16(at, set->type), set->class), sig->ttl);
		at = put16(at, (unsigned int)c->rr[i].len);
		at = put(at, c->rdata + c->rr[i].at, c->rr[i].len);
	}
	return at - c->data;
}

/* Base64 with blanks in it; the size, 0 when it is none. */
static size_t signature_of(const char *text, uint8_t out[SIGNATURE_MAX])
{
	char packed[SIGNATURE_MAX / 3 * 4 + 4];
	size_t len = 0, pad;
	int size;

	for (; *text; text++) {
		if (*text == ' ' || *text == '\t')
			continue;
		if (len == SIGNATURE_MAX / 3 * 4)
			return 0;
		packed[len++] = *text;
	}
	for (pad = 0; pad < 2 && pad < len && packed[len - 1 - pad] == '=';)
		pad++;
	size = len % 4 ? -1
	               : EVP_DecodeBlock(
	                     out, (const unsigned char *)packed, (int)len);
	return size <= 0 ? 0 : (size_t)size - pad;
}

/* RRSIG and RRset: everything but the signature itself. */
static enum sig_state form(const struct rrset *set, const struct zonesig *sig,
    const struct zonename *apex, int64_t now)
{
	struct zonename signer;

	if (zonename_parse(&signer, sig->signer, sig->signer_len, apex) < 0 ||
	    zonename_compare(&signer, apex) != 0 ||
	    sig->labels != zonename_sig_labels(set->owner))
		return SIG_SIGNER;
	if (zonesig_time(sig->begins, now) > now)
		return SIG_EARLY;
	return zonesig_time(sig->expires, now) <= now ? SIG_EXPIRED : SIG_GOOD;
}

/* One RRSIG under those of the keys that it may be by. */
static int sig_judge(struct cover *c, const struct rrset *set,
    const struct zonesig *sig, const struct keyring *ring,
    const struct zonename *apex, int64_t now, struct covered *result)
{
	keymask by = keyring_find(ring, ~(keymask)0, sig->algorithm, sig->tag);
	uint8_t signature[SIGNATURE_MAX];
	size_t len = signature_of(sig->signature, signature);
	enum sig_state state = by ? form(set, sig, apex, now) : SIG_NO_KEY;
	int64_t until = zonesig_time(sig->expires, now);
	int64_t size = 0;
	int i, good;

	if (state == SIG_GOOD) {
		size = signed_data(c, set, sig, apex);
		if (size < 0)
			return -ENOMEM;
	}
	for (i = 0; state == SIG_GOOD && i < ring->count; i++) {
		if (!(by & BIT(i)))
			continue;
		good = ring->key[i].rdata
		           ? dnskey_verify(&ring->key[i], c->data, (size_t)size,
		                 signature, len)
		           : -ENOTSUP;
		if (good == 0)
			continue;
		if (!(result->good & BIT(i)) || until > result->until[i])
			result->until[i] = until;
		result->good |= BIT(i);
		if (good < 0)
			result->presumed |= BIT(i);
		if (sig->ttl > result->ttl)
			result->ttl = sig->ttl;
	}
	if (state == SIG_GOOD && !(result->good & by))
		state = SIG_BAD;
	if (state > result->state)
		result->state = state;
	if (state == SIG_EXPIRED && until > result->expired)
		result->expired = until;
	return 0;
}

int cover_judge(struct cover *c, const struct rrset *set,
    const struct keyring *ring, const struct zonename *apex, int64_t now,
    struct covered *result)
{
	size_t i;
	int rc = 0;

	result->good = result->presumed = 0;
	result->ttl = 0;
	result->state = SIG_NONE;
	result->expired = 0;
	for (i = 0; rc == 0 && i < set->unit->items; i++) {
		const struct zoneitem *item = &set->unit->item[i];
		struct zonesig sig;

		if (item->owner != set->owner_index)
			continue;
		if (item->type == LDNS_RR_TYPE_RRSIG &&
		    zonesig_parse(zoneitem_rdata(set->unit, item), &sig) == 0 &&
		    sig.covers == set->type)
			rc = sig_judge(c, set, &sig, ring, apex, now, result);
	}
	return rc;
}

int64_t covered_until(const struct covered *result, const struct keyring *ring)
{
	int64_t first = INT64_MAX;
	int n, i;

	for (n = 0; n < ring->own_needs; n++) {
		int64_t best = 0;

		for (i = 0; i < ring->count; i++)
			if ((ring->need[n].keys & result->good & BIT(i)) &&
			    result->until[i] > best)
				best = result->until[i];
		if (best < first)
			first = best;
	}
	return first;
}

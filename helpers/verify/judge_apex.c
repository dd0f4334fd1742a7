/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judge.h"

#include <errno.h>
#include <string.h>

static const struct zoneitem *item_of(const struct zoneunit *u, uint16_t type)
{
	size_t i;

	for (i = 0; u && i < u->items; i++)
		if (u->item[i].owner == 0 && u->item[i].type == type)
			return &u->item[i];
	return NULL;
}

/* What makes a resolver, or a name server, take a zone for a signed one. */
static bool looks_signed(const struct zoneunit *u)
{
	return item_of(u, LDNS_RR_TYPE_RRSIG) ||
	       item_of(u, LDNS_RR_TYPE_NSEC) ||
	       item_of(u, LDNS_RR_TYPE_NSEC3PARAM);
}

static int soa_read(struct judge *j, const struct zoneunit *u, struct why *why)
{
	const struct zoneitem *item = &u->item[0];
	const char *rdata = zoneitem_rdata(u, item), *word;
	size_t len = 0;
	int i;

	if (!zonename_within(&u->owner[0], j->apex))
		return why_set(why, -EBADMSG,
		    "line %ld: an owner name outside of the zone", item->line);
	if (item->type != LDNS_RR_TYPE_SOA)
		return why_set(why, -EBADMSG,
		    "line %ld: the first RR is not the SOA", item->line);
	if (zonename_compare(&u->owner[0], j->apex) != 0)
		return why_set(why, -EBADMSG,
		    "line %ld: the SOA is not of this zone", item->line);
	for (i = 0; i < 3; i++)
		len = zoneentry_word(&rdata, &word);
	if (zoneentry_number(word, len, &j->result.serial) < 0)
		return why_set(why, -EBADMSG, "line %ld: the SOA has no serial",
		    item->line);
	j->class = item->class ? item->class : LDNS_RR_CLASS_IN;
	return 0;
}

static int keys_read(struct judge *j, const struct zoneunit *u, keymask *set)
{
	const struct rrset rrset = {.unit = u,
	    .owner = &u->owner[0],
	    .type = LDNS_RR_TYPE_DNSKEY,
	    .class = j->class};
	const struct zoneitem *bad = NULL;
	const char *reason;
	int rc = cover_load(&j->cover, &rrset, &bad, &reason);
	size_t i;

	/* one that cannot be read is a finding, later */
	if (rc == -EBADMSG)
		rc = 0;
	for (i = 0; rc == 0 && i < j->cover.rrs; i++) {
		rc = keyring_add(&j->ring, set,
		    j->cover.rdata + j->cover.rr[i].at, j->cover.rr[i].len);
		if (rc == -EBADMSG)
			rc = 0;
	}
	return rc;
}

void judge_extra_key(struct judge *j, const uint8_t *rdata, size_t len)
{
	struct dnskey key;
	int i;

	if (dnskey_open(&key, rdata, len) < 0)
		return;
	for (i = 0; i < j->ring.count; i++)
		if (memcmp(j->ring.key[i].sha, key.sha, DNSKEY_SHA) == 0)
			j->extra |= (keymask)1 << i;
	dnskey_close(&key);
}

static void mode_choose(
    struct judge *j, const struct zoneunit *u, const struct zoneunit *served)
{
	enum ds_state ds = j->facts->ds_state;

	if (looks_signed(u)) {
		j->mode = ds == DS_NONE ? JUDGE_INSECURE : JUDGE_SIGNED;
		return;
	}
	if (ds == DS_NONE || j->facts->acked) {
		j->mode = JUDGE_INSECURE;
		return;
	}
	j->mode = JUDGE_UNSIGNED;
	if (ds == DS_IN_USE)
		judge_fault(j, FINDING_HARD, KIND_ZONE, NULL, LDNS_RR_TYPE_SOA,
		    "not signed, while a DS is in use: remove the DS at the "
		    "parent, wait for its TTL, then ods-cluster ack ZONE "
		    "insecure");
	else if (ds == DS_UNKNOWN && served && looks_signed(served))
		judge_fault(j, FINDING_HARD, KIND_ZONE, NULL, LDNS_RR_TYPE_SOA,
		    "not signed, while the version served is, and whether a "
		    "DS is in use is not known: ods-cluster ack ZONE insecure");
	j->all_bogus = ds == DS_IN_USE;
}

static int rings_begin(struct judge *j, const struct zoneunit *u)
{
	struct denial_params params;
	unsigned int flags;
	const char *rest;
	size_t i;
	int rc = 0;

	j->denial.ring[DENIAL_NSEC].used = item_of(u, LDNS_RR_TYPE_NSEC);
	for (i = 0; rc >= 0 && i < u->items; i++) {
		const struct zoneitem *item = &u->item[i];

		if (item->owner != 0 || item->type != LDNS_RR_TYPE_NSEC3PARAM)
			continue;
		/* RFC 5155 4.1.2: not for use unless the flags are zero */
		if (denial_params(
		        zoneitem_rdata(u, item), &params, &flags, &rest) == 0 &&
		    flags == 0)
			rc = denial_begin(&j->denial, &params);
	}
	return rc < 0 ? rc : 0;
}

static void apex_has(struct judge *j, const struct zoneunit *u)
{
	const struct zoneitem *key = item_of(u, LDNS_RR_TYPE_DNSKEY);
	size_t i;

	if (!item_of(u, LDNS_RR_TYPE_NS))
		judge_fault(j, FINDING_HARD, KIND_ZONE, NULL, LDNS_RR_TYPE_NS,
		    "there is none at the apex");
	for (i = 0; i < u->items; i++)
		if (u->item[i].type == LDNS_RR_TYPE_DNSKEY &&
		    u->item[i].ttl > j->result.dnskey_ttl)
			j->result.dnskey_ttl = u->item[i].ttl;
	if (j->mode != JUDGE_SIGNED || key)
		return;
	judge_fault(j, FINDING_HARD, KIND_COVER, NULL, LDNS_RR_TYPE_DNSKEY,
	    "there is none at the apex");
	j->all_bogus = true;
}

int judge_apex(struct judge *j, const struct zoneunit *u,
    const struct zoneunit *served, struct why *why)
{
	int rc = soa_read(j, u, why);

	if (rc < 0)
		return rc;
	mode_choose(j, u, served);
	apex_has(j, u);
	rc = keys_read(j, u, &j->ring.zone);
	if (rc == 0 && served)
		rc = keys_read(j, served, &j->ring.served);
	if (rc == 0)
		rc = keyring_settle(&j->ring, j->facts, j->apex, j->now);
	if (rc == -ENOMEM)
		return why_set(why, rc, "out of memory");
	if (rc < 0)
		return why_set(why, -EBADMSG,
		    "more DNSKEYs, or sets of them, than can be judged");
	rc = rings_begin(j, u);
	return rc < 0 ? why_set(why, -EBADMSG, "more NSEC3 parameters than %d",
	                    DENIAL_RINGS - 1)
	              : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIGS_MAX 64

/* The RRSIGs of one RRset of a unit. */
struct sigs {
	unsigned int owner;
	uint16_t type;
	keymask keys;
	uint32_t ttl;
	int64_t until;
};

void compare_close(struct compare *c)
{
	zoneunit_free(&c->unit);
	zoneunit_free(&c->other);
	free(c->gone.id);
	free(c->here.id);
	memset(&c->gone, 0, sizeof(c->gone));
	memset(&c->here, 0, sizeof(c->here));
}

/* Made by the signer, not by the zone's owner. */
static bool is_signers(uint16_t type)
{
	return type == LDNS_RR_TYPE_RRSIG || type == LDNS_RR_TYPE_NSEC ||
	       type == LDNS_RR_TYPE_NSEC3 || type == LDNS_RR_TYPE_NSEC3PARAM ||
	       type == LDNS_RR_TYPE_DNSKEY;
}

static int ids_add(struct compare *c, struct rrset_ids *ids,
    const struct zonename *name, uint16_t type)
{
	uint64_t id = judge_id(c->j, KIND_MISSING, type, name);

	if (ids->count > 0 && ids->id[ids->count - 1] == id)
		return 0;
	if (ids->count == ids->room) {
		size_t room = ids->room ? ids->room * 2 : 64;
		void *bigger = realloc(ids->id, room * sizeof(*ids->id));

		if (!bigger)
			return -ENOMEM;
		ids->id = bigger;
		ids->room = room;
	}
	ids->id[ids->count++] = id;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool ids_have(struct rrset_ids *ids, uint64_t id)
{
	if (ids->count == 0)
		return false;
	if (!ids->sorted)
		qsort(ids->id, ids->count, sizeof(*ids->id), by_number);
	ids->sorted = true;
	return bsearch(&id, ids->id, ids->count, sizeof(id), by_number);
}

/* Types of the served name that HERE, the same name or NULL, has not. */
static int gone_find(struct compare *c, const struct zoneunit *here)
{
	struct judge_name ours = {.types = 0}, theirs;
	int i, k = 0, rc;

	rc = judge_name_open(&theirs, &c->other, 0, c->j->apex, &c->side);
	if (rc == 0 && here)
		rc = judge_name_open(&ours, here, 0, c->j->apex, &c->side);
	for (i = 0; rc == 0 && i < theirs.types; i++) {
		/* both are sorted */
		while (k < ours.types && ours.type[k] < theirs.type[i])
			k++;
		if (!is_signers(theirs.type[i]) &&
		    (k == ours.types || ours.type[k] != theirs.type[i]))
			rc = ids_add(c, &c->gone, theirs.name, theirs.type[i]);
	}
	return rc == -E2BIG ? 0 : rc;
}

static bool has_ent(const struct denial_side *side)
{
	int i;

	for (i = 0; i < side->prev.labels; i++)
		if (side->is_ent[i])
			return true;
	return false;
}

/* In opt-out, does the unit at hand change what the empty non-terminals above
 * it must have?  Not if the name is in both, and must have the same in both. */
static void ents_note(struct compare *c, bool ours, bool theirs)
{
	struct judge_name a, b;

	if (!has_ent(&c->j->side.denial) && !has_ent(&c->side.denial))
		return;
	if (ours && theirs &&
	    judge_name_open(&a, &c->unit, 0, c->j->apex, &c->j->side) == 0 &&
	    judge_name_open(&b, &c->other, 0, c->j->apex, &c->side) == 0 &&
	    a.occluded == b.occluded && (a.cut && !a.ds) == (b.cut && !b.ds))
		return;
	c->ent_changed = true;
}

/* The served unit goes through the served side: what changed is taken off
 * the sums (pairing.h). */
static int served_pass(struct compare *c, bool changed)
{
	struct judge *j = c->j;
	const struct zoneunit *u = &c->other;
	struct judge_name n;
	unsigned int k;
	size_t i;
	int rc = 0;

	for (k = 0; rc == 0 && k < u->owners; k++) {
		rc = judge_name_open(&n, u, k, j->apex, &c->side);
		for (i = 0; changed && rc == 0 && i < u->items; i++)
			if (u->item[i].owner == k &&
			    u->item[i].type == LDNS_RR_TYPE_NSEC3)
				rc = judge_nsec3_served(j, &n, &u->item[i]);
		if (rc == 0 && judge_has_place(&n))
			rc = denial_name(&j->denial, &c->side.denial, n.name,
			    judge_types(j, &n), n.cut && !n.ds, changed,
			    n.line);
		if (k == 0)
			judge_side_pass(&c->side, &n);
	}
	if (rc == -E2BIG) {
		c->doubt = true;
		rc = 0;
	}
	return rc;
}

/* Add SIG; false when it cannot be told which of several was good. */
static bool sig_add(const struct compare *c, struct sigs *sigs, int *count,
    unsigned int owner, const struct zonesig *sig, keymask keys)
{
	const struct keyring *ring = &c->j->ring;
	int64_t until = zonesig_time(sig->expires, c->j->now);
	struct sigs *s = sigs;
	int i;

	while (
	    s < sigs + *count && (s->owner != owner || s->type != sig->covers))
		s++;
	if (s == sigs + *count) {
		if (*count == SIGS_MAX)
			return false;
		(*count)++;
		*s = (struct sigs){owner, sig->covers, 0, 0, until};
	}
	for (i = 0; i < ring->own_needs; i++)
		if ((ring->need[i].keys & keys) &&
		    (ring->need[i].keys & s->keys))
			return false;
	s->keys |= keys;
	if (sig->ttl > s->ttl)
		s->ttl = sig->ttl;
	if (until < s->until)
		s->until = until;
	return true;
}

/* The RRSIGs of the unit that count; -1 when they say too little. */
static int sigs_read(const struct compare *c, struct sigs *sigs)
{
	const struct zoneunit *u = &c->unit;
	const struct keyring *ring = &c->j->ring;
	int64_t now = c->j->now;
	int count = 0;
	size_t i;

	for (i = 0; i < u->items; i++) {
		struct zonesig sig;
		keymask keys;

		if (u->item[i].type != LDNS_RR_TYPE_RRSIG)
			continue;
		if (zonesig_parse(zoneitem_rdata(u, &u->item[i]), &sig) < 0)
			return -1;
		keys = keyring_find(ring, ~(keymask)0, sig.algorithm, sig.tag);
		if (!(keys & ring->zone))
			continue;
		if ((keys & ~c->same) || zonesig_time(sig.begins, now) > now ||
		    zonesig_time(sig.expires, now) <= now ||
		    !sig_add(c, sigs, &count, u->item[i].owner, &sig, keys))
			return -1;
	}
	return count;
}

static const struct sigs *sigs_of(
    const struct sigs *sigs, int count, unsigned int owner, uint16_t type)
{
	int i;

	for (i = 0; i < count; i++)
		if (sigs[i].owner == owner && sigs[i].type == type)
			return &sigs[i];
	return NULL;
}

static bool same_place(const struct compare *c, const struct judge_name *n)
{
	const struct denial_side *ours = &c->j->side.denial;
	const struct denial_side *theirs = &c->side.denial;
	struct judge_name m;

	if (judge_name_open(&m, &c->other, 0, c->j->apex, &c->side) < 0 ||
	    m.occluded != n->occluded)
		return false;
	/* the empty non-terminals above it are the same */
	return c->j->denial.rings == 1 ||
	       (ours->begun && theirs->begun &&
	           zonename_compare(&ours->prev, &theirs->prev) == 0);
}

/* Each RRset of the unit that must be covered is, by what the served version
 * was found to be. */
static bool is_covered(const struct compare *c, const struct judge_name *n,
    const struct sigs *sigs, int count)
{
	const struct zoneunit *u = &c->unit;
	size_t i;

	for (i = 0; i < u->items; i++) {
		const struct zoneitem *item = &u->item[i];
		const struct sigs *s;

		/* what is behind the name are NSEC3s */
		if (item->owner ? item->type == LDNS_RR_TYPE_RRSIG
		                : !judge_is_own(n, item->type))
			continue;
		s = sigs_of(sigs, count, item->owner, item->type);
		if (!s || !keyring_fits(&c->j->ring, s->keys))
			return false;
	}
	return true;
}

static int trusted_pass(struct compare *c, const struct judge_name *first,
    const struct sigs *sigs, int count)
{
	struct judge *j = c->j;
	const struct zoneunit *u = &c->unit;
	struct judge_name n = *first;
	size_t i;
	int k, rc = 0;

	for (k = 0; rc == 0 && k < count; k++) {
		n.name = &u->owner[sigs[k].owner];
		judge_note_expiry(j, sigs[k].until, n.name, sigs[k].type);
		rc = judge_note_signers(j, sigs[k].keys, sigs[k].ttl);
	}
	for (i = 0; rc == 0 && i < u->items; i++) {
		const struct zoneitem *item = &u->item[i];

		n.name = zoneitem_owner(u, item);
		n.index = item->owner;
		j->result.rrsigs += item->type == LDNS_RR_TYPE_RRSIG;
		if (item->type == LDNS_RR_TYPE_NSEC)
			rc = judge_nsec(j, &n, item);
		else if (item->type == LDNS_RR_TYPE_NSEC3)
			rc = judge_nsec3(j, &n, item, false);
	}
	if (rc == 0 && judge_has_place(first))
		rc = denial_name(&j->denial, &j->side.denial, first->name, 0,
		    first->cut && !first->ds, false, first->line);
	judge_side_pass(&j->side, first);
	c->skipped++;
	return rc;
}

/* 1 when the unit is done, 0 when it has to be judged. */
static int try_trust(struct compare *c, struct why *why)
{
	struct sigs sigs[SIGS_MAX] = {0};
	struct judge_name n;
	int count, rc;

	if (!c->trust || !zoneunit_same(&c->unit, &c->other) ||
	    judge_name_open(&n, &c->unit, 0, c->j->apex, &c->j->side) < 0 ||
	    n.apex || !same_place(c, &n))
		return 0;
	count = sigs_read(c, sigs);
	if (count < 0 || !is_covered(c, &n, sigs, count))
		return 0;
	rc = judge_enter(c->j, &c->unit, why);
	if (rc == 0)
		rc = trusted_pass(c, &n, sigs, count);
	return rc < 0 ? rc : 1;
}

static int next_unit(struct compare *c, struct why *why)
{
	int rc = unitreader_next(c->zone, &c->unit, why);

	c->has_unit = rc > 0;
	return rc < 0 ? rc : 0;
}

/* A served version that cannot be read is no help and no reason. */
static int next_other(struct compare *c)
{
	int rc = 0;

	if (c->served && !c->served_bad)
		rc = unitreader_next(c->served, &c->other, NULL);
	if (rc == -ENOMEM)
		return rc;
	c->has_other = rc > 0;
	if (rc > 0)
		c->served_rrs += (long)c->other.items;
	if (rc > 0 && !judge_side_enter(&c->side, &c->other))
		rc = -EBADMSG;
	if (rc < 0) {
		c->has_other = false;
		c->served_bad = true;
	}
	return 0;
}

/* NSEC3PARAM is the same in both: names are hashed alike. */
static bool same_proof(const struct zoneunit *a, const struct zoneunit *b)
{
	size_t i, in_a = 0, in_b = 0;

	for (i = 0; i < b->items; i++)
		in_b += b->item[i].type == LDNS_RR_TYPE_NSEC3PARAM;
	for (i = 0; i < a->items; i++) {
		uint16_t type = a->item[i].type;

		if (type != LDNS_RR_TYPE_NSEC3PARAM)
			continue;
		in_a++;
		if (!zoneunit_has(b, zoneitem_text(a, &a->item[i])))
			return false;
	}
	return in_a == in_b;
}

/* Was the served version verified for all that is asked for now? */
static bool was_verified(const struct zonefacts *f)
{
	int i;

	if (!f->verified)
		return false;
	for (i = 0; i < f->ds_count; i++)
		if (!f->verified_for[f->ds[i].algorithm])
			return false;
	return true;
}

static int begin(struct compare *c, struct why *why)
{
	struct judge *j = c->j;
	int rc = next_unit(c, why);

	if (rc < 0)
		return rc;
	if (!c->has_unit)
		return why_set(why, -EBADMSG, "the end: no SOA");
	rc = next_other(c);
	if (rc < 0)
		return why_set(why, rc, "out of memory");
	rc = judge_apex(j, &c->unit, c->has_other ? &c->other : NULL, why);
	c->side.denial.served = true;
	c->same = j->ring.zone & j->ring.served & ~j->ring.ambiguous;
	c->trust = c->trust && c->has_other && j->mode == JUDGE_SIGNED &&
	           was_verified(j->facts) && same_proof(&c->unit, &c->other);
	return rc;
}

static int here_note(struct compare *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->unit.items; i++)
		if (c->unit.item[i].owner == 0)
			rc = ids_add(c, &c->here, &c->unit.owner[0],
			    c->unit.item[i].type);
	return rc;
}

/* The unit at hand, with the served one of that name if there is one. */
static int candidate_unit(struct compare *c, bool both, struct why *why)
{
	int done = both ? try_trust(c, why) : 0, rc = 0;

	if (done == 0) {
		rc = judge_unit(c->j, &c->unit, both ? &c->other : NULL, why);
		if (rc == 0 && c->j->mode != JUDGE_SIGNED)
			rc = here_note(c);
	}
	if (done >= 0 && rc == 0 && both) {
		if (done == 0)
			rc = gone_find(c, &c->unit);
		if (rc == 0 && c->trust)
			rc = served_pass(c, done == 0);
	}
	if (done == 0 && c->trust)
		ents_note(c, true, both);
	return done < 0 ? done : rc;
}

static int step(struct compare *c, struct why *why)
{
	int order = 0, rc = 0;

	if (c->has_unit && c->has_other)
		order = zonename_compare(&c->unit.owner[0], &c->other.owner[0]);
	else
		order = c->has_unit ? -1 : 1;
	if (order <= 0)
		rc = candidate_unit(c, order == 0, why);
	else
		rc = gone_find(c, NULL);
	if (rc == 0 && order > 0 && c->trust) {
		rc = served_pass(c, true);
		ents_note(c, false, true);
	}
	if (rc == 0 && order <= 0)
		rc = next_unit(c, why);
	if (rc == 0 && order >= 0)
		rc = next_other(c);
	return rc;
}

int compare_run(struct compare *c, struct why *why)
{
	int r, rc = begin(c, why);

	while (rc == 0 && (c->has_unit || c->has_other))
		rc = step(c, why);
	if (rc == -ENOMEM)
		return why_set(why, rc, "out of memory");
	if (rc == 0 && c->trust)
		rc = denial_side_end(&c->j->denial, &c->side.denial);
	for (r = 1; r < c->j->denial.rings; r++)
		if (c->ent_changed && c->j->denial.ring[r].opt_out > 0)
			c->doubt = true;
	c->doubt |= c->trust && c->served_bad;
	if (c->j->unordered)
		c->gone.count = 0; /* what was beside what is not known */
	return rc;
}

/* Whose TEXT is need not be in it. */
static void unsigned_key(struct judge *j, const char *text)
{
	ldns_buffer *wire = ldns_buffer_new(4096);
	ldns_rr *rr = NULL;

	if (wire &&
	    ldns_rr_new_frm_str(&rr, text, 0, j->cover.origin, NULL) ==
	        LDNS_STATUS_OK &&
	    ldns_rr_rdata2buffer_wire(wire, rr) == LDNS_STATUS_OK)
		judge_extra_key(
		    j, ldns_buffer_begin(wire), ldns_buffer_position(wire));
	ldns_rr_free(rr);
	ldns_buffer_free(wire);
}

/* One RRset of the unsigned zone.  SEEN are those that were found before. */
static int unsigned_rrset(struct compare *c, struct rrset_ids *seen,
    const struct judge_name *n, uint16_t type)
{
	struct judge *j = c->j;
	uint64_t id = judge_id(j, KIND_MISSING, type, n->name);
	bool gone = ids_have(&c->gone, id);

	if (!gone && (j->mode == JUDGE_SIGNED || is_signers(type) ||
	                 ids_have(&c->here, id)))
		return 0;
	seen->sorted = false;
	if (ids_have(seen, id))
		return 0;
	if (gone)
		judge_fault(j, FINDING_HARD, KIND_MISSING, n, type,
		    "served now and in the unsigned zone, but gone");
	else
		judge_fault(j, FINDING_SOFT, KIND_MISSING, n, type,
		    "in the unsigned zone, but not here: is the file cut?");
	j->result.bogus += gone;
	return ids_add(c, seen, n->name, type);
}

int compare_unsigned(struct compare *c, FILE *in)
{
	struct rrset_ids seen = {0};
	struct unitreader r;
	struct zonename owner;
	struct zoneentry e;
	struct judge_name n = {.name = &owner};
	struct why why = {0};
	int read = 0, rc = 0;

	unitreader_open(&r, in, c->j->apex);
	while (rc == 0 && (read = unitreader_entry(&r, &e, &owner, &why)) > 0) {
		if (e.type == LDNS_RR_TYPE_DNSKEY &&
		    zonename_compare(&owner, c->j->apex) == 0)
			unsigned_key(c->j, r.lines.text);
		if (e.type && zonename_within(&owner, c->j->apex))
			rc = unsigned_rrset(c, &seen, &n, e.type);
	}
	if (read < 0 || r.included)
		judge_fault(c->j, FINDING_WARN, KIND_ZONE, NULL,
		    LDNS_RR_TYPE_SOA,
		    "what the unsigned zone has is not known to its end: "
		    "%.150s",
		    read < 0 ? why.text : "it has an $INCLUDE");
	unitreader_close(&r);
	free(seen.id);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judge.h"

#include <errno.h>
#include <string.h>

static void unreadable(
    struct judge *j, const struct judge_name *n, const struct zoneitem *item)
{
	judge_fault(j, FINDING_HARD, KIND_DENIAL, n, item->type,
	    "line %ld cannot be read", item->line);
}

int judge_nsec(
    struct judge *j, const struct judge_name *n, const struct zoneitem *item)
{
	const char *rdata = zoneitem_rdata(n->unit, item), *word;
	size_t len = zoneentry_word(&rdata, &word);
	struct zonename next;
	uint64_t types;

	if (!j->denial.ring[DENIAL_NSEC].used)
		return 0;
	if (zonename_parse(&next, word, len, j->apex) < 0 ||
	    denial_bitmap(&j->denial, rdata, &types) < 0) {
		unreadable(j, n, item);
		return 0;
	}
	if (n->occluded)
		judge_fault(j, FINDING_SOFT, KIND_DENIAL, n, LDNS_RR_TYPE_NSEC,
		    "below a zone cut or a DNAME there must be none");
	else if (types != judge_types(j, n))
		judge_fault(j, FINDING_HARD, KIND_DENIAL, n, LDNS_RR_TYPE_NSEC,
		    "its types are not those that are here");
	denial_step(&j->denial, DENIAL_NSEC, n->name->wire, n->name->wire_len,
	    next.wire, next.wire_len, zonename_compare(&next, n->name) <= 0);
	/* Where a broken chain is broken: names come in the chain's order. */
	if (j->nsec_begun && !j->nsec_gap &&
	    zonename_compare(&j->nsec_next, n->name) != 0)
		j->nsec_gap = item->line;
	j->nsec_next = next;
	j->nsec_begun = true;
	return 0;
}

/* The hash in an NSEC3's owner name, one label below the apex. */
static int owner_hash(
    const struct judge *j, const struct zonename *name, uint8_t *hash)
{
	if (name->labels != j->apex->labels + 1)
		return -EBADMSG;
	return denial_hash_of(
	    (const char *)name->wire + 1, name->wire[0], hash);
}

struct nsec3 {
	uint8_t hash[DENIAL_HASH_MAX], next[DENIAL_HASH_MAX];
	size_t len;
	int ring;
	unsigned int flags;
	uint64_t types;
};

/* 1; 0: no NSEC3PARAM has its parameters; -EBADMSG. */
static int nsec3_read(const struct judge *j, const struct judge_name *n,
    const struct zoneitem *item, struct nsec3 *x)
{
	const char *rest, *word;
	struct denial_params params;
	int len, next_len;
	size_t word_len;

	if (denial_params(
	        zoneitem_rdata(n->unit, item), &params, &x->flags, &rest) < 0)
		return -EBADMSG;
	x->ring = denial_find(&j->denial, &params);
	if (x->ring < 0)
		return 0;
	word_len = zoneentry_word(&rest, &word);
	len = owner_hash(j, n->name, x->hash);
	next_len = denial_hash_of(word, word_len, x->next);
	if (len < 0 || len != next_len)
		return -EBADMSG;
	x->len = (size_t)len;
	return denial_bitmap(&j->denial, rest, &x->types) < 0 ? -EBADMSG : 1;
}

int judge_nsec3(struct judge *j, const struct judge_name *n,
    const struct zoneitem *item, bool tracked)
{
	struct nsec3 x;
	int rc = nsec3_read(j, n, item, &x);

	if (rc < 0)
		unreadable(j, n, item);
	if (rc == 0 && !j->said_params) {
		j->said_params = true;
		judge_fault(j, FINDING_WARN, KIND_DENIAL, n, LDNS_RR_TYPE_NSEC3,
		    "no NSEC3PARAM has its parameters");
	}
	if (rc <= 0)
		return 0;
	j->denial.ring[x.ring].opt_out += x.flags & 1;
	denial_step(&j->denial, x.ring, x.hash, x.len, x.next, x.len,
	    memcmp(x.next, x.hash, x.len) <= 0);
	return tracked ? denial_nsec3(&j->denial, x.ring, x.hash, x.len,
	                     x.types, false, n->line)
	               : 0;
}

int judge_nsec3_served(
    struct judge *j, const struct judge_name *n, const struct zoneitem *item)
{
	struct nsec3 x;

	if (nsec3_read(j, n, item, &x) <= 0)
		return 0;
	return denial_nsec3(
	    &j->denial, x.ring, x.hash, x.len, x.types, true, n->line);
}

struct leftovers {
	struct judge *j;
	bool *doubt;
	bool comparing;
};

/* One name without its NSEC3, or the other way round, or the two disagree. */
static int leftover(
    void *arg, const struct pair_entry *name, const struct pair_entry *nsec3)
{
	struct leftovers *l = arg;
	struct judge *j = l->j;
	const struct pair_entry *one = name ? name : nsec3;
	const struct denial_ring *ring = &j->denial.ring[one->ring];
	bool left_out = name && !nsec3 && name->optional && ring->opt_out > 0;
	const char *text;

	if (left_out && ring->opt_out == ring->steps)
		return 0;
	if (l->comparing) {
		*l->doubt = true;
		return 0;
	}
	if (name && nsec3)
		text = "its types are not those that are at its name";
	else if (nsec3)
		text = "of no name that is here";
	else
		text = "there is none: is the file cut?";
	findings_add(&j->findings, FINDING_HARD, one->id, (long)one->line,
	    "NSEC3: %s", text);
	findings_unnamed(&j->findings);
	j->result.bogus++;
	return 0;
}

static void chain_end(struct judge *j, int ring)
{
	const char *reason;

	j->result.denial = ring == DENIAL_NSEC ? "nsec" : "nsec3";
	if (denial_whole(&j->denial, ring, &reason) == 0)
		return;
	if (ring != DENIAL_NSEC)
		judge_fault(j, FINDING_HARD, KIND_CHAIN, NULL,
		    LDNS_RR_TYPE_NSEC3, "the chain: %s", reason);
	else if (!j->nsec_gap)
		judge_fault(j, FINDING_HARD, KIND_CHAIN, NULL,
		    LDNS_RR_TYPE_NSEC, "the chain: %s", reason);
	else
		judge_fault(j, FINDING_HARD, KIND_CHAIN, NULL,
		    LDNS_RR_TYPE_NSEC,
		    "the chain: %s (nothing leads to line %ld)", reason,
		    j->nsec_gap);
	j->result.bogus++;
}

static int proof_end(struct judge *j, bool *doubt)
{
	struct leftovers l = {j, doubt, *doubt};
	bool any = false, opt_out = false;
	int r, rc = denial_side_end(&j->denial, &j->side.denial);

	*doubt = false;
	for (r = 0; r < j->denial.rings; r++) {
		if (!j->denial.ring[r].used)
			continue;
		any = true;
		opt_out |= j->denial.ring[r].opt_out > 0;
		chain_end(j, r);
	}
	if (!any) {
		judge_fault(j, FINDING_HARD, KIND_CHAIN, NULL,
		    LDNS_RR_TYPE_NSEC,
		    "signed, with neither NSEC nor NSEC3PARAM at the apex");
		j->all_bogus = true;
	}
	if (rc == 0)
		rc = pairing_end(&j->denial.pairs, leftover, &l);
	/* without opt-out none may be left out */
	if (l.comparing && opt_out && j->denial.pairs.doubt)
		*doubt = true;
	return rc;
}

/* What caches hold of earlier versions must validate with this DNSKEY set. */
static void cached_signers(struct judge *j)
{
	int i;

	for (i = 0; i < j->facts->signer_sets; i++) {
		const struct fact_set *set = &j->facts->signers[i];

		if (set->until <= j->now ||
		    keyring_has_one(&j->ring, j->ring.zone, set))
			continue;
		j->result.gone++;
		judge_fault_about(j, FINDING_HARD, KIND_MIXTURE,
		    judge_digest(j, set->key[0].sha, DNSKEY_SHA), NULL,
		    LDNS_RR_TYPE_DNSKEY,
		    "key %d (algorithm %d) is gone, and caches may hold what "
		    "it signed until %lld: wait",
		    set->key[0].tag, set->key[0].algorithm,
		    (long long)set->until);
	}
}

bool judge_keys_wanted(const struct judge *j)
{
	const struct zonefacts *f = j->facts;

	return f->keys + f->oldkeys == 0 || j->mode != JUDGE_SIGNED ||
	       (f->keys &&
	           keyring_is_wanted(&j->ring, f->key, f->keys, j->extra)) ||
	       (f->oldkeys && keyring_is_wanted(
	                          &j->ring, f->oldkey, f->oldkeys, j->extra));
}

/* Of the DNSKEY set, whatever its order. */
static uint64_t set_digest(const struct judge *j)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < j->ring.count; i++)
		if (j->ring.zone >> i & 1)
			sum += judge_digest(j, j->ring.key[i].sha, DNSKEY_SHA);
	return sum;
}

int judge_end(struct judge *j, bool *doubt, struct why *why)
{
	struct judge_result *r = &j->result;
	int rc = 0;

	if (j->mode == JUDGE_SIGNED) {
		rc = proof_end(j, doubt);
		cached_signers(j);
	} else {
		*doubt = false;
	}
	if (j->mode == JUDGE_UNSIGNED && r->rrsigs > 0)
		judge_fault(j, FINDING_HARD, KIND_ZONE, NULL,
		    LDNS_RR_TYPE_RRSIG, "RRSIGs in a zone whose apex has none");
	if (!judge_keys_wanted(j))
		judge_fault_about(j, FINDING_HARD, KIND_KEYS, set_digest(j),
		    NULL, LDNS_RR_TYPE_DNSKEY,
		    "neither the DNSKEYs that the signconf asks for nor those "
		    "that the signconf of the version served asked for");
	if (j->mode == JUDGE_SIGNED && j->facts->margin > 0 &&
	    r->earliest_expiry - j->now < j->facts->margin)
		judge_fault(j, FINDING_SOFT, KIND_MARGIN, NULL,
		    LDNS_RR_TYPE_RRSIG, "%s expires in %lld s, less than %lld",
		    r->expiry_of, (long long)(r->earliest_expiry - j->now),
		    (long long)j->facts->margin);
	r->is_signed = r->rrsigs > 0 || strcmp(r->denial, "none") != 0;
	if (j->all_bogus)
		r->bogus = r->names;
	if (rc == -ENOMEM || j->findings.no_memory)
		return why_set(why, -ENOMEM, "out of memory");
	return rc;
}

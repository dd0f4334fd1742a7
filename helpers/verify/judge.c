/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judge.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define TEXT_MAX 1100

int judge_open(struct judge *j, const struct zonename *apex,
    const struct zonefacts *facts, int64_t now, const uint8_t key[SIPHASH_KEY])
{
	memset(j, 0, sizeof(*j));
	j->apex = apex;
	j->facts = facts;
	j->now = now;
	memcpy(j->key, key, SIPHASH_KEY);
	j->result.denial = "none";
	denial_open(&j->denial, key);
	return cover_open(&j->cover, apex);
}

void judge_close(struct judge *j)
{
	keyring_close(&j->ring);
	cover_close(&j->cover);
	denial_close(&j->denial);
	findings_free(&j->findings);
}

uint64_t judge_id(
    const struct judge *j, int kind, uint16_t type, const struct zonename *n)
{
	uint8_t data[4 + ZONENAME_WIRE];
	uint64_t h[2];

	data[0] = (uint8_t)kind;
	data[1] = (uint8_t)(type >> 8);
	data[2] = (uint8_t)type;
	memcpy(data + 3, n->wire, n->wire_len);
	siphash128(j->key, data, 3U + n->wire_len, h);
	return h[0];
}

uint64_t judge_digest(const struct judge *j, const void *data, size_t len)
{
	uint64_t h[2];

	siphash128(j->key, data, len, h);
	return h[0];
}

static void fault(struct judge *j, enum finding_level level, uint64_t id,
    const struct judge_name *n, uint16_t type, const char *text)
{
	char *mnemonic = ldns_rr_type2str(type);
	char owner[1024];

	zonename_text(n ? n->name : j->apex, owner, sizeof(owner));
	findings_add(&j->findings, level, id, n ? n->line : 0, "%s %s: %s",
	    owner, mnemonic ? mnemonic : "?", text);
	LDNS_FREE(mnemonic);
	if (level == FINDING_HARD && n)
		j->bogus_here = true;
}

void judge_fault(struct judge *j, enum finding_level level, int kind,
    const struct judge_name *n, uint16_t type, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fault(j, level, judge_id(j, kind, type, n ? n->name : j->apex), n, type,
	    text);
}

void judge_fault_about(struct judge *j, enum finding_level level, int kind,
    uint64_t about, const struct judge_name *n, uint16_t type, const char *fmt,
    ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fault(j, level, about ^ judge_id(j, kind, type, n ? n->name : j->apex),
	    n, type, text);
}

void judge_note_expiry(
    struct judge *j, int64_t until, const struct zonename *name, uint16_t type)
{
	char owner[1024], *mnemonic;

	if (until == INT64_MAX ||
	    (j->result.earliest_expiry && until >= j->result.earliest_expiry))
		return;
	j->result.earliest_expiry = until;
	zonename_text(name, owner, sizeof(owner));
	mnemonic = ldns_rr_type2str(type);
	snprintf(j->result.expiry_of, sizeof(j->result.expiry_of), "%s %s",
	    owner, mnemonic ? mnemonic : "?");
	LDNS_FREE(mnemonic);
}

int judge_note_signers(struct judge *j, keymask keys, uint32_t ttl)
{
	struct judge_signers *s = j->result.signers;
	int i;

	for (i = 0; i < j->result.signer_sets; i++)
		if (s[i].keys == keys)
			break;
	if (i == JUDGE_SIGNERS)
		return -E2BIG;
	if (i == j->result.signer_sets) {
		s[i].keys = keys;
		j->result.signer_sets++;
	}
	if (ttl > s[i].ttl)
		s[i].ttl = ttl;
	return 0;
}

/* Sorted in, once. */
static int type_add(struct judge_name *n, uint16_t type)
{
	int i, at;

	for (at = n->types; at > 0 && n->type[at - 1] >= type; at--)
		if (n->type[at - 1] == type)
			return 0;
	if (n->types == JUDGE_TYPES)
		return -E2BIG;
	for (i = n->types++; i > at; i--)
		n->type[i] = n->type[i - 1];
	n->type[at] = type;
	return 0;
}

int judge_name_open(struct judge_name *n, const struct zoneunit *u,
    unsigned int index, const struct zonename *apex,
    const struct judge_side *side)
{
	size_t i;
	int t, rc = 0;
	bool ns = false;

	memset(n, 0, offsetof(struct judge_name, type));
	n->unit = u;
	n->index = index;
	n->name = &u->owner[index];
	n->types = 0;
	n->line = 0;
	for (i = 0; rc == 0 && i < u->items; i++) {
		if (u->item[i].owner != index)
			continue;
		if (!n->line)
			n->line = u->item[i].line;
		rc = type_add(n, u->item[i].type);
	}
	n->ds = n->dname = false;
	for (t = 0; t < n->types; t++) {
		ns |= n->type[t] == LDNS_RR_TYPE_NS;
		n->ds |= n->type[t] == LDNS_RR_TYPE_DS;
		n->dname |= n->type[t] == LDNS_RR_TYPE_DNAME;
	}
	n->apex = zonename_compare(n->name, apex) == 0;
	n->occluded = side->has_cut && zonename_within(n->name, &side->cut) &&
	              zonename_compare(n->name, &side->cut) != 0;
	n->cut = ns && !n->apex;
	return rc;
}

bool judge_side_enter(struct judge_side *side, const struct zoneunit *u)
{
	if (side->begun && zonename_compare(&u->owner[0], &side->last) <= 0)
		return false;
	side->last = u->owner[0];
	side->begun = true;
	return true;
}

void judge_side_pass(struct judge_side *side, const struct judge_name *n)
{
	if (n->occluded || (!n->cut && !n->dname))
		return;
	side->cut = *n->name;
	side->has_cut = true;
}

bool judge_is_own(const struct judge_name *n, uint16_t type)
{
	if (type == LDNS_RR_TYPE_RRSIG)
		return false;
	if (type == LDNS_RR_TYPE_NSEC3)
		return true;
	if (n->occluded)
		return false;
	return !n->cut || type == LDNS_RR_TYPE_DS || type == LDNS_RR_TYPE_NSEC;
}

bool judge_has_place(const struct judge_name *n)
{
	int t;

	for (t = 0; !n->occluded && t < n->types; t++)
		if (n->type[t] != LDNS_RR_TYPE_NSEC3 &&
		    (n->index == 0 || n->type[t] != LDNS_RR_TYPE_RRSIG))
			return true;
	return false;
}

uint64_t judge_types(const struct judge *j, const struct judge_name *n)
{
	uint64_t types = 0;
	int t;

	/* RFC 4035 2.3: at a cut, what the parent has authority for */
	for (t = 0; t < n->types; t++)
		if (!n->cut || n->type[t] == LDNS_RR_TYPE_NS ||
		    n->type[t] == LDNS_RR_TYPE_DS)
			types += denial_type(&j->denial, n->type[t]);
	return types;
}

/* A set of the zone's own keys: for the DNSKEY RRset those that a DS in use
 * points to, one for each algorithm. */
static bool is_anchored(const struct judge *j, keymask good)
{
	int i, d;

	good &= j->ring.anchor;
	for (d = 0; d < j->facts->ds_count; d++) {
		for (i = 0; i < j->ring.count; i++)
			if ((good >> i & 1) && j->ring.key[i].algorithm ==
			                           j->facts->ds[d].algorithm)
				break;
		if (i == j->ring.count)
			return false;
	}
	return good != 0;
}

/* A resolver that holds this DS believes the version served: a key that it
 * points to is there, but does not sign this version's DNSKEY set. */
static void ds_kept(struct judge *j, const struct judge_name *n, keymask good)
{
	keymask before = j->is_served ? j->ring.zone : j->ring.served;
	int d;

	/* A double-DS rollover: whoever has a DS has that of the new key. */
	for (d = 0; d < j->facts->ds_count; d++)
		if (j->facts->ds[d].everywhere && (j->ring.ds[d] & good))
			return;
	for (d = 0; d < j->facts->ds_count; d++) {
		keymask keys = j->ring.ds[d];

		if (!(keys & before) || (keys & good))
			continue;
		judge_fault_about(j, FINDING_HARD, KIND_KEYS, (uint64_t)d + 1,
		    n, LDNS_RR_TYPE_DNSKEY,
		    "the DS with tag %d is in use, and its key, which the "
		    "version served has, does not sign it",
		    j->facts->ds[d].tag);
	}
}

static const char *state_text(enum sig_state state)
{
	switch (state) {
	case SIG_NO_KEY:
		return "no RRSIG by a key of the zone";
	case SIG_SIGNER:
		return "the RRSIG is for another name";
	case SIG_BAD:
		return "the signature is wrong";
	case SIG_EARLY:
		return "the RRSIG is not valid yet";
	case SIG_EXPIRED:
		return "the RRSIG has expired";
	case SIG_GOOD:
		return "no good RRSIG by a key of the zone";
	case SIG_NONE:
	default:
		return "no RRSIG";
	}
}

/* The first need that has nothing good. */
static const struct keyneed *unmet(const struct judge *j, keymask good)
{
	int i;

	for (i = 0; i < j->ring.needs; i++)
		if (!(j->ring.need[i].keys & good))
			return &j->ring.need[i];
	return NULL;
}

static void need_fault(struct judge *j, const struct judge_name *n,
    uint16_t type, const struct keyneed *need)
{
	const char *state = state_text(j->covered.state);

	if (need->cached)
		judge_fault(j, FINDING_HARD, KIND_MIXTURE, n, type,
		    "no RRSIG by a key of a DNSKEY set that caches may still "
		    "hold: wait until they have forgotten it");
	else if (need->algorithm && j->covered.state == SIG_GOOD)
		judge_fault(j, FINDING_HARD, KIND_COVER, n, type,
		    "no good RRSIG of algorithm %d, which a DS in use has",
		    need->algorithm);
	else
		judge_fault(j, FINDING_HARD, KIND_COVER, n, type, "%s", state);
}

static void dnskey_verdict(struct judge *j, const struct judge_name *n)
{
	const struct covered *c = &j->covered;
	keymask good = c->good & j->ring.zone;
	int64_t until = 0;
	int i;

	if (!is_anchored(j, good)) {
		judge_fault(j, FINDING_HARD, KIND_COVER, n, LDNS_RR_TYPE_DNSKEY,
		    "not signed by a key that a DS in use points to");
		j->all_bogus = true;
	}
	ds_kept(j, n, good);
	for (i = 0; i < j->ring.count; i++)
		if ((good & j->ring.anchor) >> i & 1 && c->until[i] > until)
			until = c->until[i];
	if (until)
		judge_note_expiry(j, until, n->name, LDNS_RR_TYPE_DNSKEY);
}

/* What the RRset at hand (j->covered) comes to. */
static int rrset_verdict(
    struct judge *j, const struct judge_name *n, uint16_t type)
{
	const struct covered *c = &j->covered;
	const struct keyneed *need;

	if (c->state == SIG_EXPIRED)
		judge_note_expiry(j, c->expired, n->name, type);
	if (c->presumed && !j->said_presumed) {
		j->said_presumed = true;
		judge_fault(j, FINDING_WARN, KIND_COVER, n, type,
		    "an RRSIG that cannot be verified here counts as good");
	}
	if (n->apex && type == LDNS_RR_TYPE_DNSKEY) {
		dnskey_verdict(j, n);
		return 0;
	}
	need = unmet(j, c->good);
	if (need)
		need_fault(j, n, type, need);
	if (!need || need->cached)
		judge_note_expiry(j, covered_until(c, &j->ring), n->name, type);
	return c->good ? judge_note_signers(j, c->good, c->ttl) : 0;
}

static const struct zoneitem *first_of(
    const struct judge_name *n, uint16_t type)
{
	size_t i;

	for (i = 0; i < n->unit->items; i++)
		if (n->unit->item[i].owner == n->index &&
		    n->unit->item[i].type == type)
			return &n->unit->item[i];
	return NULL;
}

static int judge_rrset(struct judge *j, const struct judge_name *n,
    uint16_t type, const struct zoneunit *served)
{
	const struct rrset set = {.unit = n->unit,
	    .owner = n->name,
	    .owner_index = n->index,
	    .type = type,
	    .class = j->class};
	const struct zoneitem *bad = first_of(n, type);
	const char *reason = "unknown type";
	int rc = type ? cover_load(&j->cover, &set, &bad, &reason) : -EBADMSG;

	if (rc == -EBADMSG) {
		/* a name server may know more than ldns */
		const char *text = zoneitem_text(n->unit, bad);
		bool known = served && zoneunit_has(served, text);

		judge_fault_about(j, known ? FINDING_SOFT : FINDING_HARD,
		    KIND_PARSE, judge_digest(j, text, strlen(text)), n, type,
		    "line %ld cannot be read: %s", bad->line, reason);
		return 0;
	}
	if (rc < 0 || j->mode != JUDGE_SIGNED || !judge_is_own(n, type))
		return rc;
	rc = cover_judge(
	    &j->cover, &set, &j->ring, j->apex, j->now, &j->covered);
	return rc < 0 ? rc : rrset_verdict(j, n, type);
}

/* RRSIGs must be readable, whatever they are for. */
static void judge_sigs(struct judge *j, const struct judge_name *n)
{
	struct zonesig sig;
	size_t i;

	for (i = 0; i < n->unit->items; i++) {
		const struct zoneitem *item = &n->unit->item[i];

		if (item->owner != n->index || item->type != LDNS_RR_TYPE_RRSIG)
			continue;
		j->result.rrsigs++;
		if (zonesig_parse(zoneitem_rdata(n->unit, item), &sig) < 0)
			judge_fault(j, FINDING_HARD, KIND_PARSE, n,
			    LDNS_RR_TYPE_RRSIG, "line %ld cannot be read",
			    item->line);
		else if (j->mode == JUDGE_INSECURE)
			judge_note_expiry(j, zonesig_time(sig.expires, j->now),
			    n->name, sig.covers);
	}
}

static int judge_proof(struct judge *j, const struct judge_name *n)
{
	int nsecs = 0, rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < n->unit->items; i++) {
		const struct zoneitem *item = &n->unit->item[i];

		if (item->owner != n->index)
			continue;
		if (item->type == LDNS_RR_TYPE_NSEC && nsecs++ == 0)
			rc = judge_nsec(j, n, item);
		if (item->type == LDNS_RR_TYPE_NSEC3)
			rc = judge_nsec3(j, n, item, true);
	}
	if (rc < 0 || !judge_has_place(n))
		return rc;
	if (j->denial.ring[DENIAL_NSEC].used && nsecs != 1)
		judge_fault(j, FINDING_HARD, KIND_DENIAL, n, LDNS_RR_TYPE_NSEC,
		    "%s", nsecs ? "more than one" : "there is none");
	return denial_name(&j->denial, &j->side.denial, n->name,
	    judge_types(j, n), n->cut && !n->ds, true, n->line);
}

static int names_order(
    struct judge *j, const struct zoneunit *u, struct why *why)
{
	long line = u->item[0].line;
	unsigned int k;

	for (k = 0; k < u->owners; k++)
		if (!zonename_within(&u->owner[k], j->apex))
			return why_set(why, -EBADMSG,
			    "line %ld: an owner name outside of the zone",
			    line);
	if (judge_side_enter(&j->side, u))
		return 0;
	j->unordered = true;
	if (j->mode != JUDGE_SIGNED)
		return 0;
	return why_set(why, -EBADMSG,
	    "line %ld: names are not in canonical order, as the signer "
	    "writes them: a zone is judged in one pass",
	    line);
}

int judge_enter(struct judge *j, const struct zoneunit *u, struct why *why)
{
	size_t i;
	int rc = names_order(j, u, why);

	for (i = 0; rc == 0 && i < u->items; i++) {
		const struct zoneitem *item = &u->item[i];

		if (item->class && item->class != j->class)
			rc = why_set(why, -EBADMSG,
			    "line %ld: another class than the SOA's",
			    item->line);
		else if (item->type == LDNS_RR_TYPE_SOA && (j->result.rrs || i))
			rc = why_set(why, -EBADMSG, "line %ld: a second SOA",
			    item->line);
	}
	j->result.rrs += (long)u->items;
	j->result.names += u->owners;
	return rc;
}

static int failed(int rc, struct why *why)
{
	if (rc == -ENOMEM)
		return why_set(why, rc, "out of memory");
	if (rc == -E2BIG)
		return why_set(why, -EBADMSG,
		    "more types, keys or NSEC3 parameters than can be judged");
	return rc;
}

int judge_unit(struct judge *j, const struct zoneunit *u,
    const struct zoneunit *served, struct why *why)
{
	struct judge_name n;
	unsigned int k;
	int t, rc = judge_enter(j, u, why);

	if (rc < 0)
		return rc;
	j->bogus_here = false;
	for (k = 0; rc == 0 && k < u->owners; k++) {
		rc = judge_name_open(&n, u, k, j->apex, &j->side);
		judge_sigs(j, &n);
		for (t = 0; rc == 0 && t < n.types; t++)
			if (n.type[t] != LDNS_RR_TYPE_RRSIG)
				rc = judge_rrset(j, &n, n.type[t], served);
		if (rc == 0 && j->mode == JUDGE_SIGNED)
			rc = judge_proof(j, &n);
		if (k == 0)
			judge_side_pass(&j->side, &n);
	}
	j->result.bogus += j->bogus_here;
	return failed(rc, why);
}

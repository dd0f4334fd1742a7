/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "judge.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "zoneline.h"

#define RING_NSEC 0
#define RING_KEY 0x80 /* more than any label length */
#define HASH_MAX 39   /* bytes that make a label of 63 in base32hex */
#define TTL_DEFAULT 3600

static int refuse(struct why *why, long line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(struct why *why, long line, const char *fmt, ...)
{
	char text[WHY_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return why_set(why, -EBADMSG, "line %ld: %s", line, text);
}

static int no_memory(struct why *why)
{
	return why_set(why, -ENOMEM, "out of memory");
}

int judge_open(
    struct judge *j, const char *origin, int64_t now, struct why *why)
{
	memset(j, 0, sizeof(*j));
	j->origin = ldns_dname_new_frm_str(origin);
	if (!j->origin)
		return why_set(why, -EINVAL, "%s is not a zone name", origin);
	ldns_dname2canonical(j->origin);
	j->now = now;
	j->rings = 1;
	j->facts.denial = "none";
	return 0;
}

void judge_close(struct judge *j)
{
	ldns_rdf_deep_free(j->origin);
	nameset_free(&j->names);
}

static struct name *name_at(struct judge *j, const ldns_rdf *dname, long line)
{
	return nameset_get(
	    &j->names, ldns_rdf_data(dname), ldns_rdf_size(dname), line);
}

/* The entry of DNAME as a member of a chain. */
static struct name *ring_at(
    struct judge *j, int ring, const ldns_rdf *dname, long line)
{
	uint8_t key[1 + LDNS_MAX_DOMAINLEN + 1];
	size_t len = ldns_rdf_size(dname);
	struct name *name;

	if (len > LDNS_MAX_DOMAINLEN)
		return NULL;
	key[0] = (uint8_t)(RING_KEY + ring);
	memcpy(key + 1, ldns_rdf_data(dname), len);
	name = nameset_get(&j->names, key, len + 1, line);
	if (name)
		name->ring = (uint8_t)ring;
	return name;
}

static bool is_apex(const struct judge *j, const ldns_rdf *dname)
{
	return ldns_dname_compare(dname, j->origin) == 0;
}

/* One step OWNER -> NEXT of a chain.  BACK: it does not go forward. */
static int ring_step(struct judge *j, int ring, const ldns_rdf *owner,
    const ldns_rdf *next, bool back, long line, struct why *why)
{
	struct name *name = ring_at(j, ring, owner, line);

	if (!name)
		return no_memory(why);
	if (name->denials > 0)
		return refuse(why, line, "a second %s at one name",
		    ring == RING_NSEC ? "NSEC" : "NSEC3");
	name->denials = 1;
	name = ring_at(j, ring, next, line);
	if (!name)
		return no_memory(why);
	if (name->wanted < 2)
		name->wanted++;
	j->ring[ring].denials++;
	j->ring[ring].wraps += back;
	j->denial_seen = true;
	name = name_at(j, owner, line);
	if (!name)
		return no_memory(why);
	name->denials = 1;
	return 0;
}

static int rr_nsec(struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	ldns_rdf *next = ldns_rr_rdf(rr, 0);
	ldns_rdf *owner = ldns_rr_owner(rr);

	if (is_apex(j, owner))
		j->ring[RING_NSEC].required = true;
	ldns_dname2canonical(next);
	return ring_step(j, RING_NSEC, owner, next,
	    ldns_dname_compare(next, owner) <= 0, line, why);
}

/* The ring with the hash parameters at rdata 0, 2, 3 of NSEC3 or NSEC3PARAM;
 * -1 when there are too many. */
static int ring_find(struct judge *j, const ldns_rr *rr)
{
	static const size_t fields[] = {0, 2, 3}; /* 1 is the flags */
	uint8_t params[260];
	size_t i, len = 0;
	int r;

	for (i = 0; i < 3; i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, fields[i]);
		size_t size = ldns_rdf_size(rdf);

		if (len + size > sizeof(params))
			return -1;
		memcpy(params + len, ldns_rdf_data(rdf), size);
		len += size;
	}
	for (r = 1; r < j->rings; r++)
		if (j->ring[r].len == len &&
		    memcmp(j->ring[r].params, params, len) == 0)
			return r;
	if (r == JUDGE_RINGS)
		return -1;
	memcpy(j->ring[r].params, params, len);
	j->ring[r].len = len;
	return j->rings++;
}

/* The owner name of the NSEC3 with this hash. */
static ldns_rdf *nsec3_owner(const struct judge *j, const ldns_rdf *hash)
{
	char text[LDNS_MAX_LABELLEN + 1];
	const uint8_t *data = ldns_rdf_data(hash);
	size_t size = ldns_rdf_size(hash);
	ldns_rdf *label, *owner;
	size_t i, len;

	if (size < 2 || data[0] != size - 1 || data[0] > HASH_MAX ||
	    ldns_b32_ntop_extended_hex(data + 1, data[0], text, sizeof(text)) <
	        0)
		return NULL;
	/* Padding is not part of a label. */
	len = strcspn(text, "=");
	for (i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] + 'a' - 'A');
	text[len] = '\0';
	label = ldns_dname_new_frm_str(text);
	owner = label ? ldns_dname_cat_clone(label, j->origin) : NULL;
	ldns_rdf_deep_free(label);
	return owner;
}

static int rr_nsec3(struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	int ring = ring_find(j, rr);
	ldns_rdf *next;
	int rc;

	if (ring < 0)
		return refuse(why, line, "more NSEC3 parameters than %d",
		    JUDGE_RINGS - 1);
	next = nsec3_owner(j, ldns_rr_rdf(rr, 4));
	if (!next)
		return refuse(why, line, "the next hash of NSEC3 is not valid");
	/* base32hex sorts as the hashes do */
	rc = ring_step(j, ring, owner, next,
	    ldns_dname_compare(next, owner) <= 0, line, why);
	ldns_rdf_deep_free(next);
	return rc;
}

static int rr_nsec3param(
    struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	int ring = ring_find(j, rr);

	if (!is_apex(j, ldns_rr_owner(rr)))
		return 0;
	if (ring < 0)
		return refuse(why, line, "more NSEC3 parameters than %d",
		    JUDGE_RINGS - 1);
	/* RFC 5155 4.1.2: not for use unless the flags are zero */
	if (ldns_rdf2native_int8(ldns_rr_rdf(rr, 1)) == 0)
		j->ring[ring].required = true;
	return 0;
}

static void expiry_note(struct judge *j, const ldns_rr *rr)
{
	uint32_t stamp = ldns_rdf2native_int32(ldns_rr_rrsig_expiration(rr));
	/* RFC 4034 3.1.5: serial number arithmetic around now */
	int64_t at = j->now + (int32_t)(stamp - (uint32_t)j->now);

	if (j->facts.rrsigs++ == 0 || at < j->facts.earliest_expiry)
		j->facts.earliest_expiry = at;
}

static int rr_rrsig(struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	ldns_rr_type type = ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr));
	bool apex = is_apex(j, ldns_rr_owner(rr));

	expiry_note(j, rr);
	j->soa_signed |= apex && type == LDNS_RR_TYPE_SOA;
	j->dnskey_signed |= apex && type == LDNS_RR_TYPE_DNSKEY;
	if (type == LDNS_RR_TYPE_NSEC || type == LDNS_RR_TYPE_NSEC3) {
		struct name *name = name_at(j, ldns_rr_owner(rr), line);

		if (!name)
			return no_memory(why);
		name->covered = 1;
	}
	return 0;
}

static int rr_soa(struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	if (j->soa)
		return refuse(why, line, "a second SOA");
	if (!is_apex(j, ldns_rr_owner(rr)))
		return refuse(why, line, "the SOA is not of this zone");
	j->soa = true;
	j->class = ldns_rr_get_class(rr);
	j->facts.serial = ldns_rdf2native_int32(ldns_rr_rdf(rr, 2));
	return 0;
}

static int rr_by_type(struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	bool apex = is_apex(j, ldns_rr_owner(rr));
	ldns_rr_type type = ldns_rr_get_type(rr);

	if (type == LDNS_RR_TYPE_SOA)
		return rr_soa(j, rr, line, why);
	if (type == LDNS_RR_TYPE_NSEC)
		return rr_nsec(j, rr, line, why);
	if (type == LDNS_RR_TYPE_NSEC3)
		return rr_nsec3(j, rr, line, why);
	if (type == LDNS_RR_TYPE_NSEC3PARAM)
		return rr_nsec3param(j, rr, line, why);
	if (type == LDNS_RR_TYPE_RRSIG)
		return rr_rrsig(j, rr, line, why);
	j->apex_ns |= apex && type == LDNS_RR_TYPE_NS;
	j->apex_dnskey |= apex && type == LDNS_RR_TYPE_DNSKEY;
	return 0;
}

int judge_rr(struct judge *j, ldns_rr *rr, long line, struct why *why)
{
	ldns_rdf *owner = ldns_rr_owner(rr);
	struct name *name;

	ldns_dname2canonical(owner);
	if (!j->soa && ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA)
		return refuse(why, line, "the first RR is not the SOA");
	if (!is_apex(j, owner) && !ldns_dname_is_subdomain(owner, j->origin))
		return refuse(why, line, "an owner name outside of the zone");
	if (j->soa && ldns_rr_get_class(rr) != j->class)
		return refuse(why, line, "an other class than the SOA's");
	name = name_at(j, owner, line);
	if (!name)
		return no_memory(why);
	j->facts.names += !name->owner;
	name->owner = 1;
	j->facts.rrs++;
	return rr_by_type(j, rr, line, why);
}

/* The first entry, in the order of lines, that breaks a required chain. */
static int chains_check(const struct judge *j, struct why *why)
{
	const struct name *bad = NULL;
	const char *text = "";
	size_t i;

	for (i = 0; i < j->names.size; i++) {
		const struct name *n = &j->names.slot[i];
		bool member = n->used && !n->owner;
		bool open = member && j->ring[n->ring].required &&
		            (n->denials != 1 || n->wanted != 1);
		bool bare = n->owner && n->denials && !n->covered;

		if ((!open && !bare) || (bad && bad->line <= n->line))
			continue;
		bad = n;
		text = bare         ? "NSEC or NSEC3 without RRSIG"
		       : n->denials ? "nothing leads to this NSEC or NSEC3: is "
		                      "the file cut?"
		                    : "the next name has no NSEC or NSEC3: is "
		                      "the file cut?";
	}
	return bad ? refuse(why, (long)bad->line, "%s", text) : 0;
}

static int denial_check(struct judge *j, struct why *why)
{
	bool required = false;
	int r;

	for (r = 0; r < j->rings; r++) {
		const struct judge_ring *ring = &j->ring[r];

		if (!ring->required)
			continue;
		required = true;
		j->facts.denial = r == RING_NSEC ? "nsec" : "nsec3";
		if (ring->denials == 0)
			return why_set(why, -EBADMSG,
			    "the end: NSEC3PARAM without its NSEC3: is the "
			    "file cut?");
		if (ring->wraps != 1)
			return why_set(why, -EBADMSG,
			    "the end: the %s chain goes around %ld times",
			    r == RING_NSEC ? "NSEC" : "NSEC3", ring->wraps);
	}
	if (!required)
		return why_set(why, -EBADMSG,
		    "the end: signed, with neither NSEC nor NSEC3PARAM at the "
		    "apex");
	return 0;
}

int judge_end(struct judge *j, struct why *why)
{
	int rc;

	if (!j->soa)
		return why_set(why, -EBADMSG, "the end: no SOA");
	if (!j->apex_ns)
		return why_set(why, -EBADMSG, "the end: no NS at the apex");
	j->facts.is_signed = j->facts.rrsigs > 0 || j->denial_seen;
	if (!j->facts.is_signed)
		return 0;
	if (!j->soa_signed)
		return why_set(why, -EBADMSG, "the end: no RRSIG over the SOA");
	if (!j->apex_dnskey || !j->dnskey_signed)
		return why_set(why, -EBADMSG, "the end: no %s at the apex",
		    j->apex_dnskey ? "RRSIG over DNSKEY" : "DNSKEY");
	rc = chains_check(j, why);
	return rc < 0 ? rc : denial_check(j, why);
}

/* What an entry that is no RR may change. */
struct context {
	ldns_rdf *origin, *prev;
	uint32_t ttl;
};

static int directive(
    struct context *c, const char *text, long line, struct why *why)
{
	char word[16], value[1024];
	const char *end;
	ldns_rdf *origin;

	if (sscanf(text, "%15s %1023s", word, value) != 2)
		return refuse(why, line, "%.40s without its value", text);
	if (strcasecmp(word, "$TTL") == 0) {
		c->ttl = ldns_str2period(value, &end);
		return *end ? refuse(why, line, "$TTL is no time") : 0;
	}
	if (strcasecmp(word, "$ORIGIN") != 0)
		return refuse(why, line, "%s is not allowed here", word);
	origin = ldns_dname_new_frm_str(value);
	if (!origin)
		return refuse(why, line, "$ORIGIN is no name");
	if (value[strlen(value) - 1] != '.' &&
	    ldns_dname_cat(origin, c->origin) != LDNS_STATUS_OK) {
		ldns_rdf_deep_free(origin);
		return refuse(why, line, "$ORIGIN is too long");
	}
	ldns_rdf_deep_free(c->origin);
	c->origin = origin;
	return 0;
}

static int entry(struct judge *j, struct context *c, const char *text,
    long line, struct why *why)
{
	ldns_rr *rr = NULL;
	ldns_status status;
	int rc;

	if (text[0] == '$')
		return directive(c, text, line, why);
	status = ldns_rr_new_frm_str(&rr, text, c->ttl, c->origin, &c->prev);
	if (status != LDNS_STATUS_OK || !rr)
		return refuse(why, line, "%s", ldns_get_errorstr_by_id(status));
	rc = judge_rr(j, rr, line, why);
	ldns_rr_free(rr);
	return rc;
}

int judge_file(FILE *in, const char *origin, int64_t now,
    struct judge_facts *facts, struct why *why)
{
	struct context c = {.ttl = TTL_DEFAULT};
	struct zoneline z;
	struct judge j;
	int rc = judge_open(&j, origin, now, why);

	if (rc < 0)
		return rc;
	c.origin = ldns_rdf_clone(j.origin);
	zoneline_open(&z, in);
	while ((rc = zoneline_next(&z, why)) > 0) {
		rc = entry(&j, &c, z.text, z.line, why);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = judge_end(&j, why);
	*facts = j.facts;
	zoneline_close(&z);
	ldns_rdf_deep_free(c.origin);
	ldns_rdf_deep_free(c.prev);
	judge_close(&j);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "compare.h"

struct verify {
	const struct verify_input *in;
	struct zonename apex;
	struct zonefacts facts;
	int64_t now;
	uint8_t key[SIPHASH_KEY];
	struct judge candidate, served;
	struct compare compare;
	EVP_MD_CTX *digest;
	bool has_served; /* the version served was judged as well */
	bool clean;      /* nothing was found that only the relative verdict
	                  * lets pass */
};

static int again(FILE *f)
{
	clearerr(f);
	return fseek(f, 0, SEEK_SET);
}

static void digest_seen(void *arg, const void *data, size_t len)
{
	struct verify *v = arg;

	EVP_DigestUpdate(v->digest, data, len);
}

static bool digest_is_right(struct verify *v)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned int i, len = 0;

	if (EVP_DigestFinal_ex(v->digest, sum, &len) != 1)
		return false;
	for (i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return strcasecmp(hex, v->in->served_digest) == 0;
}

static void judge_again(struct verify *v)
{
	compare_close(&v->compare);
	judge_close(&v->candidate);
}

/* Candidate and version served side by side.  1 when it was done with trust
 * that did not hold. */
static int pass(struct verify *v, bool trust, struct why *why)
{
	const struct verify_input *in = v->in;
	struct unitreader zone, served = {0};
	struct compare *c = &v->compare;
	bool doubt;
	int rc = judge_open(&v->candidate, &v->apex, &v->facts, v->now, v->key);

	memset(c, 0, sizeof(*c));
	c->j = &v->candidate;
	c->trust = trust;
	c->zone = &zone;
	c->served = in->served ? &served : NULL;
	unitreader_open(&zone, in->zone, &v->apex);
	if (in->served) {
		unitreader_open(&served, in->served, &v->apex);
		if (again(in->served) < 0)
			c->served_bad = true;
	}
	if (trust) {
		EVP_DigestInit_ex(v->digest, EVP_sha256(), NULL);
		served.lines.seen = digest_seen;
		served.lines.seen_arg = v;
	}
	if (rc == 0)
		rc = compare_run(c, why);
	if (rc == 0 && in->unsigned_zone &&
	    (c->gone.count > 0 || c->here.count > 0 ||
	        !judge_keys_wanted(&v->candidate)))
		rc = compare_unsigned(c, in->unsigned_zone);
	doubt = c->trust;
	if (rc == 0)
		rc = judge_end(&v->candidate, &doubt, why);
	unitreader_close(&zone);
	if (in->served)
		unitreader_close(&served);
	if (c->trust && (doubt || c->doubt || !digest_is_right(v)) && rc == 0)
		return 1;
	return rc;
}

/* What is wrong with the version served, now. */
static int served_pass(struct verify *v)
{
	struct unitreader zone;
	struct compare c = {.j = &v->served, .zone = &zone};
	struct why why;
	bool doubt = false;
	int rc;

	if (!v->in->served || again(v->in->served) < 0)
		return 0;
	rc = judge_open(&v->served, &v->apex, &v->facts, v->now, v->key);
	v->served.is_served = true;
	unitreader_open(&zone, v->in->served, &v->apex);
	if (rc == 0)
		rc = compare_run(&c, &why);
	if (rc == 0)
		rc = judge_end(&v->served, &doubt, &why);
	unitreader_close(&zone);
	compare_close(&c);
	v->has_served = rc == 0;
	return rc == -ENOMEM ? rc : 0;
}

/* The candidate is no worse than what is served: no reason to refuse. */
static void relative(struct verify *v)
{
	const struct judge_result *ours = &v->candidate.result;
	const struct judge_result *theirs = &v->served.result;
	struct findings *f = &v->candidate.findings;

	if (!v->has_served)
		return;
	/* one that expires later is better, whatever it has left */
	if (theirs->earliest_expiry == 0 ||
	    ours->earliest_expiry >= theirs->earliest_expiry)
		findings_forgive_id(f, judge_id(&v->candidate, KIND_MARGIN,
		                           LDNS_RR_TYPE_RRSIG, &v->apex));
	findings_forgive(f, &v->served.findings);
}

/* Findings that were made where only the line was known. */
static void names_find(struct verify *v)
{
	struct findings *f = &v->candidate.findings;
	struct unitreader r;
	struct zonename owner;
	struct zoneentry e;
	char text[1024];

	if (!findings_need_names(f) || again(v->in->zone) < 0)
		return;
	unitreader_open(&r, v->in->zone, &v->apex);
	while (findings_need_names(f) &&
	       unitreader_entry(&r, &e, &owner, NULL) > 0) {
		zonename_text(&owner, text, sizeof(text));
		findings_name(f, r.lines.line, text);
	}
	unitreader_close(&r);
}

static void gone_warn(struct verify *v)
{
	struct compare *c = &v->compare;

	if (c->gone.count > 0)
		judge_fault(&v->candidate, FINDING_WARN, KIND_MISSING, NULL,
		    LDNS_RR_TYPE_SOA,
		    "%zu RRsets of the version served are gone", c->gone.count);
	if (v->candidate.mode != JUDGE_SIGNED &&
	    v->candidate.result.rrs < c->served_rrs / 2)
		judge_fault(&v->candidate, FINDING_WARN, KIND_ZONE, NULL,
		    LDNS_RR_TYPE_SOA,
		    "%ld RRs, less than half of the %ld that are served",
		    v->candidate.result.rrs, c->served_rrs);
}

static void history_keys(const struct verify *v, keymask keys, FILE *out)
{
	const struct keyring *ring = &v->candidate.ring;
	int i, k;

	for (i = 0; i < ring->count; i++) {
		if (!(keys >> i & 1))
			continue;
		fprintf(
		    out, " %d:%d:", ring->key[i].algorithm, ring->key[i].tag);
		for (k = 0; k < DNSKEY_SHA; k++)
			fprintf(out, "%02x", ring->key[i].sha[k]);
	}
	fputc('\n', out);
}

/* What the caller keeps of this version, for later ones (zonefacts.h). */
static void history_print(const struct verify *v, FILE *out)
{
	const struct judge_result *r = &v->candidate.result;
	int i;

	if (r->earliest_expiry)
		fprintf(out, "earliest_expiry %" PRId64 " %s\n",
		    r->earliest_expiry, r->expiry_of);
	if (v->candidate.mode != JUDGE_SIGNED || !v->candidate.ring.zone)
		return;
	fprintf(out, "history set %" PRIu32, r->dnskey_ttl);
	history_keys(v, v->candidate.ring.zone, out);
	for (i = 0; i < r->signer_sets; i++) {
		fprintf(out, "history signers %" PRIu32, r->signers[i].ttl);
		history_keys(v, r->signers[i].keys, out);
	}
	if (!v->clean)
		return;
	fprintf(out, "history algorithms%s", v->facts.ds_count ? "" : " any");
	for (i = 0; i < v->facts.ds_count; i++)
		fprintf(out, " %d", v->facts.ds[i].algorithm);
	fputc('\n', out);
}

static void zone_print(const struct verify *v, const char *word, FILE *out)
{
	const struct judge_result *r = &v->candidate.result;

	fprintf(out,
	    "%s serial=%" PRIu32 " names=%ld rrs=%ld rrsigs=%ld "
	    "earliest_expiry=%" PRId64 " signed=%d denial=%s\n",
	    word, r->serial, r->names, r->rrs, r->rrsigs, r->earliest_expiry,
	    r->is_signed, r->denial);
}

static void refused_print(const struct verify *v, FILE *out)
{
	const struct finding *first = findings_first(&v->candidate.findings);

	if (first && first->line > 0)
		fprintf(
		    out, "refused line %ld: %s\n", first->line, first->text);
	else
		fprintf(out, "refused the end: %s\n",
		    first ? first->text : "more than can be told");
	zone_print(v, "zone", out);
}

static enum verify_exit verdict(const struct verify *v, FILE *out)
{
	const struct findings *f = &v->candidate.findings;
	enum verify_exit code = f->total[FINDING_HARD]   ? VERIFY_HARD
	                        : f->total[FINDING_SOFT] ? VERIFY_SOFT
	                                                 : VERIFY_OK;

	if (code == VERIFY_OK)
		zone_print(v, "ok", out);
	else
		refused_print(v, out);
	findings_print(f, out);
	if (v->candidate.result.gone)
		fprintf(out, "gone %d\n", v->candidate.result.gone);
	fprintf(out, "bogus candidate=%ld", v->candidate.result.bogus);
	if (v->has_served)
		fprintf(out, " served=%ld", v->served.result.bogus);
	fprintf(out, "\nskipped %ld\n", v->compare.skipped);
	history_print(v, out);
	return code;
}

static int judge_all(struct verify *v, struct why *why)
{
	const struct verify_input *in = v->in;
	struct findings *f = &v->candidate.findings;
	/* a pipe cannot be read twice */
	bool trust = in->served && in->served_digest && again(in->zone) == 0;
	int rc = pass(v, trust, why);

	if (rc == 1) {
		judge_again(v);
		if (again(in->zone) < 0 ||
		    (in->unsigned_zone && again(in->unsigned_zone) < 0))
			return why_set(
			    why, -EIO, "the zone cannot be read again");
		rc = pass(v, false, why);
	}
	if (rc < 0)
		return rc;
	v->clean = v->candidate.mode == JUDGE_SIGNED &&
	           f->total[FINDING_HARD] == 0 && f->total[FINDING_SOFT] == 0;
	if (f->total[FINDING_HARD] + f->total[FINDING_SOFT] > 0)
		rc = served_pass(v);
	relative(v);
	names_find(v);
	gone_warn(v);
	return rc;
}

static enum verify_exit error(FILE *out, const char *text)
{
	fprintf(out, "error %s\n", text);
	return VERIFY_ERROR;
}

static enum verify_exit run(struct verify *v, FILE *out)
{
	struct why why = {0};
	int rc = zonefacts_parse(&v->facts, v->in->facts, &why);

	if (rc < 0)
		return error(out, why.text);
	if (zonename_parse(
	        &v->apex, v->in->origin, strlen(v->in->origin), NULL) < 0) {
		why_set(&why, -EINVAL, "%s is not a zone name", v->in->origin);
		return error(out, why.text);
	}
	v->now = v->facts.now ? v->facts.now : time(NULL);
	if (!v->digest || RAND_bytes(v->key, sizeof(v->key)) != 1)
		return error(out, "libcrypto does not work");
	rc = judge_all(v, &why);
	if (rc == -EBADMSG || rc == -EFBIG) {
		fprintf(out, "refused %s\n", why.text);
		return VERIFY_HARD;
	}
	return rc < 0 ? error(out, why.text) : verdict(v, out);
}

enum verify_exit verify_run(const struct verify_input *in, FILE *out)
{
	struct verify *v = calloc(1, sizeof(*v));
	enum verify_exit code;

	if (!v)
		return error(out, "out of memory");
	v->in = in;
	v->digest = EVP_MD_CTX_new();
	code = run(v, out);
	judge_again(v);
	judge_close(&v->served);
	EVP_MD_CTX_free(v->digest);
	free(v);
	return code;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "backup2.h"

#include <errno.h>
#include <inttypes.h>
#include <fcntl.h>
#include <libxml/xpath.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "xml.h"

#define MAGIC ";OpenDNSSEC-backup-v3"
#define SIGNCONF_MAX (1024 * 1024)
#define SECTIONS 3 /* lines that are a lone ";" */

static int key_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void key_words(char *buf, size_t size, const char *locator,
    unsigned algorithm, unsigned flags, bool publish, bool ksk, bool zsk)
{
	snprintf(buf, size, "%.96s %u %u %d %d %d", locator, algorithm, flags,
	    publish, ksk, zsk);
}

static int key_line(struct backup2 *b, const char *line)
{
	char locator[97];
	unsigned algorithm, flags;
	int publish, ksk, zsk;

	if (b->keys == BACKUP2_KEYS_MAX ||
	    sscanf(line,
	        ";;Key: locator %96s algorithm %u flags %u publish %d ksk %d "
	        "zsk %d",
	        locator, &algorithm, &flags, &publish, &ksk, &zsk) != 6)
		return -EBADMSG;
	key_words(b->key[b->keys++], sizeof(b->key[0]), locator, algorithm,
	    flags, publish, ksk, zsk);
	return 0;
}

/* What has been seen of a file, line by line. */
struct reading {
	int magics, sections;
	bool zone, last_is_magic;
};

static int read_line(struct backup2 *b, struct reading *r, const char *line)
{
	r->last_is_magic = strcmp(line, MAGIC "\n") == 0;
	if (r->last_is_magic) {
		r->magics++;
		return 0;
	}
	if (r->magics == 0)
		return -EBADMSG;
	if (strcmp(line, ";\n") == 0)
		r->sections++;
	if (strncmp(line, ";;Zone: ", 8) == 0) {
		r->zone = sscanf(line,
		              ";;Zone: name %*s class %*d inbound %u "
		              "internal %u outbound %u",
		              &b->inbound, &b->internal, &b->outbound) == 3;
		return r->zone ? 0 : -EBADMSG;
	}
	if (strncmp(line, ";;Signconf: ", 12) == 0)
		return sscanf(line, ";;Signconf: lastmod %ld", &b->lastmod) == 1
		           ? 0
		           : -EBADMSG;
	if (strncmp(line, ";;Key: ", 7) == 0)
		return key_line(b, line);
	if (!b->has_soa && line[0] != ';')
		b->has_soa = sscanf(line, "%*s %*u %*s SOA %*s %*s %" SCNu32,
		                 &b->soa) == 1;
	return 0;
}

int backup2_read(FILE *in, struct backup2 *b)
{
	CLEANUP_FREE char *line = NULL;
	struct reading r = {0};
	size_t size = 0;
	int rc = 0;

	memset(b, 0, sizeof(*b));
	while (rc == 0 && getline(&line, &size, in) > 0)
		rc = read_line(b, &r, line);
	if (rc < 0 || !r.zone || r.magics != 2 || !r.last_is_magic ||
	    r.sections != SECTIONS)
		return -EBADMSG;
	qsort(b->key, (size_t)b->keys, sizeof(b->key[0]), key_order);
	return 0;
}

int backup2_load(const char *path, struct backup2 *b, struct why *why)
{
	CLEANUP_FILE FILE *f = fopen(path, "re");

	memset(b, 0, sizeof(*b));
	if (!f)
		return why_set(
		    why, -errno, "cannot read %s: %s", path, strerror(errno));
	if (backup2_read(f, b) < 0)
		return why_set(why, -EBADMSG,
		    "%s is damaged: the zone is signed in full", path);
	return 0;
}

/* Length of a header line up to its serials, 0 when it is none.  Only its
 * order tells: a zone may be named "internal". */
static int before_serials(const char *line)
{
	unsigned inbound;
	int len = 0;

	if (sscanf(line, ";;Zone: name %*s class %*d inbound %u%n", &inbound,
	        &len) != 1)
		return 0;
	return len;
}

int backup2_copy(FILE *in, FILE *out, uint32_t serial)
{
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, in)) > 0) {
		int len = before_serials(line);

		if (len > 0)
			fprintf(out, "%.*s internal %u outbound %u\n", len,
			    line, serial, serial);
		else
			fwrite(line, 1, (size_t)n, out);
	}
	return fflush(out) == 0 && !ferror(out) && !ferror(in) ? 0 : -EIO;
}

int backup2_set_serial(const char *path, uint32_t serial, struct why *why)
{
	char tmp[PATH_MAX];
	CLEANUP_FILE FILE *in = fopen(path, "re");
	CLEANUP_FILE FILE *out = NULL;
	struct stat st;
	int rc;

	if (!in || fstat(fileno(in), &st) < 0)
		return why_set(
		    why, -errno, "cannot read %s: %s", path, strerror(errno));
	if (snprintf(tmp, sizeof(tmp), "%s.ods-new", path) >= (int)sizeof(tmp))
		return why_set(why, -ENAMETOOLONG, "path too long: %s", path);
	out = fopen(tmp, "we");
	rc = out ? backup2_copy(in, out, serial) : -errno;
	if (rc == 0) {
		struct timespec times[2] = {st.st_atim, st.st_mtim};

		if (fchown(fileno(out), st.st_uid, st.st_gid) < 0 ||
		    fchmod(fileno(out), st.st_mode & 07777) < 0 ||
		    futimens(fileno(out), times) < 0 ||
		    fdatasync(fileno(out)) < 0 || rename(tmp, path) < 0)
			rc = -errno;
	}
	if (rc < 0) {
		remove(tmp);
		why_set(why, rc, "cannot write the serial into %s: %s", path,
		    strerror(-rc));
	}
	return rc;
}

static void cleanup_xpath(xmlXPathContext **ctx)
{
	xmlXPathFreeContext(*ctx);
}

static void cleanup_object(xmlXPathObject **obj)
{
	xmlXPathFreeObject(*obj);
}

/* The text of the first node that EXPR names below NODE, "" when none;
 * false when there is none. */
static bool xpath_text(xmlXPathContext *ctx, xmlNode *node, const char *expr,
    char *buf, size_t size)
{
	CLEANUP(cleanup_object) xmlXPathObject *obj = NULL;
	xmlChar *text;

	buf[0] = '\0';
	ctx->node = node;
	obj = xmlXPathEvalExpression((const xmlChar *)expr, ctx);
	if (!obj || !obj->nodesetval || obj->nodesetval->nodeNr == 0)
		return false;
	text = xmlNodeGetContent(obj->nodesetval->nodeTab[0]);
	snprintf(buf, size, "%s", text ? (const char *)text : "");
	xmlFree(text);
	return true;
}

static void signconf_key(
    struct signconf *s, xmlXPathContext *ctx, xmlNode *node)
{
	char locator[97], algorithm[16], flags[16], none[8];
	bool publish, ksk, zsk;

	if (s->keys == BACKUP2_KEYS_MAX)
		return;
	xpath_text(ctx, node, "Locator", locator, sizeof(locator));
	xpath_text(ctx, node, "Algorithm", algorithm, sizeof(algorithm));
	xpath_text(ctx, node, "Flags", flags, sizeof(flags));
	publish = xpath_text(ctx, node, "Publish", none, sizeof(none));
	ksk = xpath_text(ctx, node, "KSK", none, sizeof(none));
	zsk = xpath_text(ctx, node, "ZSK", none, sizeof(none));
	key_words(s->key[s->keys++], sizeof(s->key[0]), locator,
	    (unsigned)strtoul(algorithm, NULL, 10),
	    (unsigned)strtoul(flags, NULL, 10), publish, ksk, zsk);
}

int signconf_parse(const char *path, const char *text, size_t len,
    struct signconf *s, struct why *why)
{
	CLEANUP(cleanup_xml_doc) xmlDoc *doc = NULL;
	CLEANUP(cleanup_xpath) xmlXPathContext *ctx = NULL;
	CLEANUP(cleanup_object) xmlXPathObject *keys = NULL;
	char none[8];
	int i, rc;

	memset(s, 0, sizeof(*s));
	rc = xml_parse(path, text, len, &doc, why);
	if (rc < 0)
		return rc;
	ctx = xmlXPathNewContext(doc);
	if (!ctx)
		return why_set(why, -ENOMEM, "out of memory");
	xpath_text(ctx, xmlDocGetRootElement(doc), "//SOA/Serial",
	    s->serial_mode, sizeof(s->serial_mode));
	xpath_text(ctx, xmlDocGetRootElement(doc), "//Signatures/Refresh",
	    s->refresh, sizeof(s->refresh));
	xpath_text(ctx, xmlDocGetRootElement(doc), "//Signatures/Resign",
	    s->resign, sizeof(s->resign));
	s->passthrough = xpath_text(ctx, xmlDocGetRootElement(doc),
	    "//Zone/Passthrough", none, sizeof(none));
	xpath_text(ctx, xmlDocGetRootElement(doc),
	    "//Signatures/Validity/Default", s->validity, sizeof(s->validity));
	xpath_text(ctx, xmlDocGetRootElement(doc), "//Keys/TTL", s->keys_ttl,
	    sizeof(s->keys_ttl));
	keys = xmlXPathEvalExpression((const xmlChar *)"//Keys/Key", ctx);
	for (i = 0; keys && keys->nodesetval && i < keys->nodesetval->nodeNr;
	     i++)
		signconf_key(s, ctx, keys->nodesetval->nodeTab[i]);
	qsort(s->key, (size_t)s->keys, sizeof(s->key[0]), key_order);
	return 0;
}

int signconf_load(const char *path, struct signconf *s, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	struct stat st;
	size_t len;
	int rc;

	memset(s, 0, sizeof(*s));
	rc = file_read(path, SIGNCONF_MAX, &text, &len, why);
	if (rc == 0)
		rc = signconf_parse(path, text, len, s, why);
	if (rc == 0 && stat(path, &st) == 0)
		s->mtime = st.st_mtime;
	return rc;
}

bool backup2_keys_match(const struct backup2 *b, const struct signconf *s)
{
	int i;

	if (b->keys != s->keys)
		return false;
	for (i = 0; i < b->keys; i++)
		if (strcmp(b->key[i], s->key[i]) != 0)
			return false;
	return true;
}

bool serial_above(uint32_t a, uint32_t b)
{
	return a != b && (uint32_t)(a - b) < UINT32_C(0x80000000);
}

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
#include <strings.h>
#include <sys/stat.h>

#include "bridge.h"
#include "cleanup.h"
#include "expiry.h"
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

/* What the signer writes of a signconf beside the keys (signconf_backup(),
 * nsec3params in signer/src/signer), and where the signconf has it. */
struct setting {
	const char *word, *xpath;
	bool duration;
};

static const struct setting settings[] = {
    {"resign", "//Signatures/Resign", true},
    {"refresh", "//Signatures/Refresh", true},
    {"valid", "//Signatures/Validity/Default", true},
    {"denial", "//Signatures/Validity/Denial", true},
    {"keyset", "//Signatures/Validity/Keyset", true},
    {"jitter", "//Signatures/Jitter", true},
    {"offset", "//Signatures/InceptionOffset", true},
    {"dnskeyttl", "//Keys/TTL", true},
    {"soattl", "//SOA/TTL", true},
    {"soamin", "//SOA/Minimum", true},
    {"serial", "//SOA/Serial", false},
    {NULL, NULL, false},
};
static const struct setting nsec3_settings[] = {
    {"salt", "//Denial/NSEC3/Hash/Salt", false},
    {"algorithm", "//Denial/NSEC3/Hash/Algorithm", false},
    {"iterations", "//Denial/NSEC3/Hash/Iterations", false},
    {NULL, NULL, false},
};
#define VALUE_MAX 512
#define NSEC3 50 /* the RR type, in word "nsec" */

/* One that is not said is 0; an empty salt is "-". */
static void settings_add(
    char text[SETTINGS_TEXT], const struct setting *of, const char *value)
{
	size_t len = strlen(text), size = SETTINGS_TEXT - len;
	int64_t s = of->duration ? expiry_duration(value) : 0;

	if (of->duration)
		snprintf(text + len, size, "%s=%" PRId64 " ", of->word,
		    s > 0 ? s : 0);
	else
		snprintf(text + len, size, "%s=%s ", of->word,
		    value[0] ? value : "-");
}

/* " WORD VALUE" of a line; "" when it has none. */
static void word_value(const char *line, const char *word, char *value)
{
	const char *at = line;
	size_t len = strlen(word);

	value[0] = '\0';
	while ((at = strstr(at + 1, word)))
		if (at[-1] == ' ' && at[len] == ' ') {
			sscanf(at + len, "%511s", value);
			return;
		}
}

static void settings_of_line(
    char text[SETTINGS_TEXT], const struct setting *of, const char *line)
{
	char value[VALUE_MAX];

	for (; of->word; of++) {
		word_value(line, of->word, value);
		settings_add(text, of, value);
	}
}

/* Which of them, and the rest of NSEC3. */
static void denial_add(char text[SETTINGS_TEXT], bool nsec3, bool optout)
{
	size_t len = strlen(text);

	snprintf(text + len, SETTINGS_TEXT - len, "%s%s ",
	    nsec3 ? "nsec3" : "nsec", optout ? "-optout" : "");
}

static int signconf_line(struct backup2 *b, const char *line)
{
	char value[VALUE_MAX];

	if (sscanf(line, ";;Signconf: lastmod %ld", &b->lastmod) != 1)
		return -EBADMSG;
	settings_of_line(b->settings, settings, line);
	word_value(line, "nsec", value);
	if (strtol(value, NULL, 10) != NSEC3)
		denial_add(b->settings, false, false);
	return 0;
}

static void nsec3_line(struct backup2 *b, const char *line)
{
	char value[VALUE_MAX];

	word_value(line, "optout", value);
	denial_add(b->settings, true, strtol(value, NULL, 10) != 0);
	settings_of_line(b->settings, nsec3_settings, line);
}

/* What has been seen of a file, line by line. */
struct reading {
	int magics, sections;
	bool zone, last_is_magic, head; /* all before the RRs has come */
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
	if (strcmp(line, ";;\n") == 0)
		r->head = true;
	if (strncmp(line, ";;Signconf: ", 12) == 0)
		return signconf_line(b, line);
	if (strncmp(line, ";;Nsec3parameters: ", 19) == 0)
		nsec3_line(b, line);
	if (strncmp(line, ";;Key: ", 7) == 0)
		return key_line(b, line);
	if (!b->has_soa && line[0] != ';')
		b->has_soa = sscanf(line, "%*s %*u %*s SOA %*s %*s %" SCNu32,
		                 &b->soa) == 1;
	return 0;
}

/* HEAD: no further than that. */
static int read_lines(FILE *in, struct backup2 *b, struct reading *r, bool head)
{
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;
	int rc = 0;

	memset(b, 0, sizeof(*b));
	while (rc == 0 && !(head && r->head) && getline(&line, &size, in) > 0)
		rc = read_line(b, r, line);
	qsort(b->key, (size_t)b->keys, sizeof(b->key[0]), key_order);
	return rc < 0 || !r->zone ? -EBADMSG : 0;
}

int backup2_read(FILE *in, struct backup2 *b)
{
	struct reading r = {0};

	if (read_lines(in, b, &r, false) < 0 || r.magics != 2 ||
	    !r.last_is_magic || r.sections != SECTIONS)
		return -EBADMSG;
	return 0;
}

static int read_head(FILE *in, struct backup2 *b)
{
	struct reading r = {0};

	return read_lines(in, b, &r, true) < 0 || !r.head ? -EBADMSG : 0;
}

static int load(const char *path, int (*read_it)(FILE *in, struct backup2 *b),
    struct backup2 *b, struct why *why)
{
	CLEANUP_FILE FILE *f = fopen(path, "re");

	memset(b, 0, sizeof(*b));
	if (!f)
		return why_set(
		    why, -errno, "cannot read %s: %s", path, strerror(errno));
	if (read_it(f, b) < 0)
		return why_set(why, -EBADMSG,
		    "%s is damaged: the zone is signed in full", path);
	return 0;
}

int backup2_load(const char *path, struct backup2 *b, struct why *why)
{
	return load(path, backup2_read, b, why);
}

int backup2_head(const char *path, struct backup2 *b, struct why *why)
{
	return load(path, read_head, b, why);
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

static void signconf_settings(struct signconf *s, xmlXPathContext *ctx)
{
	xmlNode *root = xmlDocGetRootElement(ctx->doc);
	const struct setting *of;
	char value[VALUE_MAX];
	bool nsec3 = xpath_text(ctx, root, "//Denial/NSEC3", value, VALUE_MAX);

	for (of = settings; of->word; of++) {
		xpath_text(ctx, root, of->xpath, value, sizeof(value));
		settings_add(s->settings, of, value);
	}
	denial_add(s->settings, nsec3,
	    xpath_text(
	        ctx, root, "//Denial/NSEC3/OptOut", value, sizeof(value)));
	for (of = nsec3_settings; nsec3 && of->word; of++) {
		xpath_text(ctx, root, of->xpath, value, sizeof(value));
		settings_add(s->settings, of, value);
	}
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
	s->bridged = memmem(text, len, BRIDGE_MARK, strlen(BRIDGE_MARK));
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
	signconf_settings(s, ctx);
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

/* A salt is hex of either case. */
bool backup2_settings_match(const struct backup2 *b, const struct signconf *s)
{
	return strcasecmp(b->settings, s->settings) == 0;
}

bool backup2_misses(const struct backup2 *b, const struct signconf *s)
{
	return s->mtime <= b->lastmod &&
	       !(backup2_keys_match(b, s) && backup2_settings_match(b, s));
}

bool serial_above(uint32_t a, uint32_t b)
{
	return a != b && (uint32_t)(a - b) < UINT32_C(0x80000000);
}

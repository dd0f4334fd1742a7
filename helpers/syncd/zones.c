/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zones.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "xml.h"

#define ZONES_FILE_MAX (256 * 1024 * 1024)

static const xmlNode *child(const xmlNode *node, const char *name)
{
	const xmlNode *n;

	for (n = node ? node->children : NULL; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE &&
		    strcmp((const char *)n->name, name) == 0)
			return n;
	return NULL;
}

/* Without the blanks around it; "" when there is none.  The caller's to free,
 * NULL = out of memory. */
static char *text_of(const xmlNode *node)
{
	xmlChar *text = node ? xmlNodeGetContent(node) : NULL;
	const char *p = text ? (const char *)text : "";
	char *copy;
	size_t len;

	p += strspn(p, " \t\r\n");
	len = strlen(p);
	while (len > 0 && strchr(" \t\r\n", p[len - 1]))
		len--;
	copy = strndup(p, len);
	xmlFree(text);
	return copy;
}

/* <Adapters><Input><Adapter type="File">PATH</Adapter></Input> ..., or the
 * old <Input><File>PATH</File></Input>. */
static char *adapter_of(const xmlNode *zone, const char *side)
{
	const xmlNode *s = child(child(zone, "Adapters"), side);
	const xmlNode *a = child(s, "Adapter");
	xmlChar *type;
	bool file;

	if (!a)
		return text_of(child(s, "File"));
	type = xmlGetProp(a, (const xmlChar *)"type");
	file = type && strcmp((const char *)type, "File") == 0;
	xmlFree(type);
	return text_of(file ? a : NULL);
}

static int zone_order(const void *a, const void *b)
{
	const struct zone_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int keep_texts(struct zone_entry *z, const char *signconf,
    const char *input, const char *output, const char *policy)
{
	size_t first, second, third;

	first = strlen(signconf) + 1;
	second = first + strlen(input) + 1;
	third = second + strlen(output) + 1;
	z->texts = malloc(third + strlen(policy) + 1);
	if (!z->texts)
		return -ENOMEM;
	z->signconf = strcpy(z->texts, signconf);
	z->input = strcpy(z->texts + first, input);
	z->output = strcpy(z->texts + second, output);
	z->policy = strcpy(z->texts + third, policy);
	return 0;
}

int zone_entry_copy(const struct zone_entry *from, struct zone_entry *to)
{
	memcpy(to->name, from->name, sizeof(to->name));
	return keep_texts(
	    to, from->signconf, from->input, from->output, from->policy);
}

static int zone_parse(const xmlNode *node, struct zone_entry *z)
{
	CLEANUP_FREE char *signconf = NULL, *input = NULL, *output = NULL;
	CLEANUP_FREE char *policy = NULL;
	xmlChar *name = xmlGetProp(node, (const xmlChar *)"name");

	if (!name)
		return -EINVAL;
	snprintf(z->name, sizeof(z->name), "%s", (const char *)name);
	xmlFree(name);
	signconf = text_of(child(node, "SignerConfiguration"));
	if (!signconf)
		return -ENOMEM;
	input = adapter_of(node, "Input");
	if (!input)
		return -ENOMEM;
	output = adapter_of(node, "Output");
	if (!output)
		return -ENOMEM;
	policy = text_of(child(node, "Policy"));
	if (!policy)
		return -ENOMEM;
	return keep_texts(z, signconf, input, output, policy);
}

static bool is_zone(const xmlNode *n)
{
	return n->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)n->name, "Zone") == 0;
}

static int zones_collect(const xmlNode *root, struct zone_list *list)
{
	const xmlNode *n;
	size_t count = 0;
	int rc = 0;

	for (n = root->children; n; n = n->next)
		count += is_zone(n);
	list->zone = calloc(count + 1, sizeof(*list->zone));
	if (!list->zone)
		return -ENOMEM;
	for (n = root->children; n && rc != -ENOMEM; n = n->next) {
		if (!is_zone(n))
			continue;
		rc = zone_parse(n, &list->zone[list->count]);
		list->count += rc == 0;
	}
	qsort(list->zone, list->count, sizeof(*list->zone), zone_order);
	return rc == -ENOMEM ? rc : 0;
}

int zones_parse(const char *path, const char *text, size_t len,
    struct zone_list *list, struct why *why)
{
	CLEANUP(cleanup_xml_doc) xmlDoc *doc = NULL;
	int rc;

	memset(list, 0, sizeof(*list));
	rc = xml_parse(path, text, len, &doc, why);
	if (rc < 0)
		return rc;
	rc = zones_collect(xmlDocGetRootElement(doc), list);
	if (rc < 0) {
		zones_free(list);
		return why_set(why, rc, "out of memory");
	}
	return 0;
}

int zones_load(const char *path, struct zone_list *list, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int rc;

	memset(list, 0, sizeof(*list));
	rc = file_read(path, ZONES_FILE_MAX, &text, &len, why);
	if (rc == -ENOENT)
		return 0;
	return rc < 0 ? rc : zones_parse(path, text, len, list, why);
}

void zones_free(struct zone_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->zone[i].texts);
	free(list->zone);
	memset(list, 0, sizeof(*list));
}

const struct zone_entry *zones_find(
    const struct zone_list *list, const char *name)
{
	struct zone_entry key = {.texts = NULL};

	if (list->count == 0)
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, list->zone, list->count, sizeof(key), zone_order);
}

void zone_flat_name(const char *zone, char *buf, size_t size)
{
	char *p;

	snprintf(buf, size, "%s", zone);
	for (p = buf; *p; p++)
		if (*p == '/' || *p == ' ')
			*p = '-';
}

int zone_backup2_path(const struct conf *conf, const struct zone_entry *zone,
    char *buf, size_t size)
{
	char flat[256];

	zone_flat_name(zone->name, flat, sizeof(flat));
	return snprintf(buf, size, "%s/%s.backup2", conf->signer_dir, flat) >=
	               (int)size
	           ? -ENAMETOOLONG
	           : 0;
}

/* A component of PATH is "..". */
static bool leaves(const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && strncmp(path, "..", 2) == 0)
			return true;
		path += len + (path[len] == '/');
	}
	return false;
}

int zone_relative_path(const struct conf *conf, const struct zone_entry *zone,
    char *buf, size_t size)
{
	size_t len = strlen(conf->signed_dir);
	const char *rel = strrchr(zone->output, '/');

	if (!rel || !rel[1])
		return -EINVAL;
	rel++;
	if (len > 0 && strncmp(zone->output, conf->signed_dir, len) == 0 &&
	    zone->output[len] == '/')
		rel = zone->output + len + 1;
	if (leaves(rel))
		return -EINVAL;
	return snprintf(buf, size, "%s", rel) >= (int)size ? -ENAMETOOLONG : 0;
}

static int below(const struct conf *conf, const char *state_dir,
    const char *dir, const struct zone_entry *zone, char *buf, size_t size)
{
	char rel[PATH_MAX];
	int rc = zone_relative_path(conf, zone, rel, sizeof(rel));

	if (rc < 0)
		return rc;
	return snprintf(buf, size, "%s/%s/%s", state_dir, dir, rel) >= (int)size
	           ? -ENAMETOOLONG
	           : 0;
}

int zone_published_path(const struct conf *conf, const char *state_dir,
    const struct zone_entry *zone, char *buf, size_t size)
{
	return below(conf, state_dir, "published", zone, buf, size);
}

int zone_pending_path(const struct conf *conf, const char *state_dir,
    const struct zone_entry *zone, char *buf, size_t size)
{
	return below(conf, state_dir, "pending", zone, buf, size);
}

/* What is missing on the way to PATH.  Each new directory belongs to whom its
 * parent belongs: the daemons write there, perhaps as a user of their own. */
static int make_way(const char *path, struct why *why)
{
	struct stat st = {.st_mode = 0755};
	char dir[PATH_MAX];
	char *p;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir))
		return why_set(why, -ENAMETOOLONG, "path too long: %s", path);
	for (p = strchr(dir + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (stat(dir, &st) < 0 &&
		    (mkdir(dir, st.st_mode & 0777) < 0 ||
		        (lchown(dir, st.st_uid, st.st_gid) < 0 &&
		            errno != EPERM)) &&
		    errno != EEXIST) {
			int rc = -errno;

			return why_set(why, rc, "cannot make directory %s: %s",
			    dir, strerror(-rc));
		}
		*p = '/';
	}
	return 0;
}

int zone_mkdirs(const struct zone_entry *zone, struct why *why)
{
	int rc = 0;

	if (!strchr(zone->name, '/'))
		return 0;
	if (zone->signconf[0])
		rc = make_way(zone->signconf, why);
	if (rc == 0 && zone->output[0])
		rc = make_way(zone->output, why);
	return rc;
}

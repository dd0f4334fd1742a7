/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "safety.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "expiry.h"
#include "file.h"
#include "log.h"
#include "xml.h"

#define KASP_MAX (4 * 1024 * 1024)

static bool is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)n->name, name) == 0;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
	const xmlNode *n;

	for (n = node ? node->children : NULL; n; n = n->next)
		if (is(n, name))
			return n;
	return NULL;
}

static int64_t duration_of(const xmlNode *node)
{
	xmlChar *text = node ? xmlNodeGetContent(node) : NULL;
	const char *p = text ? (const char *)text : "";
	char word[64];
	int64_t s;

	p += strspn(p, " \t\r\n");
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, " \t\r\n"), p);
	s = expiry_duration(word);
	xmlFree(text);
	return s;
}

static void policy_parse(const xmlNode *node, struct safety *p)
{
	xmlChar *name = xmlGetProp(node, (const xmlChar *)"name");

	snprintf(
	    p->name, sizeof(p->name), "%s", name ? (const char *)name : "");
	xmlFree(name);
	p->s = duration_of(child(child(node, "Keys"), "PublishSafety"));
	p->inception =
	    duration_of(child(child(node, "Signatures"), "InceptionOffset"));
	p->delay = duration_of(child(child(node, "Zone"), "PropagationDelay"));
}

int safeties_parse(const char *path, const char *text, size_t len,
    struct safeties *l, struct why *why)
{
	CLEANUP(cleanup_xml_doc) xmlDoc *doc = NULL;
	const xmlNode *root, *n;
	struct safety *policy;
	size_t count = 0;
	int rc = xml_parse(path, text, len, &doc, why);

	if (rc < 0)
		return rc;
	root = xmlDocGetRootElement(doc);
	for (n = root->children; n; n = n->next)
		count += is(n, "Policy");
	policy = calloc(count + 1, sizeof(*policy));
	if (!policy)
		return why_set(why, -ENOMEM, "out of memory");
	free(l->policy);
	l->policy = policy;
	l->count = 0;
	for (n = root->children; n; n = n->next)
		if (is(n, "Policy"))
			policy_parse(n, &policy[l->count++]);
	return 0;
}

static int safeties_load(const char *path, struct safeties *l, struct why *why)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int rc = file_read(path, KASP_MAX, &text, &len, why);

	return rc < 0 ? rc : safeties_parse(path, text, len, l, why);
}

void safeties_follow(struct safeties *l, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		why_set(&l->why, -errno, "%s: %s", path, strerror(errno));
		memset(&l->seen, 0, sizeof(l->seen));
		return;
	}
	if (file_same(&st, &l->seen))
		return;
	memset(&l->why, 0, sizeof(l->why));
	if (safeties_load(path, l, &l->why) < 0)
		log_warn("PublishSafety of the policies: %s", l->why.text);
	l->seen = st;
}

void safeties_free(struct safeties *l)
{
	free(l->policy);
	memset(l, 0, sizeof(*l));
}

int64_t safeties_inception(const struct safeties *l)
{
	int64_t least = -1;
	size_t i;

	for (i = 0; i < l->count; i++)
		if (l->policy[i].inception >= 0 &&
		    (least < 0 || l->policy[i].inception < least))
			least = l->policy[i].inception;
	return least;
}

static const struct safety *find(const struct safeties *l, const char *policy)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (strcmp(l->policy[i].name, policy) == 0)
			return &l->policy[i];
	return NULL;
}

int64_t safety_of(const struct safeties *l, const char *policy)
{
	const struct safety *p = find(l, policy);

	return p ? p->s : -1;
}

int64_t safety_delay_of(const struct safeties *l, const char *policy)
{
	const struct safety *p = find(l, policy);

	return p && p->delay >= 0 ? p->delay : SAFETY_DELAY_S;
}

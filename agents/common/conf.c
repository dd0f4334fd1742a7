/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <libxml/tree.h>

#include "cleanup.h"
#include "file.h"
#include "xml.h"

#define CONF_SIZE_MAX (1024 * 1024)

static void cleanup_xml_char(xmlChar **text)
{
	if (*text) {
		explicit_bzero(*text, strlen((char *)*text));
		xmlFree(*text);
	}
}

static bool is_element(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)node->name, name) == 0;
}

static xmlNode *child_of(const xmlNode *node, const char *name)
{
	xmlNode *c;

	for (c = node ? node->children : NULL; c; c = c->next)
		if (is_element(c, name))
			return c;
	return NULL;
}

/* Element below NODE by a path of names parted by slashes. */
static xmlNode *find(xmlNode *node, const char *path)
{
	char name[64];

	while (node && *path) {
		size_t len = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		node = child_of(node, name);
		path += len + (path[len] == '/');
	}
	return node;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

/* Copy the text of NODE.  The text itself is never in a message: it may be
 * a PIN.  Blanks count, as they do for the daemons. */
static int text_of(
    xmlNode *node, char *buf, size_t size, const char *path, struct why *why)
{
	CLEANUP(cleanup_xml_char) xmlChar *text = xmlNodeGetContent(node);

	if (!text)
		return why_set(why, -ENOMEM, "out of memory reading %s", path);
	if (strlen((char *)text) >= size)
		return why_set(why, -EINVAL,
		    "%s line %ld: <%s> is too long: at most %zu bytes", path,
		    xmlGetLineNo(node), (const char *)node->name, size - 1);
	if (has_control((char *)text))
		return why_set(why, -EINVAL,
		    "%s line %ld: <%s> holds a line break: put it on one line",
		    path, xmlGetLineNo(node), (const char *)node->name);
	snprintf(buf, size, "%s", (char *)text);
	return 0;
}

/* Where a text of conf.xml goes. */
struct field {
	const char *path;
	size_t offset, size;
	bool required;
};

#define FIELD(path, member, required)                            \
	{                                                        \
		path, offsetof(struct conf, member),             \
		    sizeof(((struct conf *)0)->member), required \
	}

/* Required is what OpenDNSSEC's conf.rnc requires and we use.  PidFile and
 * SocketFile of the signer are read by its parser, though conf.rnc of 2.1
 * does not know them. */
/* clang-format off */
static const struct field fields[] = {
	FIELD("Common/PolicyFile", policy_file, true),
	FIELD("Common/ZoneListFile", zonelist_file, true),
	FIELD("Enforcer/Datastore/SQLite", database, false),
	FIELD("Enforcer/WorkingDirectory", enforcer_dir, false),
	FIELD("Enforcer/PidFile", enforcer_pidfile, false),
	FIELD("Enforcer/SocketFile", enforcer_socket, false),
	FIELD("Enforcer/Privileges/User", enforcer_user, false),
	FIELD("Enforcer/Privileges/Group", enforcer_group, false),
	FIELD("Signer/WorkingDirectory", signer_dir, false),
	FIELD("Signer/PidFile", signer_pidfile, false),
	FIELD("Signer/SocketFile", signer_socket, false),
	FIELD("Signer/NotifyCommand", notify_command, false),
	FIELD("Signer/Privileges/User", signer_user, false),
	FIELD("Signer/Privileges/Group", signer_group, false),
};
/* clang-format on */

static int read_fields(struct conf *conf, xmlNode *root, struct why *why)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *f = &fields[i];
		xmlNode *node = find(root, f->path);
		int rc;

		if (!node && f->required)
			return why_set(why, -EINVAL,
			    "%s has no <%s>: see conf.xml(5)", conf->path,
			    f->path);
		if (!node)
			continue;
		rc = text_of(
		    node, (char *)conf + f->offset, f->size, conf->path, why);
		if (rc < 0)
			return rc;
	}
	conf->mysql = find(root, "Enforcer/Datastore/MySQL") != NULL;
	if (!conf->mysql && !conf->database[0])
		return why_set(why, -EINVAL,
		    "%s has no <Enforcer><Datastore>: see conf.xml(5)",
		    conf->path);
	return 0;
}

static int read_repository(struct conf *conf, xmlNode *node, struct why *why)
{
	struct conf_repository *r = &conf->repository[conf->repository_count];
	CLEANUP(cleanup_xml_char)
	xmlChar *name = xmlGetProp(node, (const xmlChar *)"name");
	xmlNode *module = child_of(node, "Module");
	xmlNode *label = child_of(node, "TokenLabel");
	xmlNode *pin = child_of(node, "PIN");
	xmlNode *capacity = child_of(node, "Capacity");
	char number[32] = "";
	int rc;

	if (!name || !module || !label)
		return why_set(why, -EINVAL,
		    "%s line %ld: a <Repository> needs name, <Module> and "
		    "<TokenLabel>",
		    conf->path, xmlGetLineNo(node));
	if (strlen((char *)name) >= sizeof(r->name) ||
	    has_control((char *)name))
		return why_set(why, -EINVAL,
		    "%s line %ld: the name of the <Repository> is not usable",
		    conf->path, xmlGetLineNo(node));
	snprintf(r->name, sizeof(r->name), "%s", (char *)name);
	rc = text_of(module, r->module, sizeof(r->module), conf->path, why);
	if (rc == 0)
		rc = text_of(label, r->token_label, sizeof(r->token_label),
		    conf->path, why);
	if (rc == 0 && pin)
		rc = text_of(pin, r->pin, sizeof(r->pin), conf->path, why);
	if (rc == 0 && capacity)
		rc = text_of(capacity, number, sizeof(number), conf->path, why);
	r->capacity = strtol(number, NULL, 10);
	r->require_backup = child_of(node, "RequireBackup") != NULL;
	r->skip_public_key = child_of(node, "SkipPublicKey") != NULL;
	conf->repository_count++; /* also after a fault: conf_free() wipes */
	return rc;
}

static int read_repositories(struct conf *conf, xmlNode *root, struct why *why)
{
	xmlNode *list = child_of(root, "RepositoryList");
	xmlNode *node;
	int rc;

	for (node = list ? list->children : NULL; node; node = node->next) {
		if (!is_element(node, "Repository"))
			continue;
		if (conf->repository_count == CONF_REPOSITORY_MAX)
			return why_set(why, -EINVAL,
			    "%s has more than %d repositories", conf->path,
			    CONF_REPOSITORY_MAX);
		rc = read_repository(conf, node, why);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The first directory that exists, else the first. */
static const char *existing(const char *first, const char *second)
{
	struct stat st;

	if (stat(first, &st) < 0 && stat(second, &st) == 0 &&
	    S_ISDIR(st.st_mode))
		return second;
	return first;
}

static void set_default(
    char *buf, size_t size, const char *dir, const char *name)
{
	if (buf[0] == '\0' && path_join(buf, size, dir, name) < 0)
		buf[0] = '\0';
}

#define DEFAULT(member, dir, name) \
	set_default(conf->member, sizeof(conf->member), dir, name)

static void fill_defaults(struct conf *conf)
{
	const char *state = existing("/var/lib/opendnssec", "/var/opendnssec");
	const char *run = existing("/run/opendnssec", "/var/run/opendnssec");

	DEFAULT(enforcer_dir, state, "enforcer");
	DEFAULT(signer_dir, state, "signer");
	DEFAULT(enforcer_pidfile, run, "enforcerd.pid");
	DEFAULT(enforcer_socket, run, "enforcer.sock");
	DEFAULT(signer_pidfile, run, "signerd.pid");
	DEFAULT(signer_socket, run, "engine.sock");
	DEFAULT(signconf_dir, state, "signconf");
	DEFAULT(unsigned_dir, state, "unsigned");
	DEFAULT(signed_dir, state, "signed");
	DEFAULT(zones_file, conf->enforcer_dir, "zones.xml");
}

static void wipe_pins(xmlNode *node)
{
	for (; node; node = node->next) {
		if (node->type == XML_TEXT_NODE && node->parent &&
		    is_element(node->parent, "PIN") && node->content)
			explicit_bzero(
			    node->content, strlen((const char *)node->content));
		wipe_pins(
		    node->type == XML_ELEMENT_NODE ? node->children : NULL);
	}
}

static int read_tree(struct conf *conf, xmlNode *root, struct why *why)
{
	int rc;

	if (!root || !is_element(root, "Configuration"))
		return why_set(why, -EINVAL,
		    "%s is not OpenDNSSEC's conf.xml: its root is not "
		    "<Configuration>",
		    conf->path);
	rc = read_fields(conf, root, why);
	if (rc == 0)
		rc = read_repositories(conf, root, why);
	if (rc == 0)
		fill_defaults(conf);
	return rc;
}

static int read_file(
    const char *path, char **data, size_t *len, struct why *why)
{
	int rc = file_read(path, CONF_SIZE_MAX, data, len, why);

	if (rc == -ENOENT)
		why_set(why, rc,
		    "%s is missing: install opendnssec or set conf=", path);
	else if (rc == -EFBIG)
		rc = why_set(why, -EINVAL, "%s is larger than %d bytes", path,
		    CONF_SIZE_MAX);
	return rc;
}

int conf_parse(const char *path, const char *data, size_t len,
    struct conf *conf, struct why *why)
{
	CLEANUP(cleanup_xml_doc) xmlDocPtr doc = NULL;
	int rc;

	memset(conf, 0, sizeof(*conf));
	if (strlen(path) >= sizeof(conf->path))
		return why_set(why, -EINVAL, "path of conf.xml is too long");
	snprintf(conf->path, sizeof(conf->path), "%s", path);
	rc = xml_parse(path, data, len, &doc, why);
	if (rc == 0)
		rc = read_tree(conf, xmlDocGetRootElement(doc), why);
	if (doc)
		wipe_pins(xmlDocGetRootElement(doc));
	if (rc < 0) {
		conf_free(conf);
		memset(conf, 0, sizeof(*conf));
	}
	return rc;
}

int conf_load(const char *path, struct conf *conf, struct why *why)
{
	CLEANUP_FREE char *data = NULL;
	size_t len;
	int rc;

	memset(conf, 0, sizeof(*conf));
	rc = read_file(path, &data, &len, why);
	if (rc < 0)
		return rc;
	rc = conf_parse(path, data, len, conf, why);
	explicit_bzero(data, len);
	return rc;
}

void conf_free(struct conf *conf)
{
	int i;

	for (i = 0; i < CONF_REPOSITORY_MAX; i++)
		explicit_bzero(
		    conf->repository[i].pin, sizeof(conf->repository[i].pin));
}

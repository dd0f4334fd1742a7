/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* Values of cmap that we need; absent keys read as "". */
static void cmap_text(
    cmap_handle_t cmap, const char *key, char *buf, size_t size)
{
	char *value = NULL;

	buf[0] = '\0';
	if (cmap_get_string(cmap, key, &value) == CS_OK) {
		snprintf(buf, size, "%s", value);
		free(value);
	}
}

static int numeric_address(const char *name, char *buf, size_t size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *ai = NULL;
	int rc = getaddrinfo(name, NULL, &hints, &ai);

	if (rc != 0)
		return -ENOENT;
	rc = getnameinfo(ai->ai_addr, ai->ai_addrlen, buf, (socklen_t)size,
	    NULL, 0, NI_NUMERICHOST);
	freeaddrinfo(ai);
	return rc == 0 ? 0 : -ENOENT;
}

static bool read_entry(cmap_handle_t cmap, int i, struct nodelist_entry *e)
{
	char key[64];

	memset(e, 0, sizeof(*e));
	snprintf(key, sizeof(key), "nodelist.node.%d.nodeid", i);
	if (cmap_get_uint32(cmap, key, &e->nodeid) != CS_OK)
		return false;
	snprintf(key, sizeof(key), "nodelist.node.%d.name", i);
	cmap_text(cmap, key, e->name, sizeof(e->name));
	snprintf(key, sizeof(key), "nodelist.node.%d.ring0_addr", i);
	cmap_text(cmap, key, e->address, sizeof(e->address));
	return true;
}

static bool is_address(const char *text)
{
	struct in_addr v4;

	return inet_pton(AF_INET, text, &v4) == 1 || strchr(text, ':');
}

/* Pacemaker takes ring0_addr for a name unless it is an address; then it has
 * the name from the node's uname, and what it tells of fencing is of that. */
int nodelist_names(struct nodelist_entry *entry, int count, struct why *why)
{
	int i, rc = 0;

	for (i = 0; i < count; i++) {
		struct nodelist_entry *e = &entry[i];

		if (e->name[0])
			continue;
		snprintf(e->name, sizeof(e->name), "%.*s",
		    (int)sizeof(e->name) - 1, e->address);
		if (is_address(e->address))
			rc = why_set(why, -EINVAL,
			    "corosync.conf has no name for the node %s: give "
			    "each node a line name: with what crm_node -n "
			    "prints there, then corosync-cfgtool -R",
			    e->address);
	}
	return rc;
}

/* A place for a node that has come: a new one, or that of one which is in no
 * list any more and may not take over. */
static struct member *member_place(struct syncd *s)
{
	int i;

	if (s->members < NODES_MAX)
		return &s->member[s->members++];
	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		if (!m->listed && m->left != LEFT_NOT &&
		    !nodes_has(&s->record.holders, &m->hello.node) &&
		    !nodes_has(&s->proposal.holders, &m->hello.node))
			return m;
	}
	return NULL;
}

/* Another node gets the id of one that is gone: what Pacemaker says of the new
 * name is nothing that has happened to the old one, which may be a holder. */
static void forget_place(struct member *m)
{
	m->known = m->has_hello = m->removed = m->ended = m->fence_due = false;
	memset(&m->hello, 0, sizeof(m->hello));
	m->fence_before.count = m->fence_last.count = 0;
}

static bool member_update(struct syncd *s, const struct nodelist_entry *e)
{
	struct member *m = member_by_nodeid(s, e->nodeid);
	bool changed;

	if (!m) {
		m = member_place(s);
		if (!m) {
			log_err("more than %d nodes: %s has no part in this",
			    NODES_MAX, e->name);
			return false;
		}
		memset(m, 0, sizeof(*m));
		m->nodeid = e->nodeid;
		m->left = LEFT_UNSEEN;
	}
	changed = !m->listed || strcmp(m->name, e->name) != 0;
	if (m->name[0] && strcmp(m->name, e->name) != 0 && m->left != LEFT_NOT)
		forget_place(m);
	m->listed = true;
	snprintf(m->name, sizeof(m->name), "%s", e->name);
	return changed;
}

/* A node that is in the list no more stays known: it may be a holder. */
bool nodelist_merge(
    struct syncd *s, const struct nodelist_entry *entry, int count)
{
	bool changed = false;
	int i, k;

	for (i = 0; i < count; i++)
		changed = member_update(s, &entry[i]) || changed;
	for (i = 0; i < s->members; i++) {
		struct member *m = &s->member[i];

		for (k = 0; k < count && entry[k].nodeid != m->nodeid; k++)
			;
		changed = changed || (m->listed && k == count);
		m->listed = m->listed && k < count;
	}
	s->configured = count < NODES_MAX ? count : NODES_MAX;
	return changed;
}

static void own_entry(struct syncd *s, const struct nodelist_entry *e)
{
	snprintf(s->name, sizeof(s->name), "%s", e->name);
	if (!s->opt.address[0] && numeric_address(e->address, s->opt.address,
	                              sizeof(s->opt.address)) < 0)
		log_err("ring address %s of this node has no IP address: set "
		        "address=",
		    e->address);
}

/* nodelist.node.N.nodeid for each node; numbers may be missing. */
static int read_entries(cmap_handle_t cmap, struct nodelist_entry *entry)
{
	char key[CMAP_KEYNAME_MAXLEN + 1];
	cmap_value_types_t type;
	cmap_iter_handle_t iter;
	int i, end, count = 0;
	size_t len;

	if (cmap_iter_init(cmap, "nodelist.node.", &iter) != CS_OK)
		return 0;
	while (count < NODES_MAX &&
	       cmap_iter_next(cmap, iter, key, &len, &type) == CS_OK) {
		end = 0;
		if (sscanf(key, "nodelist.node.%d.nodeid%n", &i, &end) == 1 &&
		    end && !key[end] && read_entry(cmap, i, &entry[count]))
			count++;
	}
	cmap_iter_finalize(cmap, iter);
	return count;
}

/* NAMES: 0, or what is wrong with them. */
static int read_list(
    struct syncd *s, bool *changed, int *names, struct why *why)
{
	struct nodelist_entry entry[NODES_MAX];
	char cipher[32], hash[32];
	cmap_handle_t cmap;
	int i, count;

	if (cmap_initialize(&cmap) != CS_OK)
		return why_set(why, -ENOTCONN, "Corosync does not run");
	count = read_entries(cmap, entry);
	*names = nodelist_names(entry, count, why);
	for (i = 0; i < count; i++)
		if (entry[i].nodeid == s->nodeid)
			own_entry(s, &entry[i]);
	cmap_text(cmap, "totem.crypto_cipher", cipher, sizeof(cipher));
	cmap_text(cmap, "totem.crypto_hash", hash, sizeof(hash));
	s->encrypted = cipher[0] && strcmp(cipher, "none") != 0 && hash[0] &&
	               strcmp(hash, "none") != 0;
	cmap_finalize(cmap);
	/* A list without nodes is one that is being changed. */
	*changed = count > 0 && nodelist_merge(s, entry, count);
	return 0;
}

int nodelist_load(struct syncd *s, struct why *why)
{
	bool changed;
	int names = 0, rc = read_list(s, &changed, &names, why);

	if (rc == 0 && !s->name[0])
		gethostname(s->name, sizeof(s->name) - 1);
	/* Who has been source, and has to close its record, goes on. */
	return rc < 0 || s->opt.restarted || s->opt.close ? rc : names;
}

void nodelist_reload(struct syncd *s)
{
	bool changed = false;
	struct why why;
	int names;

	if (read_list(s, &changed, &names, &why) < 0)
		log_warn("the node list cannot be read: %s", why.text);
	else if (changed)
		log_notice("Corosync's node list has changed: %d nodes",
		    s->configured);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "join.h"

#include <string.h>

#include "message.h"

static int send_head(struct conn *c, const struct id *self,
    const struct position *tip, struct why *why)
{
	const struct join_head h = {.node = *self, .tip = *tip};
	struct wire_writer w;

	wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
	join_head_put(&w, &h);
	return conn_send(c, NET_JOIN, w.used, why);
}

int join_lineage(struct conn *c, const struct lineage *l, struct why *why)
{
	struct wire_writer w;
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && at < l->count) {
		wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
		lineage_put(&w, l, &at);
		rc = conn_send(c, NET_LINEAGE, w.used, why);
	}
	return rc;
}

static int send_list(
    struct conn *c, const struct inventory *has, struct why *why)
{
	const struct manifest *m = has->disk;
	struct wire_writer w;
	size_t i;
	int rc = 0;

	wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
	for (i = 0; rc == 0 && i < m->count; i++) {
		if (w.size - w.used < ENTRY_WIRE_MAX) {
			rc = conn_send(c, NET_LIST, w.used, why);
			w.used = 0;
		}
		entry_put(&w, m->entry[i]);
	}
	return rc < 0 ? rc : conn_send(c, NET_LIST, w.used, why);
}

/* So that what comes of the database is only what differs. */
static int send_pages(
    struct conn *c, const struct inventory *has, struct why *why)
{
	const struct page_table *p = has->pages;
	struct wire_writer w;
	uint32_t i;
	int rc = 0;

	if (!p)
		return 0;
	wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
	join_pages_put(&w, p);
	for (i = 0; rc == 0 && i < p->count; i++) {
		if (w.size - w.used < PAGE_HASH_LEN) {
			rc = conn_send(c, NET_PAGES, w.used, why);
			w.used = 0;
		}
		wire_put_bytes(&w, p->hash[i], PAGE_HASH_LEN);
	}
	return rc < 0 ? rc : conn_send(c, NET_PAGES, w.used, why);
}

static int send_end(
    struct conn *c, const struct inventory *has, struct why *why)
{
	memcpy(conn_payload(c), has->disk->sum, SHA_LEN);
	return conn_send(c, NET_JOIN_END, SHA_LEN, why);
}

static int send_pieces(struct conn *c, const struct kept *kept, struct why *why)
{
	struct wire_writer w;
	uint32_t i;
	int rc = 0;

	wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
	for (i = 0; rc == 0 && i < kept->count; i++) {
		const struct piece *p = &kept->piece[i].piece;

		if (w.size - w.used < PIECE_WIRE_LEN) {
			rc = conn_send(c, NET_PIECES, w.used, why);
			w.used = 0;
		}
		join_piece_put(&w, p->len, p->sha);
	}
	if (rc == 0 && w.used > 0)
		rc = conn_send(c, NET_PIECES, w.used, why);
	return rc;
}

int join_send(struct conn *c, const struct join_offer *offer, struct why *why)
{
	int rc = send_head(c, offer->self, &offer->lineage->tip, why);

	if (rc == 0)
		rc = join_lineage(c, offer->lineage, why);
	if (rc == 0)
		rc = send_list(c, offer->has, why);
	if (rc == 0)
		rc = send_pages(c, offer->has, why);
	if (rc == 0)
		rc = send_pieces(c, offer->kept, why);
	return rc < 0 ? rc : send_end(c, offer->has, why);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "genfile.h"
#include "pagedelta.h"

#define OVER 1 /* nothing more is to be had */

struct cutting {
	int fd;
	uint64_t size;
	piece_fn *fn;
	void *arg;
	const struct tick *tick;
};

static int give(const struct cutting *c, uint64_t at, uint32_t len)
{
	struct piece p = {.at = at, .len = len};
	int rc;

	if (len > c->size || at > c->size - len)
		return OVER;
	rc = content_copy(c->fd, at, len, -1, 0, p.sha, NULL);
	if (rc < 0)
		return rc == -ENOMEM ? rc : OVER;
	rc = len < PIECE_MIN ? 0 : c->fn(&p, c->arg);
	return rc < 0 ? rc : tick(c->tick);
}

static int cut(
    const struct cutting *c, uint64_t at, uint64_t len, uint32_t block)
{
	uint32_t n;
	int rc = 0;

	for (; rc == 0 && len > 0; at += n, len -= n) {
		n = len < block ? (uint32_t)len : block;
		rc = give(c, at, n);
	}
	return rc;
}

static int cut_delta(const struct cutting *c, const struct change *change)
{
	const struct delta d = {
	    .fd = c->fd, .at = change->at, .len = change->len};
	struct delta_head h;
	uint32_t page;

	if (delta_open(&d, &h) < 0)
		return OVER;
	page = DELTA_PAGE_LEN + h.size;
	return cut(c, d.at + DELTA_HEAD_LEN, (uint64_t)h.changed * page, page);
}

static int cut_content(const struct cutting *c, const struct change *change)
{
	const struct entry *e = change->entry;
	struct page_sum s;

	if (change->kind == CHANGE_PAGES)
		return cut_delta(c, change);
	if (e->set == SET_DB && page_sum_decode(e->sha, e->size, &s))
		return cut(c, change->at, change->len, s.size);
	return cut(c, change->at, change->len, PIECE_MAX);
}

static int cut_record(
    const struct cutting *c, const struct gen_header *h, uint64_t *at)
{
	uint64_t end = h->size - GEN_TRAILER_LEN, here;
	uint8_t buf[GEN_RECORD_MAX];
	struct change change;
	ssize_t n;
	int rc;

	here = end < c->size ? end : c->size;
	if (*at >= here)
		return OVER;
	here -= *at;
	here = here < sizeof(buf) ? here : sizeof(buf);
	if (content_read(c->fd, buf, (size_t)here, *at) < 0)
		return OVER;
	n = gen_record_get(h, buf, (size_t)here, end - *at, &change);
	if (n < 0)
		return n == -ENOMEM ? (int)n : OVER;
	change.at = *at + (uint64_t)n;
	*at = change.at + change.len;
	rc = cut_content(c, &change);
	entry_unref(change.entry);
	return rc;
}

int pieces_each(
    int fd, uint64_t size, piece_fn *fn, void *arg, const struct tick *t)
{
	const struct cutting c = {
	    .fd = fd, .size = size, .fn = fn, .arg = arg, .tick = t};
	uint8_t head[GEN_HEADER_LEN];
	uint64_t at = GEN_HEADER_LEN;
	struct gen_header h;
	uint32_t i;
	int rc = 0;

	if (content_read(fd, head, sizeof(head), 0) < 0 ||
	    gen_header_decode(head, sizeof(head), &h) < 0)
		return 0;
	for (i = 0; rc == 0 && i < h.records; i++)
		rc = cut_record(&c, &h, &at);
	return rc == OVER ? 0 : rc;
}

int named_add(struct named_pieces *n, uint32_t len, const uint8_t sha[SHA_LEN])
{
	struct named_piece *p;

	if (len < PIECE_MIN || len > PIECE_MAX)
		return -EBADMSG;
	if (n->count >= PIECES_MAX)
		return -E2BIG;
	if (n->count == n->room) {
		uint32_t room = n->room ? n->room * 2 : 256;

		p = realloc(n->piece, room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		n->piece = p;
		n->room = room;
	}
	p = &n->piece[n->count];
	p->number = n->count++;
	p->len = len;
	memcpy(p->sha, sha, SHA_LEN);
	return 0;
}

static int by_content(const void *a, const void *b)
{
	const struct named_piece *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->sha, y->sha, SHA_LEN);
}

void named_sort(struct named_pieces *n)
{
	if (n->count > 1)
		qsort(n->piece, n->count, sizeof(*n->piece), by_content);
}

void named_free(struct named_pieces *n)
{
	free(n->piece);
	*n = (struct named_pieces){0};
}

struct finding {
	const struct named_pieces *named;
	struct spared *spared;
};

static bool goes_on(
    const struct spared_run *r, const struct piece *p, uint32_t number)
{
	return r->at + r->len == p->at && r->first + r->count == number &&
	       r->len + p->len <= SPARED_RUN;
}

static int spare(struct spared *s, const struct piece *p, uint32_t number)
{
	struct spared_run *r;

	s->total += p->len;
	if (s->count > 0 && goes_on(&s->run[s->count - 1], p, number)) {
		r = &s->run[s->count - 1];
		r->len += p->len;
		r->count++;
		return 0;
	}
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 64;

		r = realloc(s->run, room * sizeof(*r));
		if (!r)
			return -ENOMEM;
		s->run = r;
		s->room = room;
	}
	s->run[s->count++] = (struct spared_run){
	    .at = p->at, .len = p->len, .first = number, .count = 1};
	return 0;
}

static int find(const struct piece *p, void *arg)
{
	const struct finding *f = arg;
	struct named_piece want = {.len = p->len}, *got;

	memcpy(want.sha, p->sha, SHA_LEN);
	got = bsearch(
	    &want, f->named->piece, f->named->count, sizeof(want), by_content);
	return got ? spare(f->spared, p, got->number) : 0;
}

int spared_find(int fd, uint64_t size, const struct named_pieces *named,
    struct spared *spared, const struct tick *t)
{
	struct finding f = {.named = named, .spared = spared};

	return named->count > 0 ? pieces_each(fd, size, find, &f, t) : 0;
}

void spared_free(struct spared *spared)
{
	free(spared->run);
	*spared = (struct spared){0};
}

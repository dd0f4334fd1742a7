/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "genfile.h"
#include "redo.h"

static const char *const names[KEPT_FILES] = {REDO_SEED "-0", REDO_SEED "-1"};

/* 0 when there is none. */
static uint64_t size_of(const char *state_dir, const char *name)
{
	uint64_t size;
	int fd = redo_part_open(state_dir, name, &size);

	if (fd < 0)
		return 0;
	close(fd);
	return size;
}

/* The one that broke off last takes a free place or that of a smaller one. */
static void adopt(const char *state_dir)
{
	uint64_t size = size_of(state_dir, KEPT_PART), other, least = size;
	int i, place = -1;

	if (size <= GEN_HEADER_LEN) {
		redo_unlink_part(state_dir, KEPT_PART);
		return;
	}
	for (i = 0; i < KEPT_FILES; i++) {
		other = size_of(state_dir, names[i]);
		if (other >= least)
			continue;
		least = other;
		place = i;
	}
	if (place < 0 ||
	    redo_part_rename(state_dir, KEPT_PART, names[place]) < 0)
		redo_unlink_part(state_dir, KEPT_PART);
}

struct loading {
	struct kept *kept;
	int file;
};

static int add(const struct piece *piece, void *arg)
{
	const struct loading *l = arg;
	struct kept *k = l->kept;

	if (k->count >= PIECES_MAX)
		return 0;
	if (k->count == k->room) {
		uint32_t room = k->room ? k->room * 2 : 256;
		struct kept_piece *p =
		    realloc(k->piece, room * sizeof(*k->piece));

		if (!p)
			return -ENOMEM;
		k->piece = p;
		k->room = room;
	}
	k->piece[k->count++] =
	    (struct kept_piece){.piece = *piece, .file = l->file};
	k->total += piece->len;
	return 0;
}

int kept_load(struct kept *k, const char *state_dir, const struct tick *t)
{
	struct loading l = {.kept = k};
	uint32_t before;
	uint64_t size;
	int i, rc = 0;

	*k = KEPT_NONE;
	adopt(state_dir);
	for (i = 0; rc == 0 && i < KEPT_FILES; i++) {
		k->fd[i] = redo_part_open(state_dir, names[i], &size);
		if (k->fd[i] < 0)
			continue;
		before = k->count;
		l.file = i;
		rc = pieces_each(k->fd[i], size, add, &l, t);
		if (rc == 0 && k->count == before)
			redo_unlink_part(state_dir, names[i]);
	}
	if (rc != 0)
		kept_close(k);
	return rc == -ENOMEM ? 0 : rc;
}

void kept_close(struct kept *k)
{
	int i;

	for (i = 0; i < KEPT_FILES; i++)
		if (k->fd[i] >= 0)
			close(k->fd[i]);
	free(k->piece);
	*k = KEPT_NONE;
}

uint32_t kept_len(const struct kept *k, uint32_t number)
{
	return number < k->count ? k->piece[number].piece.len : 0;
}

int kept_copy(const struct kept *k, uint32_t number, int to, uint64_t at)
{
	const struct kept_piece *p = &k->piece[number];
	uint8_t sum[SHA_LEN];
	int rc = content_copy(
	    k->fd[p->file], p->piece.at, p->piece.len, to, at, sum, NULL);

	if (rc == -ESTALE)
		return -EBADMSG;
	if (rc == 0 && memcmp(sum, p->piece.sha, SHA_LEN) != 0)
		rc = -EBADMSG;
	return rc;
}

void kept_replaced(struct kept *k, const char *state_dir)
{
	int i;

	if (k)
		kept_close(k);
	for (i = 0; i < KEPT_FILES; i++)
		redo_unlink_part(state_dir, names[i]);
}

void kept_remove(struct kept *k, const char *state_dir)
{
	kept_replaced(k, state_dir);
	redo_unlink_part(state_dir, KEPT_PART);
}

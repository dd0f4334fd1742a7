/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "incoming.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "redo.h"

#define SYNC_EVERY (4 << 20) /* so that each one is short, also the last */
#define SPACE_MARGIN (8 << 20)
#define STEP_PART "take"

void incoming_init(struct incoming *in, const char *state_dir)
{
	*in = (struct incoming){
	    .state_dir = state_dir, .fd = -1, .kept = KEPT_NONE};
}

bool incoming_full(const struct incoming *in)
{
	return in->header.flags & GEN_FULL;
}

static const char *part(const struct incoming *in)
{
	return incoming_full(in) ? KEPT_PART : STEP_PART;
}

/* The size of the file stays what has come. */
static int reserve(struct incoming *in, struct why *why)
{
	uint64_t size = in->header.size;
	struct statvfs st;

	if (fstatvfs(in->fd, &st) == 0 &&
	    (uint64_t)st.f_bavail * st.f_frsize < size + SPACE_MARGIN)
		return why_set(why, -ENOSPC,
		    "%s has less than %" PRIu64
		    " MB free: make room, it goes on by itself",
		    in->state_dir, (size + SPACE_MARGIN) >> 20);
	if (fallocate(in->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) < 0 &&
	    errno != EOPNOTSUPP)
		return why_set(why, -errno,
		    "no space for a generation in %s: %s", in->state_dir,
		    strerror(errno));
	return 0;
}

int incoming_open(struct incoming *in, struct why *why)
{
	int rc;

	in->got = in->synced = in->spared = in->copied = 0;
	in->fd = redo_part(in->state_dir, part(in), why);
	if (in->fd < 0)
		return in->fd;
	rc = reserve(in, why);
	/* It begins again where there is no room for both. */
	if (rc == -ENOSPC)
		kept_remove(&in->kept, in->state_dir);
	return rc;
}

void incoming_close(struct incoming *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	kept_close(&in->kept);
	if (in->unfit)
		kept_remove(NULL, in->state_dir);
	in->unfit = false;
}

static int cannot_write(int rc, struct why *why)
{
	return why_set(why, rc, "cannot write the log: %s", strerror(-rc));
}

static int sync_now(struct incoming *in, struct why *why)
{
	int rc = fdatasync(in->fd) < 0 ? -errno : 0;

	if (rc == 0 && in->synced == 0)
		rc = redo_sync(in->state_dir);
	if (rc < 0)
		return cannot_write(rc, why);
	in->synced = in->got;
	return 0;
}

static int came(struct incoming *in, size_t len, struct why *why)
{
	in->got += len;
	if (in->got - in->synced < SYNC_EVERY)
		return 0;
	if (incoming_full(in))
		return sync_now(in, why);
	sync_file_range(in->fd, (off_t)in->synced,
	    (off_t)(in->got - in->synced), SYNC_FILE_RANGE_WRITE);
	in->synced = in->got;
	return 0;
}

int incoming_data(
    struct incoming *in, const uint8_t *data, size_t len, struct why *why)
{
	int rc;

	if (in->fd < 0 || len > in->header.size - in->got)
		return why_set(why, -EPROTO, "the source sent too much");
	rc = content_write(in->fd, data, len, in->got);
	return rc < 0 ? cannot_write(rc, why) : came(in, len, why);
}

/* Everything that is wanted of the others is in this one. */
static int replaced(struct incoming *in, struct why *why)
{
	int rc = in->kept.count > 0 ? sync_now(in, why) : 0;

	if (rc == 0)
		kept_replaced(&in->kept, in->state_dir);
	return rc;
}

int incoming_spared(struct incoming *in, uint64_t spared, struct why *why)
{
	if (in->fd < 0 || !incoming_full(in) || in->got > 0 ||
	    spared > in->header.size)
		return why_set(why, -EPROTO, "the source sent a wrong number");
	in->spared = spared;
	return spared > 0 ? 0 : replaced(in, why);
}

static int take_piece(struct incoming *in, uint32_t number, struct why *why)
{
	uint32_t len = kept_len(&in->kept, number);
	int rc;

	if (in->fd < 0 || len == 0 || len > in->spared - in->copied ||
	    len > in->header.size - in->got)
		return why_set(
		    why, -EPROTO, "the source asks for what is not here");
	rc = kept_copy(&in->kept, number, in->fd, in->got);
	if (rc == -EBADMSG)
		return why_set(why, rc,
		    "what an interrupted copy has left is damaged: it begins "
		    "again");
	if (rc < 0)
		return cannot_write(rc, why);
	in->copied += len;
	return came(in, len, why);
}

int incoming_kept(struct incoming *in, const struct kept_run *run,
    const struct tick *t, struct why *why)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < run->count; i++) {
		rc = take_piece(in, run->first + i, why);
		if (rc == 0)
			rc = tick(t);
		if (rc < 0 && rc != -ECANCELED && !why->text[0])
			rc = why_set(
			    why, -ECONNRESET, "the connection has ended");
	}
	if (rc == 0 && in->copied == in->spared)
		rc = replaced(in, why);
	return rc;
}

uint64_t incoming_done(const struct incoming *in)
{
	return in->spared + in->got - in->copied;
}

int incoming_commit(
    struct incoming *in, const struct position *pos, struct why *why)
{
	int rc = redo_commit(in->state_dir, part(in), in->fd, pos, why);

	if (rc == 0 && incoming_full(in))
		kept_remove(&in->kept, in->state_dir);
	return rc;
}

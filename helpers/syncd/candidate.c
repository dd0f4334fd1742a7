/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup2.h"
#include "cleanup.h"
#include "content.h"
#include "deadline.h"
#include "file.h"
#include "proc.h"
#include "sha.h"

#define VERIFY_MS 60000
#define VERIFIER ODS_LIBEXECDIR "/ods-verify"

enum candidate_verdict candidate_serial(
    const struct zone_row *row, uint32_t serial, const char *digest)
{
	if (!row->ever)
		return CANDIDATE_READY;
	if (serial == row->serial && strcmp(digest, row->digest) == 0)
		return CANDIDATE_READY;
	return serial_above(serial, row->serial) ? CANDIDATE_READY
	                                         : CANDIDATE_LOW;
}

int candidate_digest_with(int fd, const struct tick *t, char hex[65])
{
	uint8_t sum[SHA_LEN];
	char buf[65536];
	struct sha sha;
	off_t at = 0;
	ssize_t n;
	int i, rc, ended = 0;

	sha_begin(&sha);
	while (ended == 0 && (n = pread(fd, buf, sizeof(buf), at)) > 0) {
		sha_add(&sha, buf, (size_t)n);
		at += n;
		ended = tick(t);
	}
	if (ended == 0 && n < 0)
		ended = -errno;
	rc = sha_end(&sha, sum);
	if (ended < 0)
		return ended;
	for (i = 0; i < SHA_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return rc;
}

int candidate_digest(int fd, char hex[65])
{
	return candidate_digest_with(fd, NULL, hex);
}

/* A hard link fixes the content: the signer replaces its file by rename and
 * never writes into it.  Across file systems a copy does the same. */
static int take_file(const char *from, const char *to, struct why *why)
{
	unlink(to);
	if (link(from, to) == 0)
		return 0;
	if (errno == ENOENT)
		return -ENOENT;
	return file_copy(from, to, why);
}

/* The unsigned file that led to this version, by content; "" when it was
 * written since, or cannot be told. */
static void unsigned_digest(
    const struct zone_entry *zone, const struct stat *signed_st, char hex[65])
{
	CLEANUP_CLOSE int fd = -1;
	struct stat st;

	hex[0] = '\0';
	if (!zone->input[0])
		return;
	fd = open(zone->input, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 ||
	    st.st_mtim.tv_sec >= signed_st->st_mtim.tv_sec)
		return;
	if (candidate_digest(fd, hex) < 0)
		hex[0] = '\0';
}

/* Ask ods-verify; the zone's serial and first expiry on success. */
static enum candidate_verdict verify(const struct candidate_setup *setup,
    const struct zone_entry *zone, int fd, struct zone_row *found,
    struct why *why)
{
	const char *argv[] = {VERIFIER, zone->name, NULL};
	struct proc_job job = {
	    .argv = argv, .stdin_fd = fd, .cancel = setup->cancel};
	struct proc_result result;
	char *serial, *expires;

	if (proc_run_job(&job, deadline_in_ms(VERIFY_MS), &result, why) < 0)
		return CANDIDATE_ERROR;
	serial = strstr(result.out, "serial=");
	expires = strstr(result.out, "earliest_expiry=");
	if (result.code == 0 && serial && expires &&
	    sscanf(serial, "serial=%" SCNu32, &found->serial) == 1 &&
	    sscanf(expires, "earliest_expiry=%" SCNd64, &found->expires) == 1)
		return CANDIDATE_READY;
	result.out[strcspn(result.out, "\n")] = '\0';
	if (result.code == 1) {
		why_set(
		    why, -EBADMSG, "zone %s: %.180s", zone->name, result.out);
		return CANDIDATE_REFUSED;
	}
	why_set(why, -EIO, "zone %s: the verifier failed: %.120s", zone->name,
	    result.out);
	return CANDIDATE_ERROR;
}

/* Has the signer written the backup2 of that version?  Its line 3 tells the
 * serial that went out. */
static bool backup2_is_there(
    const struct conf *conf, const struct zone_entry *zone, uint32_t serial)
{
	char path[PATH_MAX], flat[256];
	struct backup2 b;

	zone_flat_name(zone->name, flat, sizeof(flat));
	if (snprintf(path, sizeof(path), "%s/%s.backup2", conf->signer_dir,
	        flat) >= (int)sizeof(path))
		return false;
	return backup2_load(path, &b, NULL) == 0 && b.outbound == serial;
}

static enum candidate_verdict judge(const struct candidate_setup *setup,
    const struct zone_entry *zone, int fd, struct zone_row *row,
    struct why *why)
{
	enum candidate_verdict v;
	char digest[65];
	struct zone_row found = {0};
	struct stat st;

	if (fstat(fd, &st) < 0 || candidate_digest(fd, digest) < 0)
		return CANDIDATE_ERROR;
	if (row->ever && row->served_digest[0] &&
	    strcmp(digest, row->served_digest) == 0)
		return CANDIDATE_SAME;
	v = verify(setup, zone, fd, &found, why);
	if (v != CANDIDATE_READY)
		return v;
	v = candidate_serial(row, found.serial, digest);
	if (v == CANDIDATE_LOW)
		why_set(why, -EBADMSG,
		    "zone %s: serial %" PRIu32 " is not above %" PRIu32
		    ", which was published",
		    zone->name, found.serial, row->serial);
	if (v != CANDIDATE_READY)
		return v;
	if (setup->need_backup2 &&
	    !backup2_is_there(setup->conf, zone, found.serial))
		return CANDIDATE_WAIT;
	row->serial = found.serial;
	row->expires = found.expires;
	row->ever = true;
	row->state = ZONE_INTENT;
	snprintf(row->digest, sizeof(row->digest), "%s", digest);
	unsigned_digest(zone, &st, row->unsigned_digest);
	return CANDIDATE_READY;
}

static int keep(const char *tmp, const char *pending, int fd)
{
	if (fchmod(fd, 0644) < 0 || fsync(fd) < 0 || rename(tmp, pending) < 0)
		return -errno;
	/* A rename onto another name of the same file does nothing. */
	unlink(tmp);
	return file_sync_parent(pending);
}

enum candidate_verdict candidate_take(const struct candidate_setup *setup,
    const struct zone_entry *zone, struct zone_row *row, struct why *why)
{
	char pending[PATH_MAX], tmp[PATH_MAX + 16];
	enum candidate_verdict v;
	CLEANUP_CLOSE int fd = -1;
	int rc = zone_pending_path(
	    setup->conf, setup->state_dir, zone, pending, sizeof(pending));

	if (rc == 0)
		rc = file_mkdirs_for(pending, 0700, why);
	if (rc < 0)
		return CANDIDATE_ERROR;
	snprintf(tmp, sizeof(tmp), "%s.ods-new", pending);
	rc = take_file(zone->output, tmp, why);
	if (rc < 0)
		return rc == -ENOENT ? CANDIDATE_NONE : CANDIDATE_ERROR;
	fd = open(tmp, O_RDONLY | O_CLOEXEC);
	v = fd < 0 ? CANDIDATE_ERROR : judge(setup, zone, fd, row, why);
	if (v == CANDIDATE_READY && (rc = keep(tmp, pending, fd)) < 0) {
		why_set(why, rc, "cannot write %s: %s", pending, strerror(-rc));
		v = CANDIDATE_ERROR;
	}
	if (v != CANDIDATE_READY)
		unlink(tmp);
	return v;
}

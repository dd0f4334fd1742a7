/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pinguard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "hsmreport.h"
#include "log.h"
#include "proc.h"

#define PREFIX "pin-refused."
#define LOCK_POLL_MS 20
#define SALT_PATH ODS_RUNDIR "/pin-salt"

/* FNV-1a: it only has to make a file name, the names are in the file. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do {
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	} while (*text++);
	return hash;
}

static void token_path(char *buf, size_t size, const char *prefix,
    const char *module, const char *token)
{
	uint64_t hash = hash_text(0xcbf29ce484222325ULL, module);

	snprintf(buf, size, "%s/%s%016" PRIx64, ODS_RUNDIR, prefix,
	    hash_text(hash, token));
}

static void note_path(
    char *buf, size_t size, const char *module, const char *token)
{
	token_path(buf, size, PREFIX, module, token);
}

int pinguard_lock(
    const char *module, const char *token, struct deadline deadline)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	CLEANUP_CLOSE int fd = -1;
	char path[PATH_MAX];

	token_path(path, sizeof(path), "pin-lock.", module, token);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (fcntl(fd, F_SETLK, &lock) < 0) {
		if (errno != EACCES && errno != EAGAIN)
			return -errno;
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		deadline_sleep_ms(deadline, LOCK_POLL_MS);
	}
	return steal_fd(&fd);
}

static int salt_read(unsigned char salt[PINGUARD_SALT_SIZE])
{
	CLEANUP_CLOSE int fd =
	    open(SALT_PATH, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -errno;
	return read(fd, salt, PINGUARD_SALT_SIZE) == PINGUARD_SALT_SIZE
	           ? 0
	           : -EPROTO;
}

/* Two processes may make one at the same time: link() lets one of them win,
 * and no reader ever sees half a salt. */
static int salt_make(unsigned char salt[PINGUARD_SALT_SIZE])
{
	char tmp[PATH_MAX];
	int rc;

	if (getrandom(salt, PINGUARD_SALT_SIZE, 0) != PINGUARD_SALT_SIZE)
		return -EIO;
	snprintf(tmp, sizeof(tmp), "%s.%ld", SALT_PATH, (long)getpid());
	rc = file_replace(tmp, salt, PINGUARD_SALT_SIZE, 0600, false, NULL);
	if (rc == 0 && link(tmp, SALT_PATH) < 0 && errno != EEXIST)
		rc = -errno;
	unlink(tmp);
	return rc < 0 ? rc : salt_read(salt);
}

int pinguard_salt(unsigned char salt[PINGUARD_SALT_SIZE], struct why *why)
{
	int rc = salt_read(salt);

	if (rc == 0)
		return 0;
	if (rc == -EPROTO)
		unlink(SALT_PATH);
	rc = file_mkdirs(ODS_RUNDIR, 0755, why);
	if (rc < 0)
		return rc;
	rc = salt_make(salt);
	return rc < 0 ? why_set(why, rc, "cannot make %s: %s", SALT_PATH,
	                    strerror(-rc))
	              : 0;
}

static void note_text(char *buf, size_t size, const char *module,
    const char *token, const char *digest)
{
	snprintf(buf, size, "digest=%s\ntoken=%s\nmodule=%s\n", digest, token,
	    module);
}

bool pinguard_refused(const char *module, const char *token, const char *digest)
{
	char path[PATH_MAX], want[PATH_MAX + 512];
	CLEANUP_FREE char *have = NULL;
	size_t len;

	note_path(path, sizeof(path), module, token);
	note_text(want, sizeof(want), module, token, digest);
	return file_read(path, 2 * PATH_MAX, &have, &len, NULL) == 0 &&
	       strncmp(have, want, strlen(want)) == 0;
}

int pinguard_note(const char *module, const char *token, const char *repository,
    const char *digest, const char *detail, struct why *why)
{
	char path[PATH_MAX], text[2 * PATH_MAX];
	size_t used;
	int rc = file_mkdirs(ODS_RUNDIR, 0755, why);

	if (rc < 0)
		return rc;
	note_path(path, sizeof(path), module, token);
	note_text(text, sizeof(text), module, token, digest);
	used = strlen(text);
	snprintf(text + used, sizeof(text) - used, "repository=%s\ndetail=%s\n",
	    repository, detail);
	return file_replace(path, text, strlen(text), 0600, false, why);
}

void pinguard_forget(const char *module, const char *token)
{
	char path[PATH_MAX];

	note_path(path, sizeof(path), module, token);
	unlink(path);
}

/* Number of notes; removes them when REMOVE. */
static int notes_walk(bool remove)
{
	CLEANUP_DIR DIR *dir = opendir(ODS_RUNDIR);
	struct dirent *de;
	int count = 0;

	while (dir && (de = readdir(dir))) {
		if (strncmp(de->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		count++;
		if (remove)
			unlinkat(dirfd(dir), de->d_name, 0);
	}
	return count;
}

int pinguard_clear(void)
{
	return notes_walk(true);
}

void pinguard_tell(
    const char *conf, const char *repository, struct deadline deadline)
{
	const char *argv[] = {ODS_LIBEXECDIR "/ods-hsm-probe", "--refused",
	    repository, "--conf", conf, NULL};
	struct proc_result result;
	struct hsmreport report;
	struct why why = {.text = "ods-hsm-probe gave no answer"};

	if (proc_run(argv, NULL, deadline, &result, &why) == 0) {
		hsmreport_parse(result.out, &report);
		if (report.verdict == HSM_WRONG_PIN)
			return;
	}
	log_warn("the refused PIN is not noted: %s", why.text);
}

int pinguard_check(const char *conf, struct deadline deadline, struct why *why)
{
	const char *argv[] = {
	    ODS_LIBEXECDIR "/ods-hsm-probe", "--guard", "--conf", conf, NULL};
	struct proc_result result;
	struct hsmreport report;

	if (notes_walk(false) == 0)
		return 0;
	if (proc_run(argv, NULL, deadline, &result, NULL) < 0 ||
	    result.timed_out)
		return 0;
	hsmreport_parse(result.out, &report);
	if (report.verdict != HSM_WRONG_PIN)
		return 0;
	return why_set(why, -EKEYREJECTED,
	    "token refused the PIN of repository %s: set <PIN> in %s, or pcs "
	    "resource cleanup to try again",
	    report.repository, conf);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "claimfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "log.h"
#include "statefile.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* "" when it is too long. */
static int read_text(const char *path, char *text, size_t size)
{
	CLEANUP_FREE char *data = NULL;
	struct why why;
	size_t len = 0;
	int rc = file_read(path, size - 1, &data, &len, &why);

	snprintf(text, size, "%s", rc < 0 ? "" : data);
	return rc;
}

int claimfile_read(const char *res, char text[CLAIM_TEXT])
{
	char path[PATH_MAX];

	text[0] = '\0';
	if (statefile_path(path, sizeof(path), res, "claim") < 0 ||
	    read_text(path, text, CLAIM_TEXT) != -ENOENT)
		return 0;
	return -ENOENT;
}

int claimfile_write(const char *res, const char *text, struct why *why)
{
	char path[PATH_MAX];
	int rc = statefile_path(path, sizeof(path), res, "claim");

	if (rc < 0)
		return why_set(why, rc, "no path for the claim");
	return file_replace(path, text, strlen(text), 0600, false, why);
}

void claimfile_remove(const char *res)
{
	char path[PATH_MAX];

	if (statefile_path(path, sizeof(path), res, "claim") == 0 &&
	    unlink(path) < 0 && errno != ENOENT)
		log_err("cannot remove %s: %s", path, strerror(errno));
}

void claimfile_boot(char boot[BOOT_ID_MAX])
{
	read_text(BOOT_ID, boot, BOOT_ID_MAX);
	boot[strcspn(boot, "\n")] = '\0';
}

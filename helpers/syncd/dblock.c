/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dblock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* SQLite's lock bytes (src/os.h) */
#define PENDING_BYTE 0x40000000
#define RESERVED_BYTE (PENDING_BYTE + 1)
#define SHARED_FIRST (PENDING_BYTE + 2)
#define SHARED_SIZE 510

static int lock_range(int fd, int cmd, short type, off_t at, off_t len)
{
	struct flock lock = {
	    .l_type = type,
	    .l_whence = SEEK_SET,
	    .l_start = at,
	    .l_len = len,
	};

	if (fcntl(fd, cmd, &lock) < 0)
		return errno == EACCES ? -EAGAIN : -errno;
	return lock.l_type != F_UNLCK;
}

int dblock_shared(int fd)
{
	int rc = lock_range(fd, F_OFD_SETLK, F_RDLCK, PENDING_BYTE, 1);

	if (rc < 0)
		return rc;
	rc = lock_range(fd, F_OFD_SETLK, F_RDLCK, SHARED_FIRST, SHARED_SIZE);
	lock_range(fd, F_OFD_SETLK, F_UNLCK, PENDING_BYTE, 1);
	return rc < 0 ? rc : 0;
}

int dblock_exclusive(int fd)
{
	int rc = lock_range(fd, F_OFD_SETLK, F_WRLCK, PENDING_BYTE,
	    SHARED_FIRST + SHARED_SIZE - PENDING_BYTE);

	return rc < 0 ? rc : 0;
}

int dblock_is_reserved(int fd)
{
	return lock_range(fd, F_OFD_GETLK, F_WRLCK, RESERVED_BYTE, 1);
}

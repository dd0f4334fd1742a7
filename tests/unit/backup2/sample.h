/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_SAMPLE_H
#define TEST_SAMPLE_H

/* A backup2 and a signconf as ods-signerd and ods-enforcerd wrote them
 * (tests/data/backup2/make.sh), and a place to spoil copies of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "backup2.h"
#include "file.h"

#define REAL_BACKUP2 TEST_DATA "/backup2/example.org.backup2"
#define REAL_SIGNCONF TEST_DATA "/backup2/example.org.xml"
#define UNUSED_FN __attribute__((unused))

static char sample_dir[] = "/tmp/ods-backup2.XXXXXX";
static char sample_path[64];

static UNUSED_FN void sample_write(const void *data, size_t len)
{
	struct why why;

	assert_int_equal(
	    file_replace(sample_path, data, len, 0640, false, &why), 0);
}

static __attribute__((noinline)) UNUSED_FN char *sample_real(
    const char *path, size_t *len)
{
	struct why why;
	char *text;

	assert_int_equal(file_read(path, 1 << 20, &text, len, &why), 0);
	return text;
}

static UNUSED_FN int sample_setup(void **state)
{
	(void)state;
	snprintf(sample_dir, sizeof(sample_dir), "/tmp/ods-backup2.XXXXXX");
	if (!mkdtemp(sample_dir))
		return -1;
	snprintf(sample_path, sizeof(sample_path), "%s/zone", sample_dir);
	return 0;
}

static UNUSED_FN int sample_teardown(void **state)
{
	(void)state;
	unlink(sample_path);
	return rmdir(sample_dir);
}

#endif

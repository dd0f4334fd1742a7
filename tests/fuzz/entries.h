/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FUZZ_ENTRIES_H
#define ODS_FUZZ_ENTRIES_H

#include "fuzz.h"
#include "manifest.h"

/* An entry for a seed. */
static inline void fuzz_put_entry(
    struct wire_writer *w, enum set set, const char *path)
{
	struct entry *e = entry_new(set, path);

	must(e);
	e->size = 22;
	e->mode = 0644;
	e->mtime_ns = 1795416620000000000;
	strcpy(e->owner, "opendnssec");
	strcpy(e->group, "opendnssec");
	memset(e->sha, 7, sizeof(e->sha));
	entry_put(w, e);
	entry_unref(e);
}

/* What was read is written as it came. */
static inline void fuzz_entry_again(
    const struct entry *e, const uint8_t *at, size_t len)
{
	uint8_t buf[ENTRY_WIRE_MAX];
	struct wire_writer w;

	must(len <= sizeof(buf) && len == entry_wire_len(e));
	wire_write_begin(&w, buf, sizeof(buf));
	entry_put(&w, e);
	must(w.err == 0 && w.used == len && memcmp(buf, at, len) == 0);
	must(set_path_sound(e->set, e->path));
}

#endif

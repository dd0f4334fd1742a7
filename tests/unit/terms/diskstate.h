/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_DISKSTATE_H
#define TEST_DISKSTATE_H

/* Of fakes.h, which includes this in its middle; disk.h writes it. */

/* What survives a power cut. */
struct ledger {
	bool full;   /* the disk is */
	bool broken; /* its position cannot be read */
	struct record record;
	struct record before;
	uint64_t minted, heard;
	char state[32];
	char degraded[32];
	char was[ID_TEXT];
	char foreign[8];
	bool aside; /* zones.xml */
	bool unsaved;
	bool had_db;
	char fence[WORLD_MAX][256];
	bool knows[WORLD_MAX];
	char starts[WORLD_MAX][80];
	uint64_t counted; /* its own starts, when told to count anew */
	struct position tip;
	struct ancestor began; /* the last term that it was source of */
	int floors;            /* so often raised */
	int wanted_urgent, wanted_all;
	bool no_floors;
	char loss[LOSS_TEXT];
	int version;
};

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FRAME_H
#define ODS_FRAME_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the data connection carries: u32 length of what follows, u8 type,
 * payload.  Pure. */

enum net_type {
	NET_PING = 1,
	NET_JOIN,     /* replica: who it is, and its tip */
	NET_LIST,     /* entries of its manifest, many in one frame */
	NET_JOIN_END, /* the sum over them */
	NET_GEN,      /* source: header of a generation file */
	NET_DATA,     /* bytes of that file, where the last ones ended */
	NET_GEN_END,
	NET_ACK,     /* replica: seq is durable */
	NET_NACK,    /* seq cannot be taken, and a sentence */
	NET_PAGES,   /* replica: hashes of its database's pages */
	NET_PIECES,  /* replica: what an interrupted copy has left */
	NET_SPARED,  /* source: how much of that it will use */
	NET_KEPT,    /* bytes of the file that are pieces of the replica's;
	                replica: they are in it */
	NET_LINEAGE, /* both: terms that led to what it has */
	NET_VERDICT, /* source: what the replica's history is to it */
};

#define FRAME_HEAD 5
#define NET_FRAME_MAX (256 * 1024) /* payload */

/* The head of a frame with a payload of LEN bytes, at most NET_FRAME_MAX. */
void frame_head(enum net_type type, size_t len, uint8_t head[FRAME_HEAD]);

/* Bytes that the frame in BUF, of which HAVE are here, certainly lacks: first
 * those of its head, then those of its payload; 0 = complete.  HAVE plus that
 * is never more than FRAME_HEAD + NET_FRAME_MAX.  -EBADMSG when its length
 * cannot be. */
ssize_t frame_lacks(const uint8_t *buf, size_t have);

#endif

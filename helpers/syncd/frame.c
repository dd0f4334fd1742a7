/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "frame.h"

#include <errno.h>

#define LENGTH 4 /* octets of the head that say the length of the rest */

void frame_head(enum net_type type, size_t len, uint8_t head[FRAME_HEAD])
{
	uint32_t n = (uint32_t)len + 1;

	head[0] = (uint8_t)(n >> 24);
	head[1] = (uint8_t)(n >> 16);
	head[2] = (uint8_t)(n >> 8);
	head[3] = (uint8_t)n;
	head[4] = (uint8_t)type;
}

ssize_t frame_lacks(const uint8_t *buf, size_t have)
{
	uint32_t n;

	if (have < FRAME_HEAD)
		return (ssize_t)(FRAME_HEAD - have);
	n = (uint32_t)buf[0] << 24 | (uint32_t)buf[1] << 16 |
	    (uint32_t)buf[2] << 8 | buf[3];
	if (n < 1 || n > NET_FRAME_MAX + 1)
		return -EBADMSG;
	return (ssize_t)(n + LENGTH - have);
}

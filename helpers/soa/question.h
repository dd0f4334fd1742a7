/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_QUESTION_H
#define ODS_QUESTION_H

#include <stddef.h>
#include <stdint.h>

/* "What is the SOA of ZONE?" and its answer, as DNS messages (RFC 1035).
 * Pure. */

#define QUESTION_MAX 300
#define ANSWER_MAX 1232 /* what is longer is cut: the SOA comes first */

/* Its length, or -EINVAL when ZONE is no name. */
int question_make(const char *zone, uint16_t id, uint8_t buf[QUESTION_MAX]);

/* The serial in MSG, which has to answer just that question, from a server
 * that has the zone itself.  0 or -EBADMSG. */
int question_answer(const char *zone, uint16_t id, const uint8_t *msg,
    size_t len, uint32_t *serial);

#endif

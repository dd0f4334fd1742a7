/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CLIENT_H
#define ODS_CLIENT_H

#include <stddef.h>
#include "deadline.h"
#include "why.h"

/* Ask the ods-syncd of resource RES over /run/ocf-ods/RES.sock
 * (SOCK_SEQPACKET, root only).  A request is one packet of text: the command
 * word, then "key=value" lines.  The reply is one packet: "rc=<errno>\n",
 * "why=<sentence>\n", then the command's own lines or a document after an
 * empty line.
 *
 * REPLY is NUL-terminated.  Returns 0 when the daemon answered rc=0; its
 * negative errno and sentence otherwise; -ECONNREFUSED or -ENOENT when no
 * daemon is there; -ETIMEDOUT at the deadline.  Closing the connection
 * cancels a promote that has not minted. */
#define CLIENT_REPLY_MAX (128 * 1024)

int client_ask(const char *res, const char *request, char *reply, size_t size,
    struct deadline deadline, struct why *why);

/* Copy the value of "KEY=" in a reply into BUF; -ENOENT when absent. */
int client_value(const char *reply, const char *key, char *buf, size_t size);

#endif

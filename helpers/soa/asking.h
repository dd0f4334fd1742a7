/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ASKING_H
#define ODS_ASKING_H

#include <stdio.h>

/* Many questions to many servers over UDP, port 53 (or that of asking_port(),
 * for tests): some at a time, each of them twice.  A server that has answered
 * none of those that it was asked at one time is asked no more. */

struct asking;

struct asking *asking_new(void);
void asking_free(struct asking *a);
void asking_port(struct asking *a, int port);

/* Ask SERVER, a name or an address, for the SOA of ZONE.  0, -EINVAL when ZONE
 * is no name, or -ENOMEM. */
int asking_add(struct asking *a, const char *zone, const char *server);

/* Names are looked up behind all that has an address. */
int asking_run(struct asking *a, FILE *out);

#endif

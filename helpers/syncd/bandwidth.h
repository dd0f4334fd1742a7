/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_BANDWIDTH_H
#define ODS_BANDWIDTH_H

/* How fast a data connection may send, in Mbit/s, so that Corosync's token,
 * which may use the same link, gets through. */

#define BANDWIDTH_NONE 0    /* as fast as it goes */
#define BANDWIDTH_LINK (-1) /* a share of what the link can */
#define BANDWIDTH_MAX 100000

/* A number or "link"; -EINVAL. */
int bandwidth_parse(const char *text, long *mbit);

/* The share of a link whose file speed in sysfs holds TEXT (NULL: nothing). */
long bandwidth_share(const char *text);

/* That of the link which the connected socket FD goes out by. */
long bandwidth_of_socket(int fd);

#endif

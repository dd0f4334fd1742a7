/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "bandwidth.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "file.h"

#define SHARE 60        /* per cent */
#define UNKNOWN_MBIT 60 /* the share of a link that tells no speed */

int bandwidth_parse(const char *text, long *mbit)
{
	char *end;

	if (strcmp(text, "link") == 0) {
		*mbit = BANDWIDTH_LINK;
		return 0;
	}
	errno = 0;
	*mbit = strtol(text, &end, 10);
	return errno || end == text || *end || *mbit < 1 ||
	               *mbit > BANDWIDTH_MAX
	           ? -EINVAL
	           : 0;
}

long bandwidth_share(const char *text)
{
	long speed = text ? strtol(text, NULL, 10) : 0, share;

	/* One that is down says -1, a virtual one nothing or 0. */
	if (speed <= 0 || speed > 100L * BANDWIDTH_MAX)
		return UNKNOWN_MBIT;
	share = speed * SHARE / 100;
	if (share > BANDWIDTH_MAX)
		return BANDWIDTH_MAX;
	return share > 0 ? share : 1;
}

static bool same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	if (!a || a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)a)->sin_addr,
		           &((const struct sockaddr_in *)b)->sin_addr,
		           sizeof(struct in_addr)) == 0;
	return a->sa_family == AF_INET6 &&
	       memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
	           &((const struct sockaddr_in6 *)b)->sin6_addr,
	           sizeof(struct in6_addr)) == 0;
}

/* The interface that has the socket's own address. */
static bool find_link(int fd, char name[IF_NAMESIZE])
{
	struct sockaddr_storage self;
	socklen_t len = sizeof(self);
	struct ifaddrs *list, *a;

	name[0] = '\0';
	if (getsockname(fd, (struct sockaddr *)&self, &len) < 0 ||
	    getifaddrs(&list) < 0)
		return false;
	for (a = list; a && !name[0]; a = a->ifa_next)
		if (same_address(a->ifa_addr, (struct sockaddr *)&self))
			snprintf(name, IF_NAMESIZE, "%s", a->ifa_name);
	freeifaddrs(list);
	return name[0];
}

long bandwidth_of_socket(int fd)
{
	char name[IF_NAMESIZE], path[64 + IF_NAMESIZE];
	CLEANUP_FREE char *text = NULL;
	size_t len;

	if (!find_link(fd, name))
		return bandwidth_share(NULL);
	snprintf(path, sizeof(path), "/sys/class/net/%s/speed", name);
	if (file_read(path, 32, &text, &len, NULL) < 0)
		return bandwidth_share(NULL);
	return bandwidth_share(text);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_ODSCTL_H
#define ODS_ODSCTL_H

#include <stddef.h>
#include "deadline.h"
#include "why.h"

/* The control socket of ods-enforcerd and ods-signerd, spoken to directly
 * (OpenDNSSEC common/clientpipe.c: 1 byte opcode, 2 bytes length big-endian,
 * payload; opcodes 0 stdout, 1 stderr, 2 stdin, 4 exit).  Their command line
 * tools have no deadline and look for processes by name. */

/* Send COMMAND ("running", "zones", "update --all" ...) and collect its
 * output, cut at SIZE, NUL-terminated.  *EXIT_CODE is the daemon's answer.
 * 0 when an answer came; -ENOENT/-ECONNREFUSED when nothing listens;
 * -ETIMEDOUT at the deadline; -EPROTO when the answer is no answer. */
int odsctl_ask(const char *socket_path, const char *command,
    struct deadline deadline, int *exit_code, char *out, size_t size,
    struct why *why);

/* The part that reads: the answer from FD, a connected stream socket. */
int odsctl_read_answer(
    int fd, struct deadline deadline, int *exit_code, char *out, size_t size);

/* Parse the answers of the signer (OpenDNSSEC signer/src/daemon/
 * signercommands.c).  Number of zones it has, or -EPROTO. */
int odsctl_zones_count(const char *answer);

/* Number of zones with a task in the answer to "queue", or -EPROTO. */
int odsctl_queue_count(const char *answer);

/* Number of <Zone> in zones.xml; 0 when the file is missing. */
int odsctl_zonefile_count(const char *zones_xml);

/* Readiness of the signer, watched over several looks: its "zones" has as
 * many as zones.xml, and each of them has been seen in "queue" in one of the
 * looks, or has a backup2 in SIGNER_DIR written since STARTED (realtime s).
 * A task in work is not listed, so a single look may see too little. */
struct odsctl_watch;

struct odsctl_watch *odsctl_watch_new(const char *socket_path,
    const char *zones_xml, const char *signer_dir, long started);
void odsctl_watch_free(struct odsctl_watch *w);

/* One look.  1 ready, 0 not yet (WHY says how far), negative errno when the
 * daemon gave no answer until the deadline. */
int odsctl_watch_look(
    struct odsctl_watch *w, struct deadline deadline, struct why *why);

/* The same with a single look. */
int odsctl_signer_ready(const char *socket_path, const char *zones_xml,
    const char *signer_dir, long started, struct deadline deadline,
    struct why *why);

#endif

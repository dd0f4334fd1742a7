/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CHILD_H
#define ODS_CHILD_H

#include "conf.h"
#include "deadline.h"
#include "token.h"

/* No core dump and no ptrace of this process: it holds PINs. */
void child_protect(void);

/* Where a child tells its parent something. */
struct child_out;

/* Which call into the module comes next, in case it never returns.  ARG is a
 * struct child_out. */
void child_step(const char *call, void *arg);

/* One line for whoever reads our output, with its newline. */
void child_line(struct child_out *out, const char *line);

struct child_job {
	const struct conf_repository *repository;
	const char *user, *group; /* of the daemons, "" = as we are */
	struct deadline deadline;
	int call_ms; /* for each call into the module, 0 = DEADLINE alone */

	/* In the child, once the login was ok; NULL = that was all.  It may
	 * make the ANSWER worse. */
	void (*work)(struct child_out *out, const void *arg,
	    struct token_answer *answer);
	const void *work_arg;

	/* In the parent: what came of the login, at once; each line. */
	void (*login)(const struct token_answer *answer, void *arg);
	void (*line)(const char *line, void *arg);
	void *arg;
};

/* Log in to one repository in a child of its own and wait until the deadline.
 * A child that hangs is killed (HSM_HUNG, detail is the call), one that dies
 * is HSM_ERROR; neither can take the other repositories with it.  Never waits
 * for a child that cannot be killed. */
void child_run(const struct child_job *job, struct token_answer *answer);

#endif

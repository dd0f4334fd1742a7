/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_MAILBOX_H
#define ODS_MAILBOX_H

/* Threads hand work to the control thread: a function and its argument. */

struct mailbox;

typedef void (*mail_fn)(void *owner, void *arg);

struct mailbox *mailbox_open(void *owner);
void mailbox_close(struct mailbox *mb); /* drops what is left */
int mailbox_fd(struct mailbox *mb);

/* FN runs in the control thread and frees ARG. */
void mailbox_post(struct mailbox *mb, mail_fn fn, void *arg);
void mailbox_run(struct mailbox *mb);

#endif

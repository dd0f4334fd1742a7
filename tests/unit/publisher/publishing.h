/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_PUBLISHING_H
#define TEST_PUBLISHING_H

#include "../intent/workdir.h"

#include <poll.h>

#include "deadline.h"
#include "publisher.h"

/* A publisher at work in a directory of its own; the test is the control
 * thread. */

#define WAIT_MS 20000
#define ZONE                                                            \
	"<Zone name=\"%s\"><Adapters><Output><Adapter type=\"File\">%s" \
	"</Adapter></Output></Adapters></Zone>"

static struct mailbox *mail;
static struct publisher *publisher;
static struct publisher_news news;
static int told, asked, resumed;
static int held_retry_ms;
static bool need_backup2;
static const char *command = "";

static void on_barrier(void *owner, void *arg)
{
	(void)owner, (void)arg;
	asked++;
}

static void on_resumed(void *owner, void *arg)
{
	(void)owner, (void)arg;
	resumed++;
}

static void on_news(void *owner, void *arg)
{
	(void)owner;
	news = *(struct publisher_news *)arg;
	told++;
	free(arg);
}

static int setup(void **state)
{
	(void)state;
	mail = mailbox_open(NULL);
	told = asked = resumed = 0;
	command = "";
	need_backup2 = false;
	memset(&news, 0, sizeof(news));
	return workdir_make();
}

static void stop(void)
{
	publisher_stop(publisher);
	publisher = NULL;
	mailbox_run(mail);
}

static int teardown(void **state)
{
	(void)state;
	stop();
	mailbox_close(mail);
	return workdir_end();
}

static void start(void)
{
	struct publisher_setup ps = {
	    .conf = &conf,
	    .state_dir = dir,
	    .publish_command = command,
	    .need_backup2 = need_backup2,
	    .held_retry_ms = held_retry_ms,
	    .mail = mail,
	    .on_barrier = on_barrier,
	    .on_resumed = on_resumed,
	    .on_news = on_news,
	};

	publisher = publisher_start(&ps, NULL);
	assert_non_null(publisher);
	publisher_signer(publisher, true);
}

/* One turn of the control thread's loop. */
static void turn(void)
{
	struct pollfd pfd = {.fd = mailbox_fd(mail), .events = POLLIN};

	poll(&pfd, 1, 100);
	mailbox_run(mail);
}

#endif

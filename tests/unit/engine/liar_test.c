/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pair.h"

#include <pthread.h>
#include <sys/socket.h>

#include "genfile.h"
#include "message.h"
#include "net.h"
#include "waker.h"

/* What a replica does with a source that lies: it applies nothing, says one
 * sentence, and does not come back at once.  p->a has no engine here: its
 * part is played by a thread that sends whatever a test has put into FILE. */

struct liar {
	struct pair *p;
	struct waker waker;
	pthread_t thread;
	int listen_fd, file;
	struct gen_header header;
	int sessions;
};

static bool anybody(void *arg, const struct id *node)
{
	(void)arg, (void)node;
	return true;
}

static int wait_frame(struct conn *c, enum net_type until)
{
	enum net_type type = NET_PING;
	const uint8_t *data;
	size_t len;
	int rc = 0;

	while (rc == 0 && type != until) {
		rc = conn_recv(c, 1000, &type, &data, &len, NULL);
		rc = rc == -EAGAIN ? 0 : rc;
	}
	return rc;
}

static void lie(struct liar *l, struct conn *c)
{
	const struct verdict behind = {.ancestry = ANCESTRY_BEHIND};
	struct wire_writer w;
	uint64_t at = 0;
	ssize_t n;
	int rc = wait_frame(c, NET_JOIN_END);

	if (rc == 0) {
		wire_write_begin(&w, conn_payload(c), NET_FRAME_MAX);
		verdict_put(&w, &behind);
		rc = conn_send(c, NET_VERDICT, w.used, NULL);
	}
	if (rc == 0) {
		gen_header_encode(&l->header, conn_payload(c));
		rc = conn_send(c, NET_GEN, GEN_HEADER_LEN, NULL);
	}
	while (rc == 0 && l->file >= 0) {
		n = pread(l->file, conn_payload(c), NET_FRAME_MAX, (off_t)at);
		if (n <= 0)
			break;
		rc = conn_send(c, NET_DATA, (size_t)n, NULL);
		at += (uint64_t)n;
	}
	if (rc == 0)
		rc = conn_send(c, NET_GEN_END, 0, NULL);
	if (rc == 0)
		wait_frame(c, NET_NACK);
}

static void *liar_main(void *arg)
{
	struct liar *l = arg;
	struct net_server server = {.term = &l->p->term, .allowed = anybody};
	struct conn *c;
	struct id node;
	int fd;

	while (!waker_stopped(&l->waker)) {
		fd = accept4(
		    l->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			break;
		if (net_accept(fd, &server, &l->waker, &c, &node, NULL) < 0)
			continue;
		__atomic_add_fetch(&l->sessions, 1, __ATOMIC_SEQ_CST);
		lie(l, c);
		conn_close(c);
	}
	return NULL;
}

static int sessions(struct liar *l)
{
	return __atomic_load_n(&l->sessions, __ATOMIC_SEQ_CST);
}

static int setup(void **state)
{
	struct liar *l = calloc(1, sizeof(*l));

	l->p = pair_make();
	node_open(&l->p->a);
	node_open(&l->p->b);
	l->listen_fd = net_listen(TEST_ADDRESS, l->p->port, NULL);
	fcntl(l->listen_fd, F_SETFL, 0);
	l->file = -1;
	l->header = (struct gen_header){.flags = GEN_FULL,
	    .cluster = l->p->term.cluster,
	    .term = 1,
	    .term_id = l->p->term.term_id,
	    .seq = 1,
	    .entries = 1,
	    .records = 1,
	    .size = 4096};
	*state = l;
	return waker_open(&l->waker);
}

static int teardown(void **state)
{
	struct liar *l = *state;
	void *p = l->p;

	waker_stop(&l->waker);
	shutdown(l->listen_fd, SHUT_RDWR);
	pthread_join(l->thread, NULL);
	close(l->listen_fd);
	waker_close(&l->waker);
	if (l->file >= 0)
		close(l->file);
	free(l);
	return pair_end(&p);
}

/* TEXT is what the node says, also when the liar has been asked again. */
static void assert_refused(struct liar *l, const char *text)
{
	struct pair *p = l->p;

	pthread_create(&l->thread, NULL, liar_main, l);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->b, &p->a, p->b.fault && p->b.lost);
	if (!strstr(p->b.text, text))
		fail_msg("%s", p->b.text);
	wait_until(&p->b, &p->a, sessions(l) > 2);
	node_poll(&p->b, 0);
	assert_true(p->b.fault);
	assert_int_equal(p->b.received, 0);
	assert_int_equal(p->b.applied, 0);
}

/* A generation of one file; all its sums are right. */
static void generation_of(struct liar *l, const char *path)
{
	struct entry *e = entry_new(SET_UNSIGNED, path);
	struct change_list list = {0};
	struct manifest *m = NULL;
	struct genwriter w;
	struct sha sha;
	FILE *f = tmpfile();

	e->size = 4;
	e->mode = 0644;
	strcpy(e->owner, "root");
	strcpy(e->group, "root");
	sha_begin(&sha);
	sha_add(&sha, "evil", 4);
	assert_int_equal(sha_end(&sha, e->sha), 0);
	changes_add(&list, CHANGE_WHOLE, entry_ref(e), 0, 4);
	assert_int_equal(manifest_next(NULL, &list, &m), 0);
	memcpy(l->header.sum, m->sum, SHA_LEN);
	manifest_unref(m);
	changes_free(&list);
	l->file = dup(fileno(f));
	fclose(f);
	genwriter_begin(&w, l->file);
	assert_int_equal(genwriter_text(&w, e, "evil", 4), 0);
	assert_int_equal(genwriter_end(&w, &l->header), 0);
	entry_unref(e);
}

static void million_entries(void **state)
{
	struct liar *l = *state;

	l->header.entries = 1000000;
	assert_refused(
	    l, "the source sent a bad header: more than 500000 files");
}

static void million_records(void **state)
{
	struct liar *l = *state;

	l->header.records = 1000000;
	assert_refused(
	    l, "the source sent a bad header: more than 500000 files");
}

/* Nothing is written for what cannot be there. */
static void larger_than_the_disk(void **state)
{
	struct liar *l = *state;

	l->header.size = INT64_MAX / 2;
	assert_refused(l, "MB free: make room, it goes on by itself");
	assert_true(node_size(&l->p->b, "state/log/take.part") < 1);
}

static void name_outside(void **state)
{
	struct liar *l = *state;

	generation_of(l, "../evil");
	assert_refused(l,
	    "cannot read a generation: a file's name leads out of its "
	    "directory");
	assert_int_equal(node_size(&l->p->b, "evil"), -1);
}

/* A standby's directory that is a link is not gone through. */
static void link_in_the_tree(void **state)
{
	struct liar *l = *state;
	struct pair *p = l->p;

	generation_of(l, "sub/evil");
	assert_int_equal(
	    symlink("../etc", node_path(&p->b, "unsigned/sub")), 0);
	pthread_create(&l->thread, NULL, liar_main, l);
	node_replica(&p->b, &p->term, p->port, &p->a);
	wait_until(&p->b, &p->a, p->b.fault);
	if (!strstr(p->b.text, "unsigned/sub/evil: Too many levels of symbolic "
	                       "links"))
		fail_msg("%s", p->b.text);
	assert_int_equal(p->b.applied, 0);
	assert_int_equal(node_size(&p->b, "etc/evil"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(million_entries),
	    TEST(million_records),
	    TEST(larger_than_the_disk),
	    TEST(name_outside),
	    TEST(link_in_the_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deadline.h"
#include "file.h"
#include "log.h"
#include "bandwidth.h"
#include "close.h"
#include "serialsrun.h"
#include "verifyrun.h"
#include "enforcerd.h"
#include "sets.h"
#include "worker.h"

/* ods-syncd: one per node and state resource.  The command returns when the
 * daemon is ready.  Behind it stay a tiny parent, which holds the lock on
 * state_dir, and the worker, which does everything.  The parent kills a
 * worker that has not beaten for 10 s and restarts a dead one, three times a
 * minute at most. */

#define BEAT_LIMIT_MS 10000
#define FIRST_BEAT_MS 60000 /* it has to ask Pacemaker and read the state */
#define RESTARTS 3
#define RESTARTS_MS 60000
#define READY_MS 120000
#define LOCK_MS 2000 /* one that was just killed may hold it so long */
#define LOCK_STEP_MS 20
#define STOP_MS 5000

static volatile sig_atomic_t told_to_end;

static void on_signal(int sig)
{
	(void)sig;
	told_to_end = 1;
}

static int parse_option(struct options *o, int c, const char *arg)
{
	switch (c) {
	case 'r':
		snprintf(o->res, sizeof(o->res), "%s", arg);
		return 0;
	case 'c':
		snprintf(o->conf, sizeof(o->conf), "%s", arg);
		return 0;
	case 'd':
		snprintf(o->state_dir, sizeof(o->state_dir), "%s", arg);
		return 0;
	case 'a':
		snprintf(o->address, sizeof(o->address), "%s", arg);
		return 0;
	case 'p':
		o->port = atoi(arg);
		return 0;
	case 'x':
		snprintf(
		    o->publish_command, sizeof(o->publish_command), "%s", arg);
		return 0;
	case 't':
		snprintf(o->tokens, sizeof(o->tokens), "%s", arg);
		return 0;
	case 'b':
		o->barrier_timeout_ms = strtol(arg, NULL, 10) * 1000;
		return 0;
	case 'B':
		return barrier_mode_parse(arg, &o->barrier);
	case 'S':
		return signatures_parse(arg, &o->signatures);
	case 'M':
		return bandwidth_parse(arg, &o->bandwidth_mbit);
	case 'C':
		o->close = true;
		return 0;
	case 'V':
		o->verify = arg;
		return 0;
	case 'L':
		o->serials = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
	    {"resource", required_argument, NULL, 'r'},
	    {"conf", required_argument, NULL, 'c'},
	    {"state-dir", required_argument, NULL, 'd'},
	    {"address", required_argument, NULL, 'a'},
	    {"port", required_argument, NULL, 'p'},
	    {"publish-command", required_argument, NULL, 'x'},
	    {"tokens", required_argument, NULL, 't'},
	    {"barrier-timeout", required_argument, NULL, 'b'},
	    {"barrier", required_argument, NULL, 'B'},
	    {"bandwidth", required_argument, NULL, 'M'},
	    {"signatures", required_argument, NULL, 'S'},
	    {"close", no_argument, NULL, 'C'},
	    {"verify", required_argument, NULL, 'V'},
	    {"serials", no_argument, NULL, 'L'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (parse_option(o, c, optarg) < 0)
			return -EINVAL;
	return o->res[0] && optind == argc ? 0 : -EINVAL;
}

/* A second daemon on the same state would corrupt it. */
static int lock_state(const struct options *o, struct why *why)
{
	struct deadline limit = deadline_in_ms(LOCK_MS);
	char path[PATH_MAX];
	int fd, rc = file_mkdirs(o->state_dir, 0755, why);

	if (rc == 0)
		rc = path_join(path, sizeof(path), o->state_dir, "lock");
	if (rc < 0)
		return rc;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return why_set(
		    why, -errno, "cannot open %s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (!deadline_passed(limit)) {
			deadline_sleep_ms(limit, LOCK_STEP_MS);
			continue;
		}
		close(fd);
		return why_set(why, -EBUSY,
		    "another ods-syncd uses %s: give each state resource its "
		    "own state_dir",
		    o->state_dir);
	}
	return fd;
}

/* How a worker ended. */
enum worker_end { END_TOLD, END_DIED, END_HUNG, END_UNFIT };

/* A beat within MS?  Each says whether the worker is source; *SOURCE is what
 * the last one said, unchanged when the worker never came to beat. */
static bool hear(int beat, int ms, bool *source)
{
	struct pollfd pfd = {.fd = beat, .events = POLLIN};
	char said[64];
	ssize_t n = 0;

	if (poll(&pfd, 1, ms) > 0)
		n = read(beat, said, sizeof(said));
	if (n > 0)
		*source = said[n - 1] == BEAT_SOURCE;
	return n > 0;
}

static enum worker_end how_ended(int status)
{
	if (!WIFEXITED(status))
		return END_DIED;
	return WEXITSTATUS(status) == 0              ? END_TOLD
	       : WEXITSTATUS(status) == WORKER_UNFIT ? END_UNFIT
	                                             : END_DIED;
}

/* *BEATEN: the worker came to beat. */
static enum worker_end watch_worker(
    pid_t pid, int beat, bool *source, bool *beaten)
{
	struct deadline limit = deadline_in_ms(FIRST_BEAT_MS);
	int status;

	for (;;) {
		if (hear(beat, 500, source)) {
			*beaten = true;
			limit = deadline_in_ms(BEAT_LIMIT_MS);
		}
		if (waitpid(pid, &status, WNOHANG) == pid) {
			while (hear(beat, 0, source)) /* its last words */
				;
			return how_ended(status);
		}
		if (told_to_end || deadline_passed(limit)) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return told_to_end ? END_TOLD : END_HUNG;
		}
	}
}

static enum worker_end run_worker(
    struct options *o, int ready, bool *source, bool *beaten)
{
	enum worker_end end;
	int beat[2];
	pid_t pid;

	if (pipe2(beat, O_CLOEXEC) < 0)
		return END_DIED;
	pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		close(beat[0]);
		exit(worker_run(o, beat[1], ready));
	}
	close(beat[1]);
	if (ready >= 0)
		close(ready);
	end = pid < 0 ? END_DIED : watch_worker(pid, beat[0], source, beaten);
	close(beat[0]);
	return end;
}

/* Nobody publishes any more, nor minds the enforcer's clock; where that is for
 * want of Corosync, Pacemaker does not stop it either. */
static void give_up_enforcer(const struct options *o)
{
	struct why why = {0};
	struct conf conf;
	int rc = conf_load(o->conf, &conf, &why);

	if (rc == 0) {
		rc = enforcerd_stop(&conf, deadline_in_ms(STOP_MS), &why);
		conf_free(&conf);
	}
	if (rc > 0)
		log_warn("told the enforcer to stop");
	else if (rc < 0)
		log_crit("cannot stop the enforcer: %s", why.text);
}

static int parent_run(struct options *o, int ready)
{
	int64_t begun[RESTARTS] = {0};
	enum worker_end end;
	bool source = false, beaten = false;
	int turn = 0;
	int64_t now;

	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	signal(SIGPIPE, SIG_IGN);
	begun[0] = clock_monotonic_ms();
	while ((end = run_worker(o, ready, &source, &beaten)) != END_TOLD) {
		if (end == END_UNFIT && ready >= 0 && !beaten)
			return EXIT_FAILURE; /* the command said why */
		now = clock_monotonic_ms();
		ready = -1; /* it has been told */
		turn = (turn + 1) % RESTARTS;
		if (begun[turn] && now - begun[turn] < RESTARTS_MS) {
			log_crit("the worker %s %d times within a minute: "
			         "giving up",
			    end == END_HUNG ? "hung" : "died", RESTARTS);
			if (source)
				give_up_enforcer(o);
			return EXIT_FAILURE;
		}
		begun[turn] = now;
		log_err("the worker %s: starting it again",
		    end == END_HUNG ? "hung" : "died");
		o->restarted = source;
	}
	return EXIT_SUCCESS;
}

/* Wait for the worker's first word; the exit code of the command. */
static int await_ready(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	char text[WHY_MAX] = "";

	if (poll(&pfd, 1, READY_MS) <= 0 ||
	    read(fd, text, sizeof(text) - 1) <= 0) {
		fprintf(stderr, "ods-syncd ended at once: see its log\n");
		return EXIT_FAILURE;
	}
	if (strcmp(text, "ok") == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "%s\n", text);
	return EXIT_FAILURE;
}

/* Shared with the worker: what a reload has changed there, the next worker
 * begins with. */
static struct options *options_new(void)
{
	static const struct options dflt = {
	    .conf = "/etc/opendnssec/conf.xml",
	    .state_dir = "/var/lib/ocf-ods",
	    .port = 6405,
	    .barrier_timeout_ms = 5000,
	    .bandwidth_mbit = BANDWIDTH_LINK,
	    .config_sync = true,
	    .signatures = true,
	};
	struct options *o = mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (o == MAP_FAILED)
		return NULL;
	*o = dflt;
	return o;
}

int main(int argc, char **argv)
{
	struct options *o = options_new();
	struct why why = {0};
	int ready[2], null;

	if (!o || parse(argc, argv, o) < 0) {
		fprintf(stderr,
		    "usage: ods-syncd --resource=NAME [--conf=FILE] "
		    "[--state-dir=DIR] [--address=IP] [--port=N] "
		    "[--publish-command=CMD] [--tokens=DIR] "
		    "[--barrier=degrade|require|off] [--barrier-timeout=S] "
		    "[--bandwidth=MBIT|link] [--signatures=reuse|resign] "
		    "[--close] [--verify=ZONE] [--serials]\n"
		    "It is started by the ocf:ods:state agent.\n");
		return 2;
	}
	log_open("ods-syncd");
	if (o->verify)
		return verifyrun(o->conf, o->state_dir, o->verify);
	if (o->serials)
		return serialsrun(o->conf, o->state_dir);
	if (lock_state(o, &why) < 0 || pipe2(ready, O_CLOEXEC) < 0) {
		fprintf(stderr, "%s\n", why.text);
		return EXIT_FAILURE;
	}
	if (o->close)
		return close_run(o);
	switch (fork()) {
	case -1:
		fprintf(stderr, "cannot fork: %s\n", strerror(errno));
		return EXIT_FAILURE;
	case 0:
		setsid();
		close(ready[0]);
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		return parent_run(o, ready[1]);
	default:
		close(ready[1]);
		return await_ready(ready[0]);
	}
}

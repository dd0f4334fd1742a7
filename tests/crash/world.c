/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../unit/engine/node.h"

#include "world.h"

#define ZONE_LINES 200

struct text {
	char *data;
	size_t used, size;
};

static void add(struct text *t, const char *line)
{
	size_t len = strlen(line);

	if (t->used + len + 1 > t->size) {
		t->size = (t->used + len + 1) * 2;
		t->data = realloc(t->data, t->size);
		if (!t->data)
			abort();
	}
	memcpy(t->data + t->used, line, len + 1);
	t->used += len;
}

void tree_remove(const char *top)
{
	nftw(top, node_unlink, 32, FTW_DEPTH | FTW_PHYS);
}

static uint64_t fnv(const char *data, size_t len)
{
	uint64_t h = 14695981039346656037ULL;

	while (len-- > 0)
		h = (h ^ (uint8_t)*data++) * 1099511628211ULL;
	return h;
}

static bool in_the_making(const char *name)
{
	size_t len = strlen(name);

	return len > 8 && strcmp(name + len - 8, ".ods-new") == 0;
}

static void list_file(const struct node *n, struct text *t, const char *sub)
{
	char line[1024];
	struct stat st;
	size_t len;
	char *data;

	assert_int_equal(lstat(node_path(n, sub), &st), 0);
	assert_int_equal(
	    file_read(node_path(n, sub), 1 << 26, &data, &len, NULL), 0);
	/* The time of a database says nothing. */
	if (strncmp(sub, "db/", 3) == 0)
		st.st_mtim = (struct timespec){0};
	snprintf(line, sizeof(line), "%s %o %ld.%09ld %zu %016llx\n", sub,
	    st.st_mode & 07777, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    len, (unsigned long long)fnv(data, len));
	add(t, line);
	free(data);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_dir(const struct node *n, struct text *t, const char *name)
{
	DIR *dir = opendir(node_path(n, name));
	char *names[256], sub[512];
	struct dirent *d;
	struct stat st;
	int i, count = 0;

	while (dir && (d = readdir(dir)))
		if (d->d_name[0] != '.' && !in_the_making(d->d_name) &&
		    count < 256)
			names[count++] = strdup(d->d_name);
	if (dir)
		closedir(dir);
	qsort(names, (size_t)count, sizeof(names[0]), by_name);
	for (i = 0; i < count; i++) {
		snprintf(sub, sizeof(sub), "%s/%s", name, names[i]);
		free(names[i]);
		assert_int_equal(lstat(node_path(n, sub), &st), 0);
		if (S_ISDIR(st.st_mode))
			list_dir(n, t, sub);
		else
			list_file(n, t, sub);
	}
}

static int list_row(void *arg, int count, char **value, char **column)
{
	char line[1024];

	(void)count, (void)column;
	snprintf(line, sizeof(line), "row %s %s\n", value[0], value[1]);
	add(arg, line);
	return 0;
}

static void list_rows(const struct node *n, struct text *t)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(node_path(n, "state/ledger.db"), &db,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
	    SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	sqlite3_exec(
	    db, "SELECT name, line FROM zone ORDER BY name", list_row, t, NULL);
	sqlite3_close(db);
}

char *tree_list(const struct node *n)
{
	static const char *const dirs[] = {"db", "signer", "signconf",
	    "unsigned", "enforcer", "etc", "state/pending", "state/published"};
	struct text t = {0};
	size_t i;

	add(&t, "");
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		list_dir(n, &t, dirs[i]);
	list_rows(n, &t);
	return t.data;
}

void tree_difference(const char *want, const char *got, char *buf, size_t size)
{
	while (*want && *got) {
		size_t n = strcspn(want, "\n"), m = strcspn(got, "\n");

		if (n != m || memcmp(want, got, n) != 0)
			break;
		want += n + (want[n] != '\0');
		got += m + (got[m] != '\0');
	}
	snprintf(buf, size, "wanted '%.*s', is '%.*s'",
	    (int)strcspn(want, "\n"), want, (int)strcspn(got, "\n"), got);
}

static size_t zone_text(uint32_t serial, char *buf, size_t size)
{
	size_t n = 0;
	int i;

	for (i = 0; i < ZONE_LINES && n < size; i++)
		n += (size_t)snprintf(
		    buf + n, size - n, "serial=%u line %d\n", serial, i);
	return n;
}

void zone_write(const struct node *n, const char *name, uint32_t serial)
{
	char text[ZONE_LINES * 32], path[64];

	zone_text(serial, text, sizeof(text));
	snprintf(path, sizeof(path), "out/%s", name);
	node_write(n, path, text);
}

static uint32_t version_of(const char *data, size_t len)
{
	char want[ZONE_LINES * 32];
	uint32_t serial;

	if (sscanf(data, "serial=%u ", &serial) != 1 ||
	    zone_text(serial, want, sizeof(want)) != len ||
	    memcmp(want, data, len) != 0)
		return 0;
	return serial;
}

uint32_t zone_version(const char *path)
{
	uint32_t serial;
	size_t len;
	char *data;

	if (file_read(path, 1 << 20, &data, &len, NULL) < 0)
		return 0;
	serial = version_of(data, len);
	free(data);
	if (serial == 0)
		fail_msg("%s is damaged", path);
	return serial;
}

int zone_verify_main(void)
{
	char buf[ZONE_LINES * 32 + 1];
	size_t len = fread(buf, 1, sizeof(buf) - 1, stdin);
	uint32_t serial;

	buf[len] = '\0';
	serial = version_of(buf, len);
	if (serial == 0) {
		printf("no zone\n");
		return 1;
	}
	printf("ok serial=%u earliest_expiry=0\n", serial);
	return 0;
}

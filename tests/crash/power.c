/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "power.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shadow.h"
#include "shim.h"
#include "world.h"

#define SECTOR 512
#define NODES_MAX 2048
#define NAMES_MAX 4096
#define FILE_MAX (16 << 20)

/* An inode: where it is now, if anywhere. */
struct inode {
	ino_t ino;
	bool is_dir;
	char path[PATH_MAX];
};

/* A name in a directory: durable, and now; 0 = there is none. */
struct name {
	ino_t dir;
	char name[NAME_MAX + 1];
	ino_t durable, now;
	int group; /* names that a rename ties together */
	bool new;  /* the outcome: as it is now */
};

static struct {
	const struct shim *shim;
	unsigned seed;
	struct inode inode[NODES_MAX];
	int inodes;
	struct name name[NAMES_MAX];
	int names;
} p;

static unsigned chance(unsigned n)
{
	return p.seed ? (unsigned)rand_r(&p.seed) / 7 % n : 0;
}

static struct inode *inode_of(ino_t ino)
{
	int i;

	for (i = 0; i < p.inodes; i++)
		if (p.inode[i].ino == ino)
			return &p.inode[i];
	return NULL;
}

static struct inode *inode_add(ino_t ino, bool is_dir, const char *path)
{
	struct inode *i = inode_of(ino);

	if (!i) {
		if (p.inodes == NODES_MAX)
			abort();
		i = &p.inode[p.inodes++];
		*i = (struct inode){.ino = ino, .is_dir = is_dir};
	}
	if (!i->path[0])
		snprintf(i->path, sizeof(i->path), "%s", path);
	return i;
}

static struct name *name_of(ino_t dir, const char *text)
{
	struct name *n;
	int i;

	for (i = 0; i < p.names; i++)
		if (p.name[i].dir == dir && strcmp(p.name[i].name, text) == 0)
			return &p.name[i];
	if (p.names == NAMES_MAX)
		abort();
	n = &p.name[p.names];
	*n = (struct name){.dir = dir, .group = p.names++};
	snprintf(n->name, sizeof(n->name), "%s", text);
	return n;
}

static void read_durable(ino_t ino)
{
	char path[PATH_MAX], text[NAME_MAX + 1], type;
	unsigned long entry;
	FILE *f;

	shadow_path(p.shim->shadow, 'd', ino, path);
	f = fopen(path, "re");
	while (f && fscanf(f, "%c %lu %255[^\n]\n", &type, &entry, text) == 3) {
		/* Its number may be another one's by now. */
		if (inode_add(entry, type == 'd', "")->is_dir == (type == 'd'))
			name_of(ino, text)->durable = entry;
	}
	if (f)
		fclose(f);
}

static void read_now(const char *top, ino_t ino)
{
	char path[PATH_MAX];
	DIR *dir = opendir(top);
	struct dirent *d;
	struct stat st;

	while (dir && (d = readdir(dir))) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", top, d->d_name);
		if (lstat(path, &st) < 0)
			continue;
		name_of(ino, d->d_name)->now = st.st_ino;
		inode_add(st.st_ino, S_ISDIR(st.st_mode), path);
		if (S_ISDIR(st.st_mode))
			read_now(path, st.st_ino);
	}
	if (dir)
		closedir(dir);
}

static void tie(int a, int b)
{
	int i, from = p.name[b].group, to = p.name[a].group;

	for (i = 0; i < p.names; i++)
		if (p.name[i].group == from)
			p.name[i].group = to;
}

static void tie_renames(void)
{
	int i, j;

	for (i = 0; i < p.names; i++)
		for (j = 0; j < p.names; j++)
			if (p.name[i].dir == p.name[j].dir &&
			    p.name[i].durable &&
			    p.name[i].durable == p.name[j].now &&
			    p.name[i].group != p.name[j].group)
				tie(i, j);
}

static void choose(int group, bool new)
{
	int i;

	for (i = 0; i < p.names; i++)
		if (p.name[i].group == group)
			p.name[i].new = new;
}

static bool has_a_name(ino_t ino)
{
	int i;

	for (i = 0; i < p.names; i++)
		if (ino == (p.name[i].new ? p.name[i].now : p.name[i].durable))
			return true;
	return false;
}

static bool is_there_now(ino_t ino)
{
	int i;

	for (i = 0; i < p.names; i++)
		if (p.name[i].now == ino)
			return true;
	return false;
}

static void choose_all(void)
{
	int i, round;

	for (i = 0; i < p.names; i++)
		if (p.name[i].group == i)
			choose(p.name[i].group, chance(2));
	for (round = 0; round < 8; round++)
		for (i = 0; i < p.names; i++)
			if (p.name[i].new &&p.name[i].durable &&
			    is_there_now(p.name[i].durable) &&
			    !has_a_name(p.name[i].durable))
				choose(p.name[i].group, false);
}

struct content {
	char *data;
	size_t len;
	struct stat st;
	bool is;
};

static struct content load(const char *path)
{
	struct content c = {.data = calloc(1, FILE_MAX)};
	int fd = path[0] ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
	ssize_t n;

	if (fd >= 0 && fstat(fd, &c.st) == 0) {
		n = read(fd, c.data, FILE_MAX);
		if (n == FILE_MAX) {
			fprintf(
			    stderr, "%s is too large for this test\n", path);
			abort();
		}
		c.is = n >= 0;
		c.len = n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return c;
}

/* Sector by sector the one or the other. */
static void mix(struct content *into, const struct content *from)
{
	size_t at;

	if (chance(2))
		into->len = from->len;
	for (at = 0; at < FILE_MAX && at < into->len; at += SECTOR)
		if (chance(2))
			memcpy(into->data + at, from->data + at, SECTOR);
}

static void store(const char *path, const struct content *c)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, c->st.st_mtim};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, c->data, c->len) != (ssize_t)c->len)
		abort();
	fchmod(fd, c->is ? c->st.st_mode & 0777 : 0600);
	futimens(fd, times);
	close(fd);
}

static void make_file(const struct inode *i, const char *path)
{
	char shadow[PATH_MAX];
	struct content now = load(i->path), old;

	shadow_path(p.shim->shadow, 'f', i->ino, shadow);
	old = load(shadow);
	switch (now.is ? chance(3) : 0) {
	case 1:
		store(path, &now);
		break;
	case 2:
		mix(&old, &now);
		if (!old.is)
			old.st = now.st;
		store(path, &old);
		break;
	default:
		store(path, &old);
	}
	free(now.data);
	free(old.data);
}

static void make_dir(ino_t ino, const char *top)
{
	char path[PATH_MAX];
	int i;

	if (mkdir(top, 0755) < 0)
		return;
	for (i = 0; i < p.names; i++) {
		const struct name *n = &p.name[i];
		ino_t entry = n->new ? n->now : n->durable;

		if (n->dir != ino || !entry)
			continue;
		snprintf(path, sizeof(path), "%s/%s", top, n->name);
		if (inode_of(entry)->is_dir)
			make_dir(entry, path);
		else
			make_file(inode_of(entry), path);
	}
}

void power_loss(const struct shim *s, unsigned seed)
{
	char next[PATH_MAX + 8];
	struct stat st;
	int i;

	p.shim = s;
	p.seed = seed;
	p.inodes = p.names = 0;
	if (stat(s->root, &st) < 0)
		abort();
	inode_add(st.st_ino, true, s->root);
	read_now(s->root, st.st_ino);
	for (i = 0; i < p.inodes; i++)
		if (p.inode[i].is_dir)
			read_durable(p.inode[i].ino);
	tie_renames();
	choose_all();
	snprintf(next, sizeof(next), "%s.boot", s->root);
	make_dir(st.st_ino, next);
	tree_remove(s->root);
	if (rename(next, s->root) < 0)
		abort();
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "sandbox.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "nobody.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH AUDIT_ARCH_PPC64LE
#endif

/* The verdict may go to a file. */
static bool writes_to_file(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

static int limits_set(void)
{
	static const int resources[] = {
	    RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_FSIZE};
	size_t count = sizeof(resources) / sizeof(resources[0]);
	struct rlimit none = {0, 0};
	size_t i;

	if (writes_to_file())
		count--;
	for (i = 0; i < count; i++)
		if (setrlimit((__rlimit_resource_t)resources[i], &none) < 0)
			return -errno;
	return 0;
}

#ifdef ARCH
#define ALLOW(call)                                        \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(SYS_read),
    ALLOW(SYS_write),
    ALLOW(SYS_brk),
    ALLOW(SYS_mmap),
    ALLOW(SYS_munmap),
    ALLOW(SYS_mremap),
    ALLOW(SYS_madvise),
    ALLOW(SYS_mprotect),
    ALLOW(SYS_futex),
    ALLOW(SYS_fstat),
    ALLOW(SYS_newfstatat),
    ALLOW(SYS_lseek),
    ALLOW(SYS_close),
    ALLOW(SYS_getrandom),
    ALLOW(SYS_clock_gettime),
    ALLOW(SYS_rt_sigreturn),
    ALLOW(SYS_exit),
    ALLOW(SYS_exit_group),
    /* abort() must be able to end us, and nobody else may be hit */
    ALLOW(SYS_rt_sigprocmask),
    ALLOW(SYS_getpid),
    ALLOW(SYS_gettid),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

static int filter_set(void)
{
	static struct sock_filter copy[sizeof(filter) / sizeof(filter[0])];
	struct sock_fprog program = {
	    .len = sizeof(filter) / sizeof(filter[0]), .filter = copy};

	memcpy(copy, filter, sizeof(filter));
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return 0;
	/* A kernel without it: the limits hold all the same. */
	return errno == EINVAL || errno == ENOSYS ? 0 : -errno;
}
#else
static int filter_set(void)
{
	return 0;
}
#endif

int sandbox_enter(struct why *why)
{
	int rc = nobody_become();

	if (rc == 0)
		rc = limits_set();
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = -errno;
	if (rc == 0)
		rc = filter_set();
	return rc < 0 ? why_set(why, rc, "cannot give up privileges: %s",
	                    strerror(-rc))
	              : 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_SOFTHSM_H
#define TEST_SOFTHSM_H

/* A real token: SoftHSM, where it is installed, or as ODS_SOFTHSM says. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <p11-kit/pkcs11.h>

#define SOFT_LABEL "unit"
#define SOFT_PIN "4321"
#define SOFT_SO_PIN "12345678"

static struct {
	char dir[64];
	const char *module;     /* NULL = there is none */
	CK_FUNCTION_LIST *call; /* in soft_child() */
	CK_SESSION_HANDLE session;
} soft;

static inline const char *soft_find(void)
{
	static const char *const paths[] = {"/usr/lib/softhsm/libsofthsm2.so",
	    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	    "/usr/lib64/pkcs11/libsofthsm2.so",
	    "/usr/lib64/softhsm/libsofthsm2.so"};
	const char *given = getenv("ODS_SOFTHSM");
	size_t i;

	if (given)
		return given;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	return NULL;
}

static inline void soft_must(CK_RV rv, const char *what)
{
	if (rv == CKR_OK)
		return;
	fprintf(stderr, "%s: 0x%lx\n", what, rv);
	_exit(1);
}

#define must(call) soft_must(call, #call)

static inline void soft_load(void)
{
	void *lib = dlopen(soft.module, RTLD_NOW);
	CK_C_GetFunctionList get = NULL;

	if (lib)
		*(void **)&get = dlsym(lib, "C_GetFunctionList");
	if (!get)
		_exit(2);
	must(get(&soft.call));
	must(soft.call->C_Initialize(NULL));
}

static inline CK_SLOT_ID soft_slot(int initialized)
{
	CK_SLOT_ID slots[16];
	CK_TOKEN_INFO info;
	CK_ULONG n = 16, i;

	must(soft.call->C_GetSlotList(CK_TRUE, slots, &n));
	for (i = 0; i < n; i++) {
		must(soft.call->C_GetTokenInfo(slots[i], &info));
		if (!(info.flags & CKF_TOKEN_INITIALIZED) == !initialized)
			return slots[i];
	}
	_exit(3);
}

static inline void soft_open(CK_USER_TYPE user, const char *pin)
{
	char copy[32];

	snprintf(copy, sizeof(copy), "%s", pin);
	must(soft.call->C_OpenSession(soft_slot(1),
	    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &soft.session));
	must(soft.call->C_Login(
	    soft.session, user, (CK_UTF8CHAR *)copy, (CK_ULONG)strlen(copy)));
}

/* Runs FN with the module in a process of its own: it has state, and threads
 * that a fork would lose. */
static inline void soft_child(void (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		soft_load();
		fn(arg);
		soft.call->C_Finalize(NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static inline void soft_init_token(void *arg)
{
	unsigned char label[32];
	char so[] = SOFT_SO_PIN, pin[] = SOFT_PIN;

	(void)arg;
	memset(label, ' ', sizeof(label));
	memcpy(label, SOFT_LABEL, strlen(SOFT_LABEL));
	must(soft.call->C_InitToken(
	    soft_slot(0), (CK_UTF8CHAR *)so, (CK_ULONG)strlen(so), label));
	soft_open(CKU_SO, SOFT_SO_PIN);
	must(soft.call->C_InitPIN(
	    soft.session, (CK_UTF8CHAR *)pin, (CK_ULONG)strlen(pin)));
}

/* A directory of its own with one token, its keys yet to be made. */
static inline int soft_setup(void **state)
{
	char path[128];
	FILE *f;

	(void)state;
	soft.module = soft_find();
	if (!soft.module)
		return 0;
	strcpy(soft.dir, "/tmp/ods-softhsm.XXXXXX");
	if (!mkdtemp(soft.dir) || chdir(soft.dir) < 0 || mkdir("t", 0700) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/softhsm2.conf", soft.dir);
	f = fopen(path, "w");
	if (!f)
		return -1;
	fprintf(
	    f, "directories.tokendir = %s/t\nlog.level = ERROR\n", soft.dir);
	fclose(f);
	setenv("SOFTHSM2_CONF", path, 1);
	soft_child(soft_init_token, NULL);
	return 0;
}

static inline int soft_teardown(void **state)
{
	char command[128];

	(void)state;
	if (!soft.module)
		return 0;
	snprintf(command, sizeof(command), "rm -rf %s", soft.dir);
	return chdir("/") + system(command);
}

enum soft_type { SOFT_RSA, SOFT_P256, SOFT_P384, SOFT_ED25519 };

struct soft_key {
	enum soft_type type;
	unsigned char id; /* CKA_ID: this byte, 16 times */
	int skip_public;  /* SkipPublicKey: a session object, as libhsm does */
};

static inline void soft_pair(
    const struct soft_key *k, CK_MECHANISM *mechanism, CK_ATTRIBUTE curve)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG bits = 1024;
	CK_BYTE id[16], f4[] = {1, 0, 1};
	CK_ATTRIBUTE pub[] = {{CKA_ID, id, sizeof(id)},
	    {CKA_TOKEN, k->skip_public ? &no : &yes, sizeof(no)},
	    {CKA_VERIFY, &yes, sizeof(yes)}, curve,
	    {CKA_PUBLIC_EXPONENT, f4, sizeof(f4)}};
	CK_ATTRIBUTE priv[] = {{CKA_ID, id, sizeof(id)},
	    {CKA_TOKEN, &yes, sizeof(yes)}, {CKA_PRIVATE, &yes, sizeof(yes)},
	    {CKA_SIGN, &yes, sizeof(yes)}, {CKA_SENSITIVE, &yes, sizeof(yes)}};
	CK_OBJECT_HANDLE a, b;

	memset(id, k->id, sizeof(id));
	if (k->type == SOFT_RSA)
		pub[3] = (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof(bits)};
	must(soft.call->C_GenerateKeyPair(soft.session, mechanism, pub,
	    k->type == SOFT_RSA ? 5 : 4, priv, 5, &a, &b));
}

/* ARG: struct soft_key, ended by one with the id 0. */
static inline void soft_make_keys(void *arg)
{
	static unsigned char p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	    0x03, 0x01, 0x07},
	                     p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00,
	                         0x22},
	                     ed25519[] = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
	                         'd', 's', '2', '5', '5', '1', '9'};
	const struct soft_key *k;

	soft_open(CKU_USER, SOFT_PIN);
	for (k = arg; k->id; k++) {
		CK_MECHANISM mechanism = {
		    .mechanism = k->type == SOFT_RSA ? CKM_RSA_PKCS_KEY_PAIR_GEN
		                 : k->type == SOFT_ED25519
		                     ? CKM_EC_EDWARDS_KEY_PAIR_GEN
		                     : CKM_EC_KEY_PAIR_GEN};
		CK_ATTRIBUTE curve = {CKA_EC_PARAMS, p256, sizeof(p256)};

		if (k->type == SOFT_P384)
			curve =
			    (CK_ATTRIBUTE){CKA_EC_PARAMS, p384, sizeof(p384)};
		if (k->type == SOFT_ED25519)
			curve = (CK_ATTRIBUTE){
			    CKA_EC_PARAMS, ed25519, sizeof(ed25519)};
		soft_pair(k, &mechanism, curve);
	}
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A fake PKCS#11 module with one token "mock" and the PIN "1234".  Compiled
 * once per misbehaviour:
 *
 *	cc -shared -fPIC [-DMOCK_...] $(pkg-config --cflags p11-kit-1)
 *
 * Each C_Login adds a byte to the file $MOCK_LOGINS, so that a test can count
 * them.  The file $MOCK_DOWN, while it exists, takes the token away. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <p11-kit/pkcs11.h>

#define LABEL "mock"
#define PIN "1234"

static CK_FUNCTION_LIST mock;

static void hang(void)
{
	for (;;)
		pause();
}

static int down(void)
{
	const char *path = getenv("MOCK_DOWN");

	return path && access(path, F_OK) == 0;
}

static CK_RV mock_initialize(void *args)
{
	(void)args;
#ifdef MOCK_HANG_INITIALIZE
	hang();
#endif
#ifdef MOCK_CRASH
	abort();
#endif
#ifdef MOCK_CHATTER
	{
		static const char noise[] =
		    "repository=x verdict=ok detail=lie ms=1\n";
		int i;

		for (i = 0; i < 200; i++)
			if (write(1, noise, sizeof(noise) - 1) < 0 ||
			    write(2, noise, sizeof(noise) - 1) < 0)
				break;
	}
#endif
	return CKR_OK;
}

static CK_RV mock_finalize(void *args)
{
	(void)args;
#ifdef MOCK_HANG_FINALIZE
	hang();
#endif
	return CKR_OK;
}

static CK_RV mock_slots(unsigned char present, CK_SLOT_ID *list, CK_ULONG *n)
{
	(void)present;
#ifdef MOCK_SLOTS_ERROR
	return CKR_DEVICE_ERROR;
#endif
	if (list && *n >= 1 && !down())
		list[0] = 7;
	*n = down() ? 0 : 1;
	return CKR_OK;
}

static CK_RV mock_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	(void)slot;
	memset(info, 0, sizeof(*info));
	memset(info->label, ' ', sizeof(info->label));
	memcpy(info->label, LABEL, strlen(LABEL));
	return CKR_OK;
}

static CK_RV mock_open(CK_SLOT_ID slot, CK_FLAGS flags, void *app,
    CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
	(void)slot, (void)flags, (void)app, (void)notify;
#ifdef MOCK_SESSION_ERROR
	return CKR_SESSION_COUNT;
#endif
	*session = 1;
	return CKR_OK;
}

static CK_RV mock_login(CK_SESSION_HANDLE session, CK_USER_TYPE user,
    unsigned char *pin, CK_ULONG len)
{
	const char *path = getenv("MOCK_LOGINS");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;

	(void)session, (void)user;
	if (fd >= 0) {
		if (write(fd, "L", 1) != 1)
			abort();
		close(fd);
	}
#ifdef MOCK_HANG_LOGIN
	hang();
#endif
#ifdef MOCK_SLOW
	sleep(2);
#endif
#ifdef MOCK_LOCKED
	return CKR_PIN_LOCKED;
#endif
	if (len != strlen(PIN) || memcmp(pin, PIN, len) != 0)
		return CKR_PIN_INCORRECT;
	return CKR_OK;
}

static CK_RV mock_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
	(void)session;
	memset(info, 0, sizeof(*info));
#ifdef MOCK_NOT_LOGGED_IN
	info->state = CKS_RW_PUBLIC_SESSION;
#else
	info->state = CKS_RW_USER_FUNCTIONS;
#endif
	return CKR_OK;
}

static CK_RV mock_logout(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	mock.version.major = 2;
	mock.version.minor = 40;
	mock.C_Initialize = mock_initialize;
	mock.C_Finalize = mock_finalize;
	mock.C_GetSlotList = mock_slots;
	mock.C_GetTokenInfo = mock_token_info;
	mock.C_OpenSession = mock_open;
	mock.C_Login = mock_login;
	mock.C_GetSessionInfo = mock_session_info;
	mock.C_Logout = mock_logout;
	*list = &mock;
#ifdef MOCK_NO_LIST
	return CKR_GENERAL_ERROR;
#endif
	(void)hang;
	return CKR_OK;
}

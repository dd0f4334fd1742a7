/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "token.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <p11-kit/pkcs11.h>

#include "cleanup.h"
#include "tokensession.h"

#define LABEL_SIZE 32 /* CK_TOKEN_INFO.label, padded with blanks */
#define SLOTS_MAX 4096

static struct {
	CK_FUNCTION_LIST_PTR call;
	CK_SESSION_HANDLE session;
	char serial[17]; /* padded with blanks in CK_TOKEN_INFO */
	bool initialized, logged_in;
} token;

/* clang-format off */
static const struct {
	CK_RV rv;
	const char *name;
} ckr_names[] = {
	{CKR_OK, "CKR_OK"},
	{CKR_HOST_MEMORY, "CKR_HOST_MEMORY"},
	{CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID"},
	{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR"},
	{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED"},
	{CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD"},
	{CKR_NEED_TO_CREATE_THREADS, "CKR_NEED_TO_CREATE_THREADS"},
	{CKR_CANT_LOCK, "CKR_CANT_LOCK"},
	{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR"},
	{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY"},
	{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED"},
	{CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED"},
	{CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT"},
	{CKR_PIN_INVALID, "CKR_PIN_INVALID"},
	{CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE"},
	{CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED"},
	{CKR_PIN_LOCKED, "CKR_PIN_LOCKED"},
	{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED"},
	{CKR_SESSION_COUNT, "CKR_SESSION_COUNT"},
	{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID"},
	{CKR_SESSION_READ_ONLY_EXISTS, "CKR_SESSION_READ_ONLY_EXISTS"},
	{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT"},
	{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED"},
	{CKR_TOKEN_WRITE_PROTECTED, "CKR_TOKEN_WRITE_PROTECTED"},
	{CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN"},
	{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN"},
	{CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED"},
	{CKR_USER_TYPE_INVALID, "CKR_USER_TYPE_INVALID"},
	{CKR_USER_TOO_MANY_TYPES, "CKR_USER_TOO_MANY_TYPES"},
	{CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE"},
	{CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID"},
	{CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL"},
	{CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE"},
	{CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED"},
	{CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID"},
	{CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE"},
	{CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT"},
	{CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED"},
	{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID"},
	{CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID"},
	{CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID"},
	{CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE"},
	{CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED"},
	{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED"},
	{CKR_CRYPTOKI_ALREADY_INITIALIZED, "CKR_CRYPTOKI_ALREADY_INITIALIZED"},
};
/* clang-format on */

void token_ckr_name(unsigned long rv, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(ckr_names) / sizeof(ckr_names[0]); i++) {
		if (ckr_names[i].rv == rv) {
			snprintf(buf, size, "%s", ckr_names[i].name);
			return;
		}
	}
	snprintf(buf, size, "CKR_0x%08lx", rv);
}

int token_ckr_is_pin(unsigned long rv)
{
	return rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID ||
	       rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_EXPIRED ||
	       rv == CKR_PIN_LOCKED;
}

static bool answer_ckr(struct token_answer *answer, CK_RV rv)
{
	char name[48];

	if (rv == CKR_OK)
		return true;
	token_ckr_name(rv, name, sizeof(name));
	snprintf(answer->detail, sizeof(answer->detail), "%s", name);
	answer->verdict = token_ckr_is_pin(rv) ? HSM_WRONG_PIN : HSM_ERROR;
	return false;
}

int token_session_answer(struct token_answer *answer, unsigned long rv)
{
	return answer_ckr(answer, rv);
}

void token_session_get(struct token_session *s, token_step_fn step, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->call = token.call;
	s->handle = token.session;
	s->step = step;
	s->step_arg = arg;
	hsmreport_word(s->serial, sizeof(s->serial), token.serial);
}

static bool load(const char *module, struct token_answer *answer)
{
	void *lib = dlopen(module, RTLD_LAZY | RTLD_LOCAL);
	CK_C_GetFunctionList get = NULL;

	if (lib)
		*(void **)&get = dlsym(lib, "C_GetFunctionList");
	if (get && !answer_ckr(answer, get(&token.call)))
		return false;
	if (get && token.call)
		return true;
	answer->verdict = HSM_MISSING_MODULE;
	snprintf(answer->detail, sizeof(answer->detail), "%s",
	    strchr(module, '/') && access(module, F_OK) < 0 ? "no-such-file"
	    : lib ? "not-a-pkcs11-module"
	          : "does-not-load");
	return false;
}

static bool initialize(struct token_answer *answer)
{
	CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
	CK_RV rv = token.call->C_Initialize(&args);

	token.initialized = rv == CKR_OK;
	if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
		rv = CKR_OK;
	return answer_ckr(answer, rv);
}

static bool label_is(const CK_TOKEN_INFO *info, const char *label)
{
	size_t len = strlen(label);
	size_t i;

	if (len > LABEL_SIZE || memcmp(info->label, label, len) != 0)
		return false;
	for (i = len; i < LABEL_SIZE; i++)
		if (info->label[i] != ' ' && info->label[i] != '\0')
			return false;
	return true;
}

static bool slots_get(
    CK_SLOT_ID **slots, CK_ULONG *count, struct token_answer *answer)
{
	if (!answer_ckr(
	        answer, token.call->C_GetSlotList(CK_TRUE, NULL, count)))
		return false;
	if (*count > SLOTS_MAX)
		*count = SLOTS_MAX;
	*slots = calloc(*count + 1, sizeof(**slots));
	return answer_ckr(answer, *slots ? CKR_OK : CKR_HOST_MEMORY) &&
	       answer_ckr(
	           answer, token.call->C_GetSlotList(CK_TRUE, *slots, count));
}

static void serial_take(const CK_TOKEN_INFO *info)
{
	size_t len = sizeof(info->serialNumber);

	while (len > 0 && (info->serialNumber[len - 1] == ' ' ||
	                      info->serialNumber[len - 1] == '\0'))
		len--;
	memcpy(token.serial, info->serialNumber, len);
	token.serial[len] = '\0';
}

static bool slot_find(
    const char *label, CK_SLOT_ID *slot, struct token_answer *answer)
{
	CLEANUP_FREE CK_SLOT_ID *slots = NULL;
	CK_ULONG count = 0, i;

	if (!slots_get(&slots, &count, answer))
		return false;
	for (i = 0; i < count; i++) {
		CK_TOKEN_INFO info;

		/* A slot that cannot be read may be somebody else's. */
		if (token.call->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    label_is(&info, label)) {
			*slot = slots[i];
			serial_take(&info);
			return true;
		}
	}
	answer->verdict = HSM_NO_TOKEN;
	snprintf(answer->detail, sizeof(answer->detail), "%lu-slots", count);
	return false;
}

static bool login(const char *pin, struct token_answer *answer)
{
	CLEANUP_FREE CK_UTF8CHAR *copy = (CK_UTF8CHAR *)strdup(pin);
	size_t len = strlen(pin);
	CK_RV rv = copy ? token.call->C_Login(
	                      token.session, CKU_USER, copy, (CK_ULONG)len)
	                : CKR_HOST_MEMORY;

	if (copy)
		explicit_bzero(copy, len);
	token.logged_in = rv == CKR_OK;
	if (rv == CKR_USER_ALREADY_LOGGED_IN)
		rv = CKR_OK;
	return answer_ckr(answer, rv);
}

static void session_check(struct token_answer *answer)
{
	CK_SESSION_INFO info;

	if (!answer_ckr(
	        answer, token.call->C_GetSessionInfo(token.session, &info)))
		return;
	answer->verdict = HSM_OK;
	snprintf(answer->detail, sizeof(answer->detail), "CKR_OK");
	if (info.state != CKS_RW_USER_FUNCTIONS) {
		answer->verdict = HSM_ERROR;
		snprintf(answer->detail, sizeof(answer->detail),
		    "session-state-%lu", info.state);
	}
}

void token_probe(const char *module, const char *label, const char *pin,
    token_step_fn step, void *arg, struct token_answer *answer)
{
	CK_SLOT_ID slot = 0;

	memset(answer, 0, sizeof(*answer));
	step("dlopen", arg);
	if (!load(module, answer))
		return;
	step("C_Initialize", arg);
	if (!initialize(answer))
		return;
	step("C_GetSlotList", arg);
	if (!slot_find(label, &slot, answer))
		return;
	step("C_OpenSession", arg);
	if (!answer_ckr(answer, token.call->C_OpenSession(slot,
	                            CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
	                            NULL, &token.session)))
		return;
	step("C_Login", arg);
	if (!login(pin, answer))
		return;
	step("C_GetSessionInfo", arg);
	session_check(answer);
}

void token_leave(void)
{
	if (token.logged_in)
		token.call->C_Logout(token.session);
	if (token.initialized)
		token.call->C_Finalize(NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "syncd.h"

/* Corosync's cmap: one node, n1, that has nothing but what a test says. */
static const char *name, *address;

cs_error_t cmap_initialize(cmap_handle_t *handle)
{
	*handle = 1;
	return CS_OK;
}

cs_error_t cmap_finalize(cmap_handle_t handle)
{
	(void)handle;
	return CS_OK;
}

cs_error_t cmap_get_string(cmap_handle_t handle, const char *key, char **value)
{
	const char *text = strstr(key, ".name")         ? name
	                   : strstr(key, ".ring0_addr") ? address
	                                                : NULL;

	(void)handle;
	if (!text)
		return CS_ERR_NOT_EXIST;
	*value = strdup(text);
	return CS_OK;
}

cs_error_t cmap_get_uint32(cmap_handle_t handle, const char *key, uint32_t *u32)
{
	(void)handle, (void)key;
	*u32 = 1;
	return CS_OK;
}

cs_error_t cmap_iter_init(
    cmap_handle_t handle, const char *prefix, cmap_iter_handle_t *iter)
{
	(void)handle, (void)prefix;
	*iter = 0;
	return CS_OK;
}

cs_error_t cmap_iter_next(cmap_handle_t handle, cmap_iter_handle_t iter,
    char key_name[], size_t *value_len, cmap_value_types_t *type)
{
	static int turn;

	(void)handle, (void)iter;
	if (turn++ % 2)
		return CS_ERR_NO_SECTIONS;
	strcpy(key_name, "nodelist.node.0.nodeid");
	*value_len = 4;
	*type = CMAP_VALUETYPE_UINT32;
	return CS_OK;
}

cs_error_t cmap_iter_finalize(cmap_handle_t handle, cmap_iter_handle_t iter)
{
	(void)handle, (void)iter;
	return CS_OK;
}

static struct syncd s;
static struct why why;

static int load(const char *with_name, const char *with_address)
{
	struct options opt = s.opt;

	memset(&s, 0, sizeof(s));
	memset(&why, 0, sizeof(why));
	s.opt = opt;
	s.nodeid = 1;
	snprintf(s.opt.address, sizeof(s.opt.address), "127.0.0.1");
	name = with_name;
	address = with_address;
	return nodelist_load(&s, &why);
}

static void pacemaker_has_the_same(void **state)
{
	(void)state;
	s.opt.restarted = s.opt.close = false;
	assert_int_equal(load("n1", "10.0.0.1"), 0);
	assert_string_equal(s.name, "n1");
	assert_int_equal(load("n1", "fd00::1"), 0);
	assert_int_equal(load(NULL, "n1.example.com"), 0);
	assert_string_equal(s.name, "n1.example.com");
	assert_string_equal(s.member[0].name, "n1.example.com");
	assert_int_equal(load(NULL, "1st.example.com"), 0);
}

static void pacemaker_has_another(void **state)
{
	static const char *const numeric[] = {
	    "10.0.0.1", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1"};
	size_t i;

	(void)state;
	s.opt.restarted = s.opt.close = false;
	for (i = 0; i < sizeof(numeric) / sizeof(numeric[0]); i++) {
		assert_int_equal(load(NULL, numeric[i]), -EINVAL);
		assert_non_null(strstr(why.text, numeric[i]));
		assert_non_null(strstr(why.text, "a line name:"));
	}
}

/* A source goes on, and a stop does not fail. */
static void only_a_first_start_is_refused(void **state)
{
	(void)state;
	s.opt.restarted = true;
	assert_int_equal(load(NULL, "10.0.0.1"), 0);
	assert_string_equal(s.name, "10.0.0.1");
	s.opt.restarted = false;
	s.opt.close = true;
	assert_int_equal(load(NULL, "10.0.0.1"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pacemaker_has_the_same),
	    cmocka_unit_test(pacemaker_has_another),
	    cmocka_unit_test(only_a_first_start_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

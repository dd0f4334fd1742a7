/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "file.h"
#include "safety.h"

static const char kasp[] =
    "<KASP>\n<Policy name=\"default\"><Description>d</Description>"
    "<Signatures><InceptionOffset>PT3600S</InceptionOffset></Signatures><Keys>"
    "<TTL>PT60S</TTL><PublishSafety>\n PT3600S </PublishSafety></Keys>"
    "<Zone><PropagationDelay>PT300S</PropagationDelay></Zone>"
    "</Policy><!-- <Policy name=\"x\"/> -->\n"
    "<Policy name=\"lab\"><Signatures><InceptionOffset>PT5M</InceptionOffset>"
    "</Signatures><Keys><PublishSafety>P1D</PublishSafety></Keys>"
    "<Zone><PropagationDelay>PT0S</PropagationDelay></Zone></Policy><Policy "
    "name=\"none\"><Keys/></Policy>"
    "<Policy name=\"junk\"><Keys><PublishSafety>soon</PublishSafety></Keys>"
    "</Policy></KASP>";

static void of_each_policy(void **state)
{
	struct safeties l = {0};
	struct why why;

	(void)state;
	assert_int_equal(safety_of(&l, "default"), -1);
	assert_int_equal(safeties_inception(&l), -1);
	assert_int_equal(
	    safeties_parse("kasp.xml", kasp, sizeof(kasp) - 1, &l, &why), 0);
	assert_int_equal(safety_of(&l, "default"), 3600);
	assert_int_equal(safety_of(&l, "lab"), 86400);
	assert_int_equal(safety_of(&l, "none"), -1);
	assert_int_equal(safety_of(&l, "junk"), -1);
	assert_int_equal(safety_of(&l, "x"), -1);
	assert_int_equal(safeties_inception(&l), 300);
	assert_int_equal(safety_delay_of(&l, "default"), 300);
	assert_int_equal(safety_delay_of(&l, "lab"), 0);
	assert_int_equal(safety_delay_of(&l, "none"), SAFETY_DELAY_S);
	assert_int_equal(safety_delay_of(&l, "x"), SAFETY_DELAY_S);
	assert_int_equal(
	    safeties_parse("kasp.xml", "<KASP>", 6, &l, &why), -EINVAL);
	assert_int_equal(safety_of(&l, "lab"), 86400);
	safeties_free(&l);
}

static void follows_the_file(void **state)
{
	static const char other[] =
	    "<KASP><Policy name=\"lab\"><Keys><PublishSafety>PT5S"
	    "</PublishSafety></Keys></Policy></KASP>";
	char dir[] = "/tmp/ods-safety.XXXXXX", path[64];
	struct safeties l = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/kasp.xml", dir);
	safeties_follow(&l, path);
	assert_int_equal(l.why.err, -ENOENT);
	assert_int_equal(safety_of(&l, "lab"), -1);
	file_replace(path, kasp, sizeof(kasp) - 1, 0644, false, NULL);
	safeties_follow(&l, path);
	assert_int_equal(safety_of(&l, "lab"), 86400);
	assert_int_equal(l.why.err, 0);
	file_replace(path, other, sizeof(other) - 1, 0644, false, NULL);
	safeties_follow(&l, path);
	assert_int_equal(safety_of(&l, "lab"), 5);
	file_replace(path, "<", 1, 0644, false, NULL);
	safeties_follow(&l, path);
	safeties_follow(&l, path);
	assert_int_equal(safety_of(&l, "lab"), 5);
	assert_true(l.why.err < 0);
	unlink(path);
	rmdir(dir);
	safeties_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_each_policy),
	    cmocka_unit_test(follows_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# One node only: for stories that need a machine with our package, or a
# cluster of that machine alone (tests/agents/one-node.bash).

# solo_up: container n1 with our RPM and the tests in /src/tests.
solo_up()
{
	local rpm top=$LAB_LIB/../../..
	rpm=$(lab_rpm) || { lab_die 'no RPM in the build directory: make rpm'; return 1; }
	# shellcheck disable=SC2034 # the lab reads it
	LAB_CONTAINERS=(n1)
	lab_down && lab_init && lab_image && lab_network && node_create n1 &&
		node_start n1 || return 1
	tar -C "$top" -c tests/agents tests/data |
		podman exec -i "$LAB_PREFIX-n1" sh -c 'mkdir -p /src && tar -x -C /src' &&
		pod cp "$rpm" "$LAB_PREFIX-n1:/root/ocf-ods.rpm" &&
		node_exec n1 rpm -i --nodeps --force /root/ocf-ods.rpm 2>/dev/null
}

# solo_sh [ARG...]: the script on stdin, with the functions of the agents'
# tests; their fixture is in $F.
solo_sh()
{
	{
		cat <<-'EOS'
		export BATS_FILE_TMPDIR=/var/tmp/solo BATS_TEST_TMPDIR=/var/tmp/solo
		export BATS_TEST_DIRNAME=/src/tests/agents F=/var/tmp/solo/ods
		mkdir -p -m 755 /var/tmp/solo
		cd /src
		. tests/agents/common.bash
		. tests/agents/one-node.bash
		exec 3>/dev/null
		EOS
		cat
	} | node_sh n1 "$@"
}

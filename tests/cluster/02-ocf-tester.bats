#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ocf-tester of resource-agents on all four agents, as our package installs
# them, with real daemons and a running cluster of one node.  It knows the
# metadata of OCF 1.0 alone: its METADATA_LINT is given the schema of 1.1, and
# nothing else is changed.  About 1 minute.

load common

setup_file()
{
	solo_up && solo_sh <<-'EOS'
	fixture_make && fixture_quiet && fixture_zones 2 && one_node_up
	EOS
}

teardown_file() { lab_end; }

# passes AGENT [NAME=VALUE...]: with these parameters besides conf.
passes()
{
	run solo_sh "$@" <<-'EOS'
	name=$1
	shift
	for v; do export "OCF_RESKEY_$v"; done
	tester "$name" 2>&1
	EOS
	sed 's/^/# /' <<<"$output" | tee /dev/fd/3
	[ "$status" -eq 0 ]
	[[ $output == *"$1 passed all tests"* ]]
	[[ $output != *'* rc='* ]]
}

@test "enforcer" { passes enforcer; }
@test "signer" { passes signer; }
@test "hsm" { passes hsm; }
@test "state" {
	passes state state_dir=/var/tmp/solo/state CRM_meta_promoted_max=1
}

@test "the patch is one line, and without it the metadata alone fails" {
	run solo_sh <<-'EOS'
	diff "$(command -v ocf-tester)" $BATS_TEST_TMPDIR/ocf-tester | grep -c '^>'
	ocf-tester -n test-enforcer -o "conf=$F/conf.xml" -o "envfile=$F/env" \
		"$ODS_AGENTS/enforcer" 2>&1
	EOS
	echo "$output"
	[ "${lines[0]}" = 1 ]
	[ "$(grep -c '^\* rc=' <<<"$output")" -eq 1 ]
	[[ $output == *'does not conform to ra-api-1.dtd'* ]]
}

@test "nothing is left running" {
	run node_exec n1 pgrep -l 'ods-(enforcerd|signerd|syncd)'
	[ "$status" -eq 1 ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Somebody starts OpenDNSSEC on the standby: it does no harm and is reported,
# and the node is a standby again afterwards.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	active=$(promoted_node)
	standby=$(other_node "$active")
	from=$(lab_now)
}

is_foreign() { [ "$(node_attribute "$1" ods-role-state)" = foreign ]; }
runs_there() { node_exec "$standby" pgrep -x "$1" >/dev/null; }
is_gone() { ! runs_there "$1"; }

clean_since()
{
	edits_arrive
	story_settled
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
	promoted_is "$active"
}

@test "an enforcer waits for the database and gives up" {
	lab_detach enforcer podman exec "$LAB_PREFIX-$standby" ods-enforcerd
	wait_for 15 "it runs" runs_there ods-enforcerd
	wait_for 15 "the standby is foreign" is_foreign "$standby"
	run node_exec "$standby" ods-cluster status
	echo "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *'ods-enforcerd (pid '*'runs on this standby'*'stop it'* ]]
	edits_arrive # the data goes on arriving, too
	wait_for 60 "it has given up" is_gone ods-enforcerd
	wait_for 60 "the standby is a holder" is_holder "$standby"
	clean_since
}

@test "a signer has no zones" {
	# With what its unit would give it: without, it finds no token and ends.
	node_exec "$standby" sh -c \
		'set -a && . /etc/default/opendnssec && exec ods-signerd'
	wait_for 15 "the standby is foreign" is_foreign "$standby"
	run node_exec "$standby" timeout 20 ods-signer zones
	echo "$output"
	[[ $output != *.example* ]]
	run node_exec "$active" ods-cluster status
	echo "$output"
	[ "$status" -eq 1 ]
	# OpenDNSSEC's signer hangs in one of six stops.
	node_exec "$standby" timeout 20 ods-signer stop || true
	wait_for 10 "it is gone" is_gone ods-signerd ||
		node_exec "$standby" pkill -9 -x ods-signerd
	wait_for 10 "it is gone" is_gone ods-signerd
	wait_for 60 "the standby is a holder" is_holder "$standby"
	clean_since
}

@test "the other one takes over with all its zones" {
	node_kill "$active"
	wait_for 60 "$standby is promoted" promoted_is "$standby"
	active=$standby
	wait_for 60 "signer and enforcer" daemons_on "$active"
	node_exec "$active" test ! -e "$ODS_VAR/enforcer/zones.xml.ods-held"
	clean_since
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# `pcs node standby` moves the service and back again.  The nodes' names in the
# cluster are not their host names.

export LAB_NAMES="east west"
load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

move_away_from()
{
	local to
	to=$(other_node "$1")
	at=$(lab_now)
	crm pcs node standby "$(cluster_name "$1")"
	wait_for 60 "$to is promoted" promoted_is "$to"
	wait_for 30 "signer and enforcer on $to" daemons_on "$to"
	promoted=$(journal_when "$to" "$at" \
		'Result of promote operation for state .*: ok')
	edits_arrive
	echo "# first new serial of $(cluster_name "$to")" \
		"$(first_new_serial "$promoted" |
		awk -v t="$at" '{ printf "%.2f", $1 - t }') s after the command" >&3
	crm pcs node unstandby "$(cluster_name "$1")"
	story_settled
}

@test "standby moves the service, there and back" {
	from=$(lab_now)
	first=$(promoted_node)
	move_away_from "$first"
	move_away_from "$(promoted_node)"
	promoted_is "$first"
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "nobody was fenced" {
	for n in n1 n2; do
		run fenced_since 0 "$n"
		[ "$status" -ne 0 ]
	done
}

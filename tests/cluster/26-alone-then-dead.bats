#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# One node is down for long; the other one publishes on alone and dies for good.
# The first one boots alone, with quorum and fencing by an operator's word: it
# refuses and says what to do.  When the other one returns, it all goes on.
# About 4 minutes.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

@test "it publishes on alone, and says so" {
	from=$(lab_now)
	a=$(promoted_node) b=$(other_node "$(promoted_node)")
	echo "$a $b" >"$BATS_FILE_TMPDIR/nodes"
	node_exec "$b" pcs cluster stop
	for _ in 1 2 3; do
		edits_arrive
	done
	wait_for 20 "status says that nobody can take over" \
		status_has "$a" "no second holder"
	node_exec "$a" ods-cluster status | head -1 | sed 's/^/# /' >&3
	status_has "$a" WARNING
	clean_since "$from"
}

@test "the stale node, alone, refuses and names the other one" {
	read -r a b <"$BATS_FILE_TMPDIR/nodes"
	fence_stop
	node_off "$a"
	sleep 2
	serials_now >"$LAB_DIR/before"
	alone_up "$b"
	has_quorum "$b"
	never_promoted "$b" 30
	run node_exec "$b" ods-cluster status
	echo "$output"
	sed -n 1p <<<"$output" | sed 's/^/# /' >&3
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == CRITICAL* ]]
	[[ ${lines[0]} == *"$(cluster_name "$a")"* ]]
	[[ ${lines[0]} == *"ods-cluster "* ]]
	# Nothing changed for the world.
	serials_now | cmp - "$LAB_DIR/before"
}

@test "it still refuses after a restart of its daemon" {
	read -r a b <"$BATS_FILE_TMPDIR/nodes"
	node_exec "$b" sh -c 'kill -KILL $(pgrep -x ods-syncd)'
	never_promoted "$b" 30
}

@test "the other one returns: it all goes on" {
	read -r a b <"$BATS_FILE_TMPDIR/nodes"
	from=$(lab_now)
	fence_start
	node_start "$a"
	story_settled
	promoted_is "$a"
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	clean_since "$from"
}

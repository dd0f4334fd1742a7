#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Three nodes, all holders.  The active one is killed at a random moment during
# edits, COUNT times (2): one of the others takes over, the third follows, and
# both have all that the world was ever served.  About 5 minutes.

export LAB_NAMES="n1 n2 n3"
load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

# survivors_have FILE: each survivor has every version that is listed there.
survivors_have()
{
	local n
	for n in $(other_nodes "$KILLED"); do
		wait_for 5 "$n has every version that ns serves" \
			has_versions "$n" "$1" || return 1
	done
}

one_kill()
{
	local third
	kill_active 6 survivors_have_served
	echo "# killed $KILLED after $KILLED_AFTER_MS ms; $SURVIVOR took over" >&3
	third=$(other_nodes "$KILLED" | grep -vx "$SURVIVOR")
	takeover_timeline "$KILLED" "$SURVIVOR" "$KILLED_AT" | paste -sd ' ' |
		sed 's/^/# /' >&3
	wait_for 60 "a new serial of every zone" serials_all_new
	fresh_reused "$SURVIVOR" "$KILLED_AT"
	ns_versions >"$LAB_DIR/served"
	wait_for 60 "$third follows" has_versions "$third" "$LAB_DIR/served"
	wait_for 60 "$third is a holder" is_holder "$third"
	story_settled
	[ "$(cluster_nodes | wc -l)" -eq 3 ]
}

serials_all_new()
{
	edits_arrive && serials_all_above "$LAB_DIR/before"
}

# Between the kill and the takeover: nobody publishes.
survivors_have_served()
{
	ns_versions >"$LAB_DIR/served" && survivors_have "$LAB_DIR/served"
}

@test "one of two takes over, the third follows, the killed one returns" {
	n=$(promoted_node)
	run node_exec "$n" ods-cluster status
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'2 nodes can take over'* ]]
	from=$(lab_now)
	for ((i = 1; i <= ${COUNT:-2}; i++)); do
		echo "# kill $i of ${COUNT:-2}" >&3
		one_kill
	done
	clean_since "$from"
}

@test "there was one role change for each kill" {
	[ "$(term_now)" -eq $((${COUNT:-2} + 1)) ]
}

# With one of three there is no majority that would know of it, so nothing may
# be published; that must not look like health.
@test "the source alone of three daemons publishes nothing, and says so" {
	from=$(lab_now)
	source=$(promoted_node)
	for n in $(other_nodes "$source"); do
		crm pcs node standby "$(cluster_name "$n")"
		wait_for 60 "$n has stopped" stopped_on "$n"
	done
	sleep 5
	serials_now >"$LAB_DIR/before"
	edits_start
	sleep 20
	node_exec "$source" ods-cluster status | head -1 | sed 's/^/# /' >&3
	run node_exec "$source" ods-cluster status
	echo "$output"
	[ "$status" -ne 0 ]
	if serials_now | cmp - "$LAB_DIR/before"; then
		[[ ${lines[0]} == *held* ]]
	fi
	crm pcs node unstandby --all
	story_settled
	promoted_is "$source"
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	clean_since "$from"
}
stopped_on() { ! node_exec "$1" pgrep -x ods-syncd; }

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The source dies, the other node takes over and dies while the first one is
# about to rejoin.  Whoever is promoted then has all that the world was served.
# About 6 minutes.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

role_is() { [ "$(node_attribute "$1" ods-role-state)" = "$2" ]; }

# first_dies: sets A, which has died and is on its way back, and B, which signs.
first_dies()
{
	kill_active 3
	A=$KILLED B=$SURVIVOR
	wait_for 30 "edits of every zone are served" edits_arrive
}

# second_dies: B is killed; what ns serves is in $LAB_DIR/served.
second_dies()
{
	serials_now >"$LAB_DIR/before"
	killed_at=$(lab_now)
	node_kill "$B"
	ns_versions >"$LAB_DIR/served"
}

all_is_well()
{
	story_settled
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	clean_since "$from"
}

# watch_promotion: who is promoted first, and that it has what is served.
watch_promotion()
{
	wait_for 120 "a promoted node" promoted_live
	who=$(promoted_live)
	echo "# $who was promoted $(awk -v a="$killed_at" -v b="$(lab_now)" \
		'BEGIN { printf "%.1f", b - a }') s after the second death" >&3
	has_versions "$who" "$LAB_DIR/served"
}

# promoted_live: the node where ods-syncd itself says promoted.
promoted_live()
{
	local n
	for n in $(lab_nodes); do
		[ "$(local_role "$n" 2>/dev/null)" != promoted ] ||
			{ echo "$n"; return 0; }
	done
	return 1
}

@test "while it boots: nobody, until the other one is back" {
	from=$(lab_now)
	first_dies
	wait_for 60 "$A runs again" node_running "$A"
	sleep $((RANDOM % 6))
	second_dies
	# Alone it has no quorum, and fences nobody.
	never_promoted "$A" 20
	node_start "$B"
	watch_promotion
	[ "$who" = "$B" ]
	all_is_well
}

@test "while it is behind: nobody, until the other one is back" {
	from=$(lab_now)
	first_dies
	wait_for 60 "$A is behind" role_is "$A" behind
	second_dies
	wait_for 20 "$A says why it does not take over" why_is_behind
	node_exec "$A" ods-cluster status | head -1 | sed 's/^/# /' >&3
	watch_promotion
	[ "$who" = "$B" ]
	all_is_well
}
why_is_behind() { status_has "$A" "not a holder"; }

@test "about when it becomes a holder: whoever it is has everything" {
	from=$(lab_now)
	first_dies
	wait_for 60 "$A is behind" role_is "$A" behind
	sleep $((28 + RANDOM % 4)).$((RANDOM % 10))
	second_dies
	watch_promotion
	all_is_well
}

@test "when it is a holder again: it takes over" {
	from=$(lab_now)
	first_dies
	wait_for 90 "$A is a holder" is_holder "$A"
	second_dies
	wait_for 60 "$A is promoted" promoted_is "$A"
	has_versions "$A" "$LAB_DIR/served"
	all_is_well
}

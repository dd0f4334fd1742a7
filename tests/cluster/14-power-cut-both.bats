#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Both nodes lose power at once and return in either order.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

# cut_and_return FIRST SECOND
cut_and_return()
{
	local from
	from=$(lab_now)
	serials_now >"$LAB_DIR/before"
	power_cut
	sleep 3
	node_start "$1"
	sleep 15
	node_start "$2"
	story_settled
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "the former source returns first" {
	a=$(promoted_node)
	cut_and_return "$a" "$(other_node "$a")"
}

@test "the former standby returns first" {
	a=$(promoted_node)
	cut_and_return "$(other_node "$a")" "$a"
}

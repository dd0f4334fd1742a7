#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The two nodes lose sight of each other, and fencing takes its time: nothing
# is published before it is done, and there is never a second publisher.  The
# first time the standby is fenced, then the source.  About 5 minutes.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

# fence_late VICTIM: that node is fenced after 25 s (10 s more when it is the
# source, priority-fencing-delay), the other one a minute later.
fence_late()
{
	crm pcs stonith update fence pcmk_delay_base="$(cluster_name "$1"):25s;$(cluster_name "$(other_node "$1")"):90s"
}

held() { status_has "$source" "publishing held" && status_has "$source" "$other"; }

# part_and_fence VICTIM
part_and_fence()
{
	local z
	source=$(promoted_node)
	other=$(other_node "$source")
	survivor=$(other_node "$1")
	fence_late "$1"
	at=$(lab_now)
	link_cut "$source" "$other"
	# What was on its way has arrived by then.
	sleep 3
	cut=$(lab_now)
	serials_now >"$LAB_DIR/before"
	for z in $(zones); do
		zone_edit "$source" "$z"
	done
	wait_for 20 "the source says what it waits for" held
	node_exec "$source" ods-cluster status | head -1 | sed 's/^/# /' >&3
	wait_for 80 "$1 is fenced" fenced_since "$at" "$1"
	fenced=$(fenced_since "$at" "$1")
	echo "# fenced $(awk -v a="$at" -v b="$fenced" \
		'BEGIN { printf "%.1f", b - a }') s after the cut" >&3
	# No version before the fencing; the clock of its history has seconds.
	awk -v a="$at" -v b="$fenced" 'BEGIN { exit b - a < 20 }'
	[ "$(ns_history | awk -v a="$cut" -v b="$fenced" \
		'$1 > a && $1 < b - 1' | tee /dev/stderr | wc -l)" -eq 0 ]
	wait_for 60 "$survivor is promoted" promoted_is "$survivor"
	wait_for 60 "signer on $survivor" runs_on signer "$survivor"
	# All that the fenced node has in published/ is here, too.
	wait_for 30 "$1 has booted" node_booted "$1"
	node_versions "$1" >"$LAB_DIR/theirs"
	has_versions "$survivor" "$LAB_DIR/theirs"
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	link_mend "$source" 2>/dev/null || true
	story_settled
}

@test "the standby is fenced late: held, then the source goes on" {
	from=$(lab_now)
	term=$(term_now)
	part_and_fence "$(other_node "$(promoted_node)")"
	[ "$(term_now)" -eq "$term" ]
	clean_since "$from"
}

@test "the source is fenced late: held, then the standby takes over" {
	from=$(lab_now)
	term=$(term_now)
	part_and_fence "$(promoted_node)"
	[ "$(term_now)" -eq $((term + 1)) ]
	clean_since "$from"
}

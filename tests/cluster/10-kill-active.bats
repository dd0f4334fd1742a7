#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The active node is killed at a random moment during edits, COUNT times (1).

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

one_kill()
{
	local reused total
	kill_active 6
	wait_for 30 "a new serial of every zone" serials_all_new
	takeover_timeline "$KILLED" "$SURVIVOR" "$KILLED_AT" |
		tee -a "$BATS_FILE_TMPDIR/timelines" >&3
	read -r reused total < <(signatures "$SURVIVOR" "$KILLED_AT")
	echo "# reused $reused of $total" >&3
	story_settled
}

# With edits at random, a last edit of each zone makes its serial new.
serials_all_new()
{
	edits_arrive && serials_all_above "$LAB_DIR/before"
}

@test "the other node takes over, and nothing bad is ever answered" {
	from=$(lab_now)
	vip_probe_start
	for ((i = 1; i <= ${COUNT:-1}; i++)); do
		echo "# kill $i of ${COUNT:-1}" >&3
		one_kill
	done
	vip_probe_stop
	edits_stop
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "signatures that are fresh were reused" {
	n=$(promoted_node)
	since=$(node_exec "$n" journalctl -q -o short-unix --grep \
		'Result of promote operation for state' | tail -1 | cut -d' ' -f1)
	# An edit signs its record and the SOA; the first signing after the
	# takeover may carry several edits.
	sign_stats "$n" "$since" | awk '
		!seen[$1]++ { zones++; if ($3 > 12) { print; bad = 1 } }
		END { exit bad || zones == 0 }'
}

@test "the killed node has become a holder by itself" {
	story_settled
}

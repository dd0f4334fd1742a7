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
	echo "# killed $KILLED after $KILLED_AFTER_MS ms, at $KILLED_AT" >&3
	wait_for 30 "a new serial of every zone" serials_all_new
	takeover_timeline "$KILLED" "$SURVIVOR" "$KILLED_AT" |
		tee -a "$BATS_FILE_TMPDIR/timelines" | paste -sd ' ' |
		sed 's/^/# /' >&3
	read -r reused total < <(signatures "$SURVIVOR" "$KILLED_AT")
	echo "# reused $reused of $total" >&3
	fresh_reused "$SURVIVOR" "$KILLED_AT"
	story_settled
}

# With edits at random, a last edit of each zone makes its serial new.
serials_all_new()
{
	edits_arrive && serials_all_above "$LAB_DIR/before"
}

# fenced_to WORD: of all takeovers, the seconds from fenced to that.
fenced_to()
{
	awk -v w="$1" '$1 == "fenced" { f = $2 } $1 == w { print $2 - f }' \
		"$BATS_FILE_TMPDIR/timelines"
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
	for w in promoted signer_ready served new_serial; do
		echo "# fenced to $w, s: $(fenced_to $w | distribution)" >&3
	done
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "the killed node has become a holder by itself" {
	story_settled
}

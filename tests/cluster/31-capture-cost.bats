#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What the capture of kasp.db costs the enforcer: zones are added while
# ods-syncd runs and while it is stopped (SIGSTOP), in turn.  About 4 minutes,
# and the host has to be idle.

load common

ROUNDS=${ROUNDS:-12}
ZONES=10 # a block

setup_file()
{
	local n
	story_start && n=$(promoted_node) &&
		bulk_write "$n" 1 $(((2 * ROUNDS + 1) * ZONES))
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	source=$(promoted_node)
}

kasp_more() { bulk_policy; }

# syncd_signal SIGNAL: to parent and worker on the source.
syncd_signal()
{
	node_exec "$source" sh -c "kill -$1 \$(pgrep -x ods-syncd)"
}

threads_idle()
{
	node_exec "$source" timeout 5 ods-enforcer queue | grep -q 'threads idle'
}

# block FILE: adds the next zones; the time of each goes to the file.
block()
{
	wait_for 60 "enforcer is idle" threads_idle
	bulk_add "$source" "$next" $((next + ZONES - 1)) >>"$LAB_DIR/$1"
	next=$((next + ZONES))
	wait_for 60 "enforcer is idle" threads_idle
}

with() { block with; }

without()
{
	local rc=0
	syncd_signal STOP
	block without || rc=1
	syncd_signal CONT
	return $rc
}

total() { awk '{ s += $1 } END { printf "%.3f\n", s }' "$LAB_DIR/$1"; }

@test "zones are added as quickly, within a tenth" {
	next=1
	block first
	: >"$LAB_DIR/with"
	: >"$LAB_DIR/without"
	for ((r = 0; r < ROUNDS; r++)); do
		if ((r % 2)); then
			with
			without
		else
			without
			with
		fi
	done
	echo "# zone add, s: with $(distribution <"$LAB_DIR/with")" >&3
	echo "# zone add, s: without $(distribution <"$LAB_DIR/without")" >&3
	[ "$(wc -l <"$LAB_DIR/without")" -eq $((ROUNDS * ZONES)) ]
	awk -v a="$(total with)" -v b="$(total without)" 'BEGIN {
		printf "# all: %.3f s with, %.3f s without, %.3f times\n", a, b, a / b
		exit !(a < b * 1.1) }' >&3
}

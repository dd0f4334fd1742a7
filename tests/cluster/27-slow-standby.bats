#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ods-syncd on the standby hangs (SIGSTOP).  Publishing waits until its own
# monitor has ended it, no longer; Corosync does not grow meanwhile, and the
# standby is a holder again by itself.  About 4 minutes.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	source=$(promoted_node)
	standby=$(other_node "$source")
}

# syncd_signal SIGNAL: to parent and worker on the standby.
syncd_signal()
{
	node_exec "$standby" sh -c "kill -$1 \$(pgrep -x ods-syncd)"
}

# corosync_kb NODE: its resident memory.
corosync_kb()
{
	node_exec "$1" sh -c \
		"awk '/^VmRSS/ { print \$2 }' /proc/\$(pgrep -x corosync)/status"
}

# rss_grew NODE BEFORE: true when it has grown by 4 MB.
rss_grew()
{
	local now
	now=$(corosync_kb "$1")
	echo "# corosync on $1: $2 kB before, $now kB now" >&3
	[ "$now" -ge $(($2 + 4096)) ]
}

@test "hung for good: its monitor ends it, publishing goes on" {
	from=$(lab_now)
	term=$(term_now)
	a=$(corosync_kb "$source") b=$(corosync_kb "$standby")
	serials_now >"$LAB_DIR/before"
	at=$(lab_now)
	syncd_signal STOP
	sleep 12
	node_exec "$source" ods-cluster status | sed 's/^/# /' >&3
	run node_exec "$source" ods-cluster status
	[ "$status" -ne 0 ]
	[[ ${lines[0]} == *"$(cluster_name "$standby")"* ]]
	wait_for 60 "a new serial of every zone" edits_arrive
	echo "# published again $(awk -v a="$at" -v b="$(lab_now)" \
		'BEGIN { printf "%.1f", b - a }') s after it hung" >&3
	run rss_grew "$source" "$a"
	[ "$status" -ne 0 ]
	run rss_grew "$standby" "$b"
	[ "$status" -ne 0 ]
	story_settled
	promoted_is "$source"
	[ "$(term_now)" -eq "$term" ]
	clean_since "$from"
}

@test "hung for 15 s: it catches up" {
	from=$(lab_now)
	term=$(term_now)
	a=$(corosync_kb "$source") b=$(corosync_kb "$standby")
	syncd_signal STOP
	sleep 15
	syncd_signal CONT
	at=$(lab_now)
	edits_arrive
	echo "# published again $(awk -v a="$at" -v b="$(lab_now)" \
		'BEGIN { printf "%.1f", b - a }') s after it woke up" >&3
	story_settled
	promoted_is "$source"
	[ "$(term_now)" -eq "$term" ]
	run rss_grew "$source" "$a"
	[ "$status" -ne 0 ]
	ns_versions >"$LAB_DIR/served"
	wait_for 10 "it has what is served" has_versions "$standby" \
		"$LAB_DIR/served"
	clean_since "$from"
}

@test "nobody was fenced" {
	for n in n1 n2; do
		run fenced_since 0 "$n"
		[ "$status" -ne 0 ]
	done
}

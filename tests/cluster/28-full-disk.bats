#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The disk of state_dir fills up, on the standby and then on the source: status
# says so, nothing half is applied or published, and it goes on when there is
# space again.  About 5 minutes.

load common

# state_dir is a file system of its own: 96 MB of memory.
export LAB_NODE_OPTIONS="--tmpfs=/var/lib/ocf-ods:rw,size=96m,mode=755"

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
	from=$(lab_now)
	term=$(term_now)
}

# fill NODE: to the last block; free NODE: again.
fill()
{
	node_exec "$1" sh -c \
		'! dd if=/dev/zero of=/var/lib/ocf-ods/filler bs=4k 2>/dev/null'
}
free() { node_exec "$1" rm -f /var/lib/ocf-ods/filler; }

says_space() { node_exec "$1" ods-cluster status 2>/dev/null | grep -qiE 'space|room|full|MB free'; }
attr_says_space() { [[ $(node_attribute "$1" ods-why-state) =~ space|room|full|free ]]; }

# whole NODE: every file in published/ is a zone that validates.
whole()
{
	local z
	for z in $(zones); do
		node_exec "$1" ldns-verify-zone -V 1 "$LAB_PUBLISHED/$z" ||
			return 1
	done
}

@test "full on the standby: the source goes on, the standby says why" {
	fill "$standby"
	wait_for 60 "the standby says it in its attribute" attr_says_space "$standby"
	echo "# $(node_attribute "$standby" ods-why-state)" >&3
	edits_arrive
	edits_arrive
	promoted_is "$source"
	whole "$standby"
	run node_exec "$source" ods-cluster status
	echo "$output" | sed 's/^/# /' >&3
	[ "$status" -ne 0 ]
	free "$standby"
	story_settled
	promoted_is "$source"
	[ "$(term_now)" -eq "$term" ]
	ns_versions >"$LAB_DIR/served"
	wait_for 20 "it has what is served" has_versions "$standby" \
		"$LAB_DIR/served"
	clean_since "$from"
}

@test "full on the source: held, and it says why" {
	fill "$source"
	for z in $(zones); do
		zone_edit "$source" "$z"
	done
	wait_for 60 "the source says it" says_space "$source"
	node_exec "$source" ods-cluster status | head -1 | sed 's/^/# /' >&3
	sleep 10
	whole "$source"
	free "$source"
	wait_for 60 "an edit of every zone is served" edits_arrive
	story_settled
	clean_since "$from"
}

@test "nobody was fenced" {
	for n in n1 n2; do
		run fenced_since 0 "$n"
		[ "$status" -ne 0 ]
	done
}

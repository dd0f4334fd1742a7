#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# `pcs cluster stop --all` and start: signing goes on where it stopped.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

nothing_of_ours()
{
	local n
	for n in n1 n2; do
		! node_exec "$n" pgrep -x 'ods-signerd|ods-enforcerd|ods-syncd' ||
			return 1
	done
}

@test "after stop --all nothing of ours is left, after start it signs" {
	from=$(lab_now) active=$(promoted_node)
	node_exec n1 pcs cluster stop --all
	wait_for 60 "no daemon is left" nothing_of_ours
	# For an admin who starts OpenDNSSEC there by hand.
	node_exec "$active" test -e "$ODS_VAR/enforcer/zones.xml"
	serials_now >"$LAB_DIR/before"
	node_exec n1 pcs cluster start --all --wait=60
	story_settled
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

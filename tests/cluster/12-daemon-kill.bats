#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Each daemon is killed alone on the active node: it is started again, at most
# one role change, nothing bad is answered.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	active=$(promoted_node)
	from=$(lab_now)
}

daemon_pid() { node_exec "$active" pgrep -ox "$1"; }
other_pid() { [ "$(daemon_pid "$1")" != "$2" ] && daemon_pid "$1"; }

# worker_pid: the child of ods-syncd's parent process.
worker_pid() { node_exec "$active" pgrep -P "$(daemon_pid ods-syncd)" -x ods-syncd; }
other_worker() { [ "$(worker_pid)" != "$1" ] && worker_pid; }

signer_where_promoted() { runs_on signer "$(promoted_node)"; }

all_clean()
{
	edits_arrive
	story_settled
	story_verdict "$from" | sed 's/^/# /' >&3
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

@test "ods-signerd killed: it signs again" {
	pid=$(daemon_pid ods-signerd)
	node_exec "$active" kill -KILL "$pid"
	wait_for 60 "another signer" other_pid ods-signerd "$pid"
	wait_for 60 "signer started" signer_where_promoted
	all_clean
}

@test "ods-enforcerd killed: it runs again" {
	pid=$(daemon_pid ods-enforcerd)
	node_exec "$active" kill -KILL "$pid"
	wait_for 60 "another enforcer" other_pid ods-enforcerd "$pid"
	all_clean
}

@test "the worker of ods-syncd killed: no role change" {
	pid=$(worker_pid)
	node_exec "$active" kill -KILL "$pid"
	wait_for 30 "another worker" other_worker "$pid"
	all_clean
	promoted_is "$active"
}

# kill_syncd NODE: parent and worker at once.
kill_syncd()
{
	# shellcheck disable=SC2046 # two pids
	node_exec "$1" kill -KILL $(node_exec "$1" pgrep -x ods-syncd)
}
other_syncd()
{
	local now
	now=$(node_exec "$1" pgrep -ox ods-syncd) && [ "$now" != "$2" ]
}
roles_changed() { node_exec "$1" journalctl -q -o cat --since "@${2%.*}" | grep -c 'source of term'; }

@test "all of ods-syncd killed on the standby: it is a holder again" {
	standby=$(other_node "$active")
	pid=$(node_exec "$standby" pgrep -ox ods-syncd)
	kill_syncd "$standby"
	wait_for 60 "another ods-syncd" other_syncd "$standby" "$pid"
	all_clean
	promoted_is "$active"
}

@test "all of ods-syncd killed on the active node: at most one role change" {
	pid=$(daemon_pid ods-syncd)
	kill_syncd "$active"
	wait_for 60 "another ods-syncd" other_syncd "$active" "$pid"
	wait_for 60 "a promoted node" promoted_node
	wait_for 60 "signer and enforcer" daemons_on "$(promoted_node)"
	all_clean
	[ "$(($(roles_changed n1 "$from") + $(roles_changed n2 "$from")))" -eq 1 ]
	for n in n1 n2; do
		run fenced_since "$from" "$n"
		[ "$status" -ne 0 ]
	done
}

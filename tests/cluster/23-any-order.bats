#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Both nodes go down, by command or by loss of power, in any order, and one of
# them returns alone, with quorum and fencing by an operator's word.  The last
# holder may go on; who cannot know that it was the last one may not, until the
# other one is there.  About 10 minutes.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	fence_start
	from=$(lab_now)
	a=$(promoted_node)
	b=$(other_node "$a")
	serials_now >"$LAB_DIR/before"
}

down() # NODE stop|cut
{
	case $2 in
	stop) node_exec "$1" pcs cluster stop --force ;;
	cut) node_kill "$1" ;;
	esac
}

# back NODE: it starts in a cluster where the other one already runs.
back()
{
	if node_running "$1"; then
		node_exec "$1" pcs cluster start
	else
		node_start "$1"
	fi
}

goes_on_alone()
{
	fence_stop
	alone_up "$1"
	wait_for 60 "$1 is promoted" promoted_is "$1"
	wait_for 60 "signer on $1" runs_on signer "$1"
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	fence_start
}

# refuses_alone NODE OTHER: and says that the other one is missing.
refuses_alone()
{
	fence_stop
	alone_up "$1"
	never_promoted "$1" 15
	status_line "$1" | sed 's/^/# /' >&3
	status_has "$1" CRITICAL
	status_has "$1" "$(cluster_name "$2")"
	fence_start
}

# both_go_on SOURCE: the other one is back, too; that one signs.
both_go_on()
{
	story_settled
	promoted_is "$1"
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	clean_since "$from"
}

# alone_then_down HOW: b stops, a publishes on alone and goes down, too.
alone_then_down()
{
	down "$b" stop
	edits_arrive
	serials_now >"$LAB_DIR/before"
	down "$a" "$1"
	sleep 2
}

@test "standby stops, source stops; the source returns alone: it goes on" {
	alone_then_down stop
	goes_on_alone "$a"
	back "$b"
	both_go_on "$a"
}

@test "standby stops, source loses power; the source returns alone: it goes on" {
	alone_then_down cut
	goes_on_alone "$a"
	back "$b"
	both_go_on "$a"
}

@test "standby stops, source stops; the standby returns alone: it waits" {
	alone_then_down stop
	refuses_alone "$b" "$a"
	back "$a"
	both_go_on "$a"
}

@test "standby stops, source loses power; the standby returns alone: it waits" {
	alone_then_down cut
	refuses_alone "$b" "$a"
	back "$a"
	both_go_on "$a"
}

@test "source stops, the other one takes over and loses power; the first returns alone: it waits" {
	down "$a" stop
	wait_for 60 "$b is promoted" promoted_is "$b"
	wait_for 60 "signer on $b" runs_on signer "$b"
	edits_arrive
	serials_now >"$LAB_DIR/before"
	down "$b" cut
	sleep 2
	refuses_alone "$a" "$b"
	back "$b"
	both_go_on "$b"
}

@test "both lose power; one returns alone: it waits for the other holder" {
	power_cut
	sleep 2
	refuses_alone "$b" "$a"
	back "$a"
	story_settled
	edits_arrive
	serials_all_above "$LAB_DIR/before"
	clean_since "$from"
}

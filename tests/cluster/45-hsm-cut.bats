#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The HSM goes away, refuses the PIN, is another one: what moves, how often, and
# what does not (docs/hsm.md).  Each test leaves the cluster as it was; the
# observer sees nothing of any of it.  About 12 minutes.

load common

setup_file() { story_start && edits_start; }

teardown_file() { lab_end; }

setup()
{
	lab_attach
	wait_for 120 "one source, one holder" story_settled
	active=$(promoted_node)
	standby=$(other_node "$active")
	term=$(term_now)
	from=$(lab_now)
}

# hsm_is NODE WORD: ok, lost, unknown.
hsm_is() { [ "$(node_attribute "$1" ods-hsm)" = "$2" ]; }

# no_move SECONDS: the role stays where it is, in its term.
no_move()
{
	local end=$(($(date +%s) + $1))
	while [ "$(date +%s)" -lt "$end" ]; do
		promoted_is "$active" || return 1
		sleep 2
	done
	[ "$(term_now)" -eq "$term" ]
}

# one_move: the standby has the role, by one promotion, and goes on.
one_move()
{
	promoted_is "$standby" && [ "$(term_now)" -eq $((term + 1)) ]
}

# good: what a signer sent into the cut is sent again after a while.
good()
{
	wait_for 180 "edits arrive" edits_arrive
	clean_since "$from"
}

@test "cut for less than three probes: nothing moves" {
	hsm_cut "$active"
	sleep 15
	hsm_mend "$active"
	no_move 45
	hsm_is "$active" ok
	good
}

@test "cut from the active node for longer: one move, and none back" {
	hsm_cut "$active"
	wait_for 150 "the other node is promoted" promoted_is "$standby"
	hsm_is "$active" lost
	wait_for 60 "signer and enforcer there" daemons_on "$standby"
	hsm_mend "$active"
	wait_for 60 "the HSM is back" hsm_is "$active" ok
	sleep 20
	good
	one_move
}

@test "cut from both: nothing moves, what is published is served" {
	local before
	hsm_cut "$standby"
	wait_for 150 "lost on the standby" hsm_is "$standby" lost
	hsm_cut "$active"
	wait_for 150 "lost on both" hsm_is "$active" lost
	no_move 30
	before=$(ns_serial "$(zones | head -1)")
	[ -n "$before" ]
	hsm_mend "$active"
	hsm_mend "$standby"
	wait_for 60 "the HSM is back" hsm_is "$active" ok
	wait_for 60 "the HSM is back" hsm_is "$standby" ok
	no_move 10
	good
}

# pin_is NODE PIN: in its conf.xml.
pin_is()
{
	node_exec "$1" sed -i "s,<PIN>.*</PIN>,<PIN>$2</PIN>," \
		/etc/opendnssec/conf.xml
}

why_has() { [[ $(node_attribute "$1" ods-why-state) == *"$2"* ]]; }

@test "a wrong PIN on the active node: one move, one try, and it says so" {
	pin_is "$active" 9999
	wait_for 150 "the other node is promoted" promoted_is "$standby"
	wait_for 60 "signer and enforcer there" daemons_on "$standby"
	wait_for 90 "why it is not promotable" why_has "$active" PIN
	node_exec "$active" ods-cluster status | sed 's/^/# /' >&3
	pin_is "$active" "$LAB_PIN"
	wait_for 60 "the PIN is taken" hsm_is "$active" ok
	wait_for 120 "it is a holder that is ready" why_has "$active" ready
	good
	one_move
}

# token_swap: the HSM has an empty token of the same label and PIN; a second
# time: it has its own again.
token_swap()
{
	node_sh hsm "$LAB_TOKEN" "$LAB_PIN" <<-'EOS'
	set -e
	cd /var/lib/softhsm
	systemctl stop lab-hsm
	if [ -d kept ]; then
		rm -rf tokens
		mv kept tokens
	else
		cp -a tokens kept
		rm -rf tokens/*
		softhsm2-util --init-token --free --label "$1" --pin "$2" \
			--so-pin "$2" >/dev/null
	fi
	systemctl start lab-hsm
	EOS
}

# Nobody tells of a token that was replaced: a look is due with conf.xml.
look_now() { node_exec "$active" touch /etc/opendnssec/conf.xml; }

status_on() { node_exec "$active" ods-cluster status; }
held_for_a_key() { status_on | grep -q '^Held: .*is not in this node.s token: '; }
held_no_more() { ! held_for_a_key; }

@test "the token is another one: its zones are held by name, nothing moves" {
	token_swap
	look_now
	wait_for 120 "zones are held for a key" held_for_a_key
	status_on | sed 's/^/# /' >&3
	wait_for 20 "the reason is shown" why_has "$active" \
		"is not in this node's token"
	node_exec "$active" ods-cluster explain | grep -q '^  held  '
	no_move 20
	token_swap
	look_now
	wait_for 150 "they are held no more" held_no_more
	no_move 5
	# The signer's sessions were with the token that is gone.
	crm pcs resource restart signer >/dev/null
	wait_for 60 "the signer runs" runs_on signer "$active"
	good
}

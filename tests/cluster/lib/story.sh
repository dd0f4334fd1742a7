# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What the stories with our resources share: a signing cluster, one takeover
# and its timeline.

# story_state: what the cluster and our daemons say.
story_state()
{
	local n
	timeout 10 podman exec "$LAB_PREFIX-$(cluster_seen)" \
		crm_mon -1AfR 2>&1 | sed -n '/^Node List/,$p'
	for n in $(lab_nodes); do
		echo "--- $n"
		node_exec "$n" journalctl -q -o short-precise --no-pager -n 400 2>&1 |
			grep -E 'ods-syncd|state\(|signer\(|enforcer\(|Result of' |
			tail -25
	done
}

# story_start [NODE...]: from nothing to a cluster of these nodes (all) that
# signs and is observed.
story_start() { story_begin "$@" || { story_state >&2; return 1; }; }

story_begin()
{
	local rpm n
	rpm=$(lab_rpm) || { lab_die 'no RPM in the build directory: make rpm'; return 1; }
	lab_down && lab_up && cluster_form "$@" && ods_configure "$@" &&
		ns_configure && install_rpm "$rpm" "$@" && cluster_create &&
		wait_for 60 "a promoted node" promoted_node &&
		n=$(promoted_node) &&
		wait_for 60 "signer and enforcer on $n" daemons_on "$n" || return 1
	lab_say "signing $(zone_count) zones on $n"
	zones_write "$n" && zones_add "$n" && story_sign "$n" &&
		wait_for 60 "ns serves every zone" ns_serves_all &&
		observer_start "$n" &&
		wait_for 30 "every answer is secure" observer_all_secure &&
		wait_for 60 "every standby is a holder" standbys_hold "$n"
}

# story_sign NODE: what an admin does after adding zones.  A zone that the
# signer missed is ods-syncd's to tell (helpers/syncd/zonelist.c).  The first
# version of a zone may have no signature over its SOA when an update came
# while it was signed: that one is not published.
story_sign()
{
	wait_for 90 "enforcer is idle" enforcer_idle "$1" &&
		wait_for 120 "every zone is signed" zones_signed "$1" &&
		node_exec "$1" timeout 20 ods-signer sign --all >/dev/null &&
		return 0
	node_exec "$1" journalctl -q --no-pager -n 200 |
		grep -E 'ods-(signer|enforcer)d|signer\(|enforcer\(|controld' |
		tail -30 | cut -c1-200 >&2
	return 1
}

daemons_on() { runs_on signer "$1" && runs_on enforcer "$1"; }

# standbys_hold SOURCE: every other node of the cluster is a holder.
standbys_hold()
{
	local n
	for n in $(cluster_nodes); do
		[ "$n" = "$1" ] || is_holder "$n" || return 1
	done
}

# is_holder NODE: by the attribute that ods-syncd keeps.
is_holder() { [ "$(node_attribute "$1" ods-role-state)" = holder ]; }

# node_attribute NODE NAME: a transient attribute.
node_attribute()
{
	crm attrd_updater -Q -n "$2" -N "$(cluster_name "$1")" 2>/dev/null |
		sed -n 's/.* value="\([^"]*\)".*/\1/p'
}

# serials_now: "ZONE SERIAL" as ns serves it; fails when it does not answer.
serials_now()
{
	local z s
	for z in $(zones); do
		s=$(ns_serial "$z")
		[ -n "$s" ] || { lab_die "ns does not answer for $z"; return 1; }
		echo "$z $s"
	done
}

# serials_all_above FILE: ns serves for every zone a serial above that one.
serials_all_above()
{
	local z s
	while read -r z s; do
		ns_above "$z" "$s" || return 1
	done <"$1"
}

# journal_when NODE SINCE PATTERN: when its log first said that, in seconds.
journal_when()
{
	node_exec "$1" journalctl -q -o short-unix --since "@${2%.*}" |
		awk -v since="$2" -v pattern="$3" \
			'$1 >= since && $0 ~ pattern { print $1; exit }'
}

# vip_probe_start: when the hidden primary on the virtual IP answers and when
# it does not, seen from outside, ten times a second.
vip_probe_start()
{
	# shellcheck disable=SC2016 # expanded in the container
	lab_detach vip podman exec "$LAB_PREFIX-observer" bash -c '
		while sleep 0.1; do
			dig +short +time=1 +tries=1 @"$1" "$2" SOA |
				grep -q "^[^;]" && echo "$(date +%s.%3N)"
		done' bash "$LAB_VIP" "$(zones | head -1)"
}

vip_probe_stop() { node_exec observer pkill -f 'while sleep 0.1' || true; }

# vip_back TIME: the first answer after the longest silence since then.
vip_back()
{
	awk -v t="$1" '$1 >= t {
		if (last && $1 - last > longest) { longest = $1 - last; at = $1 }
		last = $1 } END { print at }' "$LAB_DIR/vip.log"
}

# first_new_serial TIME: when ns took over the first version since then.
first_new_serial() { ns_history "$1" | awk -v t="$1" '$1 > t { print $1; exit }'; }

# takeover_timeline KILLED SURVIVOR TIME: "WORD SECONDS" lines, counted from
# the kill; a line without a number did not happen.
takeover_timeline()
{
	local name survivor=$2 t=$3 fenced
	name=$(cluster_name "$1")
	fenced=$(journal_when "$survivor" "$t" \
		"Operation '(reboot|off)' targeting $name .*(OK|complete)")
	{
		echo "lost $(journal_when "$survivor" "$t" "Node $name state is now lost")"
		echo "fenced $fenced"
		echo "promoted $(journal_when "$survivor" "$t" 'Result of promote operation for state .*: ok')"
		echo "served $(vip_back "$t")"
		echo "signer_ready $(journal_when "$survivor" "$t" 'Result of start operation for signer .*: ok')"
		echo "new_serial $(first_new_serial "${fenced:-$t}")"
	} | awk -v t="$t" '{ printf $2 == "" ? "%s -\n" : "%s %.2f\n", $1, $2 - t }'
}

# signatures NODE SINCE: "reused total" over the first signing of each zone.
signatures()
{
	sign_stats "$1" "$2" | awk '!seen[$1]++ { new += $3; reused += $4 }
		END { print reused + 0, new + reused }'
}

# fresh_reused NODE SINCE: at the first signing of each zone there all is reused
# but the signatures of the SOA and of the one record that edits change.  Says
# which zone does not, and fails.
fresh_reused()
{
	sign_stats "$1" "$2" | awk '
		!seen[$1]++ { zones++; if ($4 == 0 || $3 > 2) {
			print $1, "signed", $3, "anew, reused", $4; bad = 1 } }
		END { exit bad || zones == 0 }'
}

# distribution: of the numbers on stdin, one a line.
distribution()
{
	sort -n | awk '{ v[NR] = $1 } END { if (NR)
		printf "min %.2f, median %.2f, p90 %.2f, max %.2f (%d)\n", v[1],
			v[int((NR + 1) / 2)], v[int(NR * 0.9 + 0.999)], v[NR], NR }'
}

# kill_active SECONDS-RANGE [COMMAND...]: kills the active node at a random
# moment, runs the command and waits for the takeover.  Sets KILLED SURVIVOR KILLED_AT KILLED_AFTER_MS.
kill_active()
{
	local wait_ms=$((RANDOM % ($1 * 1000)))
	# shellcheck disable=SC2034 # the stories print it
	KILLED_AFTER_MS=$wait_ms
	KILLED=$(promoted_node) || return 1
	sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
	serials_now >"$LAB_DIR/before" || return 1
	KILLED_AT=$(lab_now)
	node_kill "$KILLED"
	lab_say "killed $KILLED after $wait_ms ms, at $KILLED_AT"
	[ $# -lt 2 ] || "${@:2}" || return 1
	wait_for 60 "another node is promoted" promoted_but "$KILLED" &&
		SURVIVOR=$(promoted_node) &&
		wait_for 60 "signer on $SURVIVOR" runs_on signer "$SURVIVOR"
}

# term_now: each promotion begins one.
term_now()
{
	crm ods-cluster --json status | sed -n 's/.*"term": *\([0-9]*\).*/\1/p' |
		head -1
}

promoted_is() { [ "$(promoted_node)" = "$1" ]; }

# promoted_but NODE: a node is promoted, and it is not that one.
promoted_but()
{
	local n
	n=$(promoted_node) && [ "$n" != "$1" ]
}

# all_online: every node of the cluster, by every node's own view.
all_online()
{
	local n names=()
	for n in $(cluster_nodes); do
		names+=("$(cluster_name "$n")")
	done
	[ ${#names[@]} -gt 0 ] && cluster_online "${names[@]}"
}

# story_settled: all nodes online, one source, the others holders, by
# themselves.
story_settled()
{
	local n
	wait_for 90 "all nodes online" all_online &&
		wait_for 60 "a promoted node" promoted_node &&
		n=$(promoted_node) &&
		wait_for 60 "signer and enforcer on $n" daemons_on "$n" &&
		wait_for 60 "the others are holders" standbys_hold "$n"
}

# story_verdict FROM: the observer's whole journal since then is clean.
story_verdict()
{
	local to
	to=$(date +%s)
	wait_for 10 "a line of the observer" observer_reached "$to" || true
	observer_judge "$1" "$to"
}

promoted_noted() { promoted_node >"$LAB_DIR/promoted"; }

# edits_arrive: an edit of every zone is served, with a higher serial.
edits_arrive()
{
	local n z
	# A node that has just booted answers before it knows of the others: it
	# may be the one that is asked next.
	wait_for 20 "a promoted node" promoted_noted || return 1
	n=$(<"$LAB_DIR/promoted")
	serials_now >"$LAB_DIR/before-edit" || return 1
	for z in $(zones); do
		wait_for 20 "an edit of $z is taken" zone_edit "$n" "$z" ||
			return 1
	done
	wait_for 30 "a higher serial of every zone" \
		serials_all_above "$LAB_DIR/before-edit"
}

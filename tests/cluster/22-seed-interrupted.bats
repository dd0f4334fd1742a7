#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# A fresh node gets BULK (200) MB over a slow data connection and is interrupted
# three times: its worker, the whole node, the connection.  Each time the copy
# goes on where it was.  It is never promotable before it has everything, and
# has everything in the end, byte by byte.  About 6 minutes.

load common

setup_file()
{
	story_start && edits_start
}

teardown_file() { lab_end; }

# Slow enough that the copy is not over when a busy machine looks.
MB_A_SECOND=4

setup()
{
	lab_attach
	source=$(promoted_node)
	fresh=$(other_node "$source")
}

# make_fresh: as after a new installation: no ledger, nothing of OpenDNSSEC.
make_fresh()
{
	node_exec "$fresh" pcs cluster stop
	node_sh "$fresh" <<-'EOS'
	set -e
	rm -rf /var/lib/ocf-ods/* /var/lib/opendnssec/*/*
	rm -f /var/lib/opendnssec/kasp.db*
	ods-enforcer-db-setup -f >/dev/null
	EOS
	ods_configure "$fresh" && ns_primary "$fresh"
}

# bulk: random bytes as unsigned files of nobody's zones, on the source.
bulk()
{
	node_sh "$source" "$ODS_VAR/unsigned/raw" "${BULK:-200}" <<-'EOS'
	set -e
	mkdir -p "$1"
	for ((i = 0; i < $2 / 10; i++)); do
		head -c 10000000 /dev/urandom >"$1/$i"
	done
	EOS
}

# slow: what the source sends on the data port.
slow()
{
	node_exec "$source" nft "add table inet labslow; add chain inet labslow out { type filter hook output priority 0; }; add rule inet labslow out tcp sport 6405 limit rate over $MB_A_SECOND mbytes/second burst 200 kbytes drop"
}

fast() { node_exec "$source" nft delete table inet labslow; }

# received: bytes that have come to the fresh node since its boot.
received()
{
	node_exec "$fresh" sh -c 'cat /proc/net/dev' |
		awk '/eth0:/ { print $2 }'
}

# more_than BYTES: so much more than at that mark has come.
more_than() { [ "$(received)" -gt $((mark + $1)) ]; }
under_way()
{
	mark=$(received)
	wait_for 180 "$1 MB have come" more_than $(($1 * 1000000))
}

# percent: what the fresh node says that it has; nothing while none is told.
percent()
{
	node_exec "$fresh" ods-cluster status 2>/dev/null |
		sed -n "s/^Copy to $fresh: \([0-9]*\) % of .*/\1/p"
}

copy_is_told() { told=$(percent) && [ -n "$told" ]; }

# remember_percent: before an interruption.
remember_percent()
{
	wait_for 30 "a copy is told" copy_is_told
	before=$told
}

# goes_on WHAT: the first that is told afterwards is no less than before, but
# for what had not been synced: 4 MiB of 200 MB.
goes_on()
{
	wait_for 120 "the copy goes on after $1" copy_is_told
	echo "# $1: $before %, then $told %" >&3
	[ "$told" -ge $((before - 4)) ] && [ "$told" -gt 10 ]
}

role() { node_attribute "$fresh" ods-role-state; }
worker_pid() { node_exec "$fresh" sh -c 'pgrep -P $(pgrep -ox ods-syncd) -x ods-syncd'; }

# not_ready: it is neither promotable nor a holder.
not_ready()
{
	local score
	[ "$(role)" != holder ] || return 1
	score=$(node_attribute "$fresh" master-state)
	[ -z "$score" ] || [ "$score" = -INFINITY ]
}

# watch_score: its promotion score, each second until it is a holder.
watch_score()
{
	local score
	while ! is_holder "$fresh"; do
		score=$(node_attribute "$fresh" master-state)
		is_holder "$fresh" && return
		echo "${score:-none}"
		sleep 1
	done
}

sums()
{
	node_sh "$1" <<-'EOS'
	cd /var/lib
	find opendnssec/unsigned opendnssec/signconf ocf-ods/published \
		opendnssec/kasp.db -type f ! -name '*.new' |
		sort | xargs sha256sum
	EOS
}

same_bytes()
{
	sums "$source" >"$LAB_DIR/sums.source" &&
		sums "$fresh" >"$LAB_DIR/sums.fresh" &&
		cmp "$LAB_DIR/sums.source" "$LAB_DIR/sums.fresh"
}

@test "interrupted three times, it goes on and has every byte" {
	from=$(lab_now)
	make_fresh
	bulk
	slow
	at=$(lab_now)
	node_exec "$fresh" pcs cluster start

	under_way 30
	not_ready
	for n in "$source" "$fresh"; do
		node_exec "$n" ods-cluster status >"$LAB_DIR/status" || true
		grep -E '^Copy|seeding' "$LAB_DIR/status" | sed 's/^/# /' >&3
		grep -qE "^Copy to $fresh: [0-9]+ % of .* MB/s, [0-9]+ s left" \
			"$LAB_DIR/status"
	done
	remember_percent
	node_exec "$fresh" kill -KILL "$(worker_pid)"
	goes_on "the worker was killed"

	under_way 30
	not_ready
	remember_percent
	node_kill "$fresh"
	wait_for 60 "$fresh is fenced and boots" node_booted "$fresh"
	goes_on "the node was killed"

	under_way 30
	not_ready
	remember_percent
	data_cut "$fresh"
	sleep 15
	not_ready
	data_mend "$fresh"
	goes_on "the connection was cut"

	watch_score >"$LAB_DIR/scores" &
	wait_for 180 "it is a holder" is_holder "$fresh"
	wait
	echo "# a holder $(awk -v a="$at" -v b="$(lab_now)" \
		'BEGIN { printf "%.0f", b - a }') s after its first start" >&3
	[ "$(grep -vcxE 'none|-INFINITY' "$LAB_DIR/scores")" -eq 0 ]
	fast
	edits_stop
	wait_for 60 "both have the same, byte by byte" same_bytes
	[ "$(grep -c unsigned/raw/ "$LAB_DIR/sums.fresh")" -eq \
		$((${BULK:-200} / 10)) ]
	clean_since "$from"
}

@test "and it can take over" {
	from=$(lab_now)
	node_exec "$source" pcs node standby "$(cluster_name "$source")"
	wait_for 60 "it is promoted" promoted_is "$fresh"
	wait_for 60 "signer and enforcer" daemons_on "$fresh"
	edits_arrive
	node_exec "$fresh" pcs node unstandby --all
	story_settled
	clean_since "$from"
}

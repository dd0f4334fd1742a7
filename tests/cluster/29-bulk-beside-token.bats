#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The nodes are on a switch with 100 Mbit/s and 150 KB of queue to each of them,
# which drops what is too much.  A fresh standby gets 100 MB: CPG, and with it
# all of Pacemaker, is as quick as on the idle link, and no token is lost.  The
# same by plain TCP is not so: the measure can tell.  About 4 minutes.

load common

MB=100
BANDWIDTH=60 # Mbit/s: 60 % of the link; a veth says that it has 10 Gbit/s
SECONDS_IDLE=15

setup_file()
{
	story_start && lab_host_packages iproute2 util-linux procps || return 1
	for n in $(lab_nodes); do
		link_shape "$n" && link_reno "$n" && time_install "$n" ||
			return 1
	done
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	source=$(promoted_node)
	fresh=$(other_node "$source")
}

# --- the link ----------------------------------------------------------------

# link_host NODE: the host's end of its link, a port of the switch.
link_host()
{
	local index
	index=$(node_exec "$1" ip -o link show eth0 |
		sed -n 's/.*eth0@if\([0-9]*\):.*/\1/p')
	ip -o link | awk -F'[:@ ]+' -v i="${index:-none}" '$1 == i { print $2 }'
}

# link_shape NODE: what the switch sends to it.  It ends with the container.
link_shape()
{
	tc qdisc replace dev "$(link_host "$1")" root \
		tbf rate 100mbit burst 16kb limit 150kb
}

# link_reno NODE: TCP that fills the queue; what this host has may be kinder.
# No other one can be set here unless the host allows it.
link_reno()
{
	local pid
	pid=$(pod inspect -f '{{.State.Pid}}' "$LAB_PREFIX-$1") &&
		nsenter -t "$pid" -n \
			sysctl -q -w net.ipv4.tcp_congestion_control=reno
}

# received: bytes that have come to the fresh node, and when.
received()
{
	echo "$(lab_now) $(node_exec "$fresh" cat /proc/net/dev |
		awk '/eth0:/ { print $2 }')"
}

# more_than MB: so much more than at that mark has come.
more_than()
{
	local bytes
	read -r _ bytes < <(received)
	[ "$bytes" -gt $((mark + $1 * 1000000)) ]
}

# --- CPG ---------------------------------------------------------------------

time_install()
{
	# The container has no headers of Corosync; it has this host's libraries.
	[ -x "$LAB_DIR/cpgtime" ] ||
		${CC:-cc} -O2 -Wall -Wextra -Werror -o "$LAB_DIR/cpgtime" \
			"$BATS_TEST_DIRNAME/cpgtime.c" -lcpg || return 1
	node_write "$1" /usr/local/bin/cpgtime 755 <"$LAB_DIR/cpgtime"
}

# time_start NAME SECONDS: messages are timed from now on, on the source.
time_start()
{
	lab_detach "$1" podman exec "$LAB_PREFIX-$source" cpgtime "$2"
}

# time_has NAME LINES: that many messages have come back.
time_has() { [ "$(wc -l <"$LAB_DIR/$1.log")" -ge "$2" ]; }

# time_between NAME FROM TO: "messages p50 p99 max" of what was due then.
time_between()
{
	awk -v from="$2" -v to="$3" '$1 >= from && $1 < to { print $2 }' \
		"$LAB_DIR/$1.log" | sort -n | awk '{ v[NR] = $1 } END {
		if (NR) printf "%d %.2f %.2f %.2f\n", NR, v[int((NR + 1) / 2)],
			v[int(NR * 0.99 + 0.999)], v[NR] }'
}

# time_show WHAT "N P50 P99 MAX"
time_show()
{
	echo "# CPG, $1: $2" |
		awk '{ $(NF - 3) = $(NF - 3) " messages, p50"
			$(NF - 1) = "p99 " $(NF - 1); $NF = "max " $NF " ms"
			print }' >&3
}

# as_idle "N P50 P99 MAX" SECONDS: nothing was in the way for so long.  The p99
# is at most three times that of the idle link, and 5 ms for a busy host; the
# median is at most twice that of the idle link, and 2 ms.  A full queue alone
# is 12 ms.
as_idle()
{
	local idle
	idle=$(cat "$LAB_DIR/idle") || return 1
	awk -v s="$2" '
		NR == 1 { p50 = 2 * $2 + 2; p99 = 3 * $3 + 5; next }
		{ bad = $2 > p50 || $3 > p99 || $1 < s * 50 - 50 }
		END { exit NR < 2 || bad }' <<<"$idle"$'\n'"$1"
}

# token_trouble FROM TO: what Corosync says when the ring suffers.
token_trouble()
{
	local n
	for n in $(lab_nodes); do
		node_exec "$n" journalctl -q -o short-precise -t corosync \
			--since "@${1%.*}" --until "@$((${2%.*} + 2))"
	done | grep -E 'Token has not been received|A processor (failed|joined)|FAILED TO RECEIVE|Process pause|was not scheduled|[Nn]ew membership|link: .* is down'
}

# --- ods-syncd ---------------------------------------------------------------

# syncd_peak NODE: the most memory that its worker ever had, in kB.
syncd_peak()
{
	node_exec "$1" sh -c "awk '/^VmHWM/ { print \$2 }' \
		/proc/\$(pgrep -P \$(pgrep -ox ods-syncd) -x ods-syncd)/status"
}

syncd_gone() { ! node_exec "$1" pgrep -x ods-syncd; }

# copy_rate: MB/s of the copy, by the source's status; nothing without a copy.
copy_rate()
{
	node_exec "$source" ods-cluster status |
		sed -n "s/^Copy to $(cluster_name "$fresh"): .* MB, \([0-9.]*\) MB\/s.*/\1/p"
}

# about_bandwidth RATE PERCENT: MB/s, from three quarters to so much of it.
about_bandwidth()
{
	awk -v rate="$1" -v want="$BANDWIDTH" -v most="$2" 'BEGIN {
		want /= 8
		exit !(rate >= want * 0.75 && rate <= want * most / 100) }'
}

# make_fresh: as after a new installation; Corosync and Pacemaker run on.
make_fresh()
{
	node_exec "$source" pcs resource ban state-clone "$(cluster_name "$fresh")"
	wait_for 60 "ods-syncd on $fresh has ended" syncd_gone "$fresh"
	node_sh "$fresh" <<-'EOS'
	set -e
	rm -rf /var/lib/ocf-ods/* /var/lib/opendnssec/*/*
	rm -f /var/lib/opendnssec/kasp.db*
	EOS
	ods_configure "$fresh" && ns_primary "$fresh"
}

# bulk: random bytes as unsigned files of nobody's zones, on the source.
bulk()
{
	node_sh "$source" "$ODS_VAR/unsigned/raw" "$MB" <<-'EOS'
	set -e
	mkdir -p "$1"
	for ((i = 0; i < $2 / 10; i++)); do
		head -c 10000000 /dev/urandom >"$1/$i"
	done
	EOS
}

# sink: takes in whatever comes to port 7007 of the fresh node, for a minute.
sink()
{
	lab_detach sink podman exec "$LAB_PREFIX-$fresh" timeout 60 \
		socat -u TCP-LISTEN:7007,reuseaddr,fork OPEN:/dev/null
	wait_for 10 "port 7007 on $fresh" sink_listens
}

sink_listens() { node_exec "$fresh" ss -Hltn sport = :7007 | grep -q LISTEN; }

# flood: MB as fast as it goes, by four connections.
flood()
{
	node_sh "$source" "$(lab_ip "$fresh")" $((MB / 4)) <<-'EOS'
	for i in 1 2 3 4; do
		head -c "${2}000000" /dev/zero | socat -u - "TCP:$1:7007" &
	done
	wait
	EOS
}

@test "a copy of 100 MB: CPG is as quick as on the idle link, no token is lost" {
	from=$(lab_now)
	term=$(term_now)
	node_exec "$source" pcs resource update state bandwidth=$BANDWIDTH
	story_settled
	promoted_is "$source"
	make_fresh
	peak=$(syncd_peak "$source")
	bulk
	sleep 10

	time_start bulk 180
	sleep 1
	idle_from=$(lab_now)
	sleep $SECONDS_IDLE
	idle_to=$(lab_now)

	read -r _ mark < <(received)
	node_exec "$source" pcs resource clear state-clone
	wait_for 60 "the copy begins" more_than 2
	read -r copy_from first < <(received)
	wait_for 120 "two thirds have come" more_than $((MB * 2 / 3))
	node_exec "$source" ods-cluster status | grep '^Copy' | sed 's/^/# /' >&3
	told=$(copy_rate)
	wait_for 60 "nearly all has come" more_than $((MB * 95 / 100))
	read -r copy_to last < <(received)
	took=$(awk -v a="$copy_from" -v b="$copy_to" 'BEGIN { printf "%.2f", b - a }')
	rate=$(awk -v s="$took" -v n=$((last - first)) 'BEGIN { printf "%.2f", n / s / 1e6 }')
	wait_for 120 "$fresh is a holder" is_holder "$fresh"
	done=$(lab_now)

	time_between bulk "$idle_from" "$idle_to" >"$LAB_DIR/idle"
	time_between bulk "$copy_from" "$copy_to" >"$LAB_DIR/copy"
	time_show "idle" "$(cat "$LAB_DIR/idle")"
	time_show "during the copy" "$(cat "$LAB_DIR/copy")"
	echo "# $rate MB/s on the link over $took s, status says $told MB/s" >&3
	now=$(syncd_peak "$source")
	echo "# ods-syncd on $source: at most $peak kB before, $now kB with the copy; on $fresh $(syncd_peak "$fresh") kB" >&3

	as_idle "$(cat "$LAB_DIR/copy")" "${took%.*}"
	run token_trouble "$idle_from" "$done"
	echo "$output" | sed 's/^/# /' >&3
	[ -z "$output" ]
	about_bandwidth "$rate" 115 # with headers, and Corosync's own
	about_bandwidth "$told" 120
	# Neither the copy nor the files lie in memory.
	[ $((now - peak)) -lt $((MB * 1000 / 3)) ]
	[ "$(syncd_peak "$fresh")" -lt $((MB * 1000 / 2)) ]
	story_settled
	promoted_is "$source"
	[ "$(term_now)" -eq "$term" ]
	clean_since "$from"
}

@test "the same by plain TCP: CPG is not" {
	sink
	time_start flood 40
	sleep 1
	flood_from=$(lab_now)
	flood
	flood_to=$(lab_now)
	wait_for 90 "the last messages" time_has flood $((40 * 50))
	time_between flood "$flood_from" "$flood_to" >"$LAB_DIR/unpaced"
	time_show "during $MB MB by plain TCP" "$(cat "$LAB_DIR/unpaced")"
	run token_trouble "$flood_from" "$flood_to"
	echo "$output" | sed 's/^/# /' >&3
	took=$(awk -v a="$flood_from" -v b="$flood_to" 'BEGIN { printf "%d", b - a }')
	echo "# it took $took s" >&3
	run as_idle "$(cat "$LAB_DIR/unpaced")" "$took"
	[ "$status" -ne 0 ]
	awk 'NR == 1 { p50 = $2; p99 = $3; next }
		{ exit !($2 >= 3 * p50 && $3 > p99) }' \
		"$LAB_DIR/copy" "$LAB_DIR/unpaced"
}

@test "nobody was fenced" {
	for n in n1 n2; do
		run fenced_since 0 "$n"
		[ "$status" -ne 0 ]
	done
	story_settled
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Name servers.  On the nodes NSD is a hidden primary on the virtual IP that
# serves the published zones; in ns it is the public secondary.

LAB_PUBLISHED=/var/lib/ocf-ods/published

nsd_server()
{
	cat <<-CONF
	server:
	  ip-address: $1
	  ip-transparent: yes
	  log-only-syslog: yes
	  verbosity: 2
	  server-count: 1
	  zonesdir: "$2"
	  hide-version: yes
	remote-control:
	  control-enable: yes
	  control-interface: /run/nsd/nsd.ctl
	CONF
}

nsd_hidden_primary()
{
	local z
	nsd_server "$LAB_VIP" "$LAB_PUBLISHED"
	for z in $(zones); do
		cat <<-CONF
		zone:
		  name: "$z"
		  zonefile: "$z"
		  provide-xfr: $(lab_ip ns) NOKEY
		  notify: $(lab_ip ns) NOKEY
		CONF
	done
}

nsd_secondary()
{
	local z
	nsd_server "$(lab_ip ns)" /var/lib/nsd
	for z in $(zones); do
		cat <<-CONF
		zone:
		  name: "$z"
		  zonefile: "$z"
		  request-xfr: $LAB_VIP NOKEY
		  allow-notify: $LAB_NET.0/24 NOKEY
		  provide-xfr: $(lab_ip observer) NOKEY
		  max-retry-time: 5
		CONF
	done
}

# ns_primary NODE...: a hidden primary there, that Pacemaker starts.
ns_primary()
{
	local n
	for n; do
		nsd_hidden_primary | node_write "$n" /etc/nsd/nsd.conf &&
			node_exec "$n" mkdir -p "$LAB_PUBLISHED" || return 1
	done
}

# ns_configure: nodes and ns.
ns_configure()
{
	# shellcheck disable=SC2046 # a list
	ns_primary $(lab_nodes) || return 1
	nsd_secondary | node_write ns /etc/nsd/nsd.conf &&
		node_exec ns systemctl restart nsd
}

# ns_serial ZONE: what the world gets; nothing when there is no answer (dig says
# so on stdout, after a ";").
ns_serial()
{
	node_exec observer dig +short +time=1 +tries=3 @"$(lab_ip ns)" "$1" SOA |
		awk '!/^;/ && !n++ { print $3 }'
}

ns_serves() { [ -n "$(ns_serial "$1")" ]; }

ns_serves_all()
{
	local z
	for z in $(zones); do
		ns_serves "$z" || return 1
	done
}

# ns_above ZONE SERIAL: ns serves a serial above that one (RFC 1982).
ns_above()
{
	local s
	s=$(ns_serial "$1")
	[ -n "$s" ] && serial_gt "$s" "$2"
}

# serial_gt A B: A is above B in the arithmetic of RFC 1982.
serial_gt()
{
	local d=$((($1 - $2) & 0xffffffff))
	[ $d -gt 0 ] && [ $d -lt $((0x80000000)) ]
}

# ns_history [SINCE]: every version that ns took over, "TIME ZONE SERIAL", by
# its own log.
ns_history()
{
	node_exec ns journalctl -q -o short-unix -u nsd --since "@${1:-0}" |
		sed -n 's/^\([0-9.]*\) .*zone \([^ ]*\) serial [0-9]* is updated to \([0-9]*\).*/\1 \2 \3/p'
}

# ns_versions: "ZONE SERIAL SIGNATURE" of the SOA of every zone, as ns serves
# it.  The signature tells two versions of one serial apart.
ns_versions()
{
	# shellcheck disable=SC2046 # a list
	node_sh observer "$(lab_ip ns)" $(zones) <<-'EOS'
	ns=$1
	shift
	for z; do
		dig +short +dnssec +nosplit +time=1 +tries=3 @"$ns" "$z" SOA |
			awk -v z="$z" '/^;/ { next }
			$1 == "SOA" { sig = $NF; next } { serial = $3 }
			END { if (!sig) exit 1; print z, serial, sig }' || exit 1
	done
	EOS
}

# node_versions NODE: the same of the versions that lie there: those that were
# published, and those that a successor would publish first.
node_versions()
{
	# shellcheck disable=SC2046 # a list
	node_sh "$1" "${LAB_PUBLISHED%/*}" $(zones) <<-'EOS'
	dir=$1
	shift
	for z; do
		for f in "$dir/published/$z" "$dir/pending/$z"; do
			[ -f "$f" ] || continue
			awk -v z="$z" '$4 == "SOA" && !serial { serial = $7 }
			$4 == "RRSIG" && $5 == "SOA" { print z, serial, $NF; exit }' "$f"
		done
	done
	EOS
}

# has_versions NODE FILE: it has each version of that list, or a higher one.
has_versions()
{
	node_versions "$1" | awk '
	function above(a, b,  d) { d = a - b; if (d < 0) d += 4294967296
		return d > 0 && d < 2147483648 }
	NR == FNR { serial[$1, ++n[$1]] = $2; sig[$1, n[$1]] = $3; next }
	{ ok = 0
	  for (i = 1; i <= n[$1]; i++)
		ok += above(serial[$1, i], $2) ||
			(serial[$1, i] == $2 && sig[$1, i] == $3)
	  lines++
	  if (!ok) bad = 1 }
	END { exit bad || !lines }' - "$2"
}

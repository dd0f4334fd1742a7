# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Two nodes with fencing and our package, each with a token and a database of
# its own, as the packages of OpenDNSSEC leave them: no network HSM, no public
# name server.

pair_up()
{
	local rpm n
	rpm=$(lab_rpm) || { lab_die 'no RPM in the build directory: make rpm'; return 1; }
	# shellcheck disable=SC2034 # the lab reads it
	LAB_CONTAINERS=(n1 n2)
	lab_down && lab_init && lab_image && lab_network || return 1
	for n in n1 n2; do
		node_create "$n" && node_start "$n" || return 1
	done
	fence_start && cluster_form && install_rpm "$rpm" &&
		pair_configure n1 && pair_configure n2
}

# pair_configure NODE: a token there, configuration, an empty database.
pair_configure()
{
	local module=/usr/lib/softhsm/libsofthsm2.so
	node_exec "$1" softhsm2-util --init-token --free --label "$LAB_TOKEN" \
		--pin "$LAB_PIN" --so-pin "$LAB_PIN" >/dev/null &&
		conf_xml "$module" | node_write "$1" /etc/opendnssec/conf.xml 640 &&
		kasp_xml | node_write "$1" /etc/opendnssec/kasp.xml 640 &&
		echo '<ZoneList/>' |
		node_write "$1" /etc/opendnssec/zonelist.xml 640 &&
		node_exec "$1" rm -f /etc/opendnssec/prevent-startup &&
		node_exec "$1" ods-enforcer-db-setup -f >/dev/null &&
		node_exec "$1" mkdir -p /run/opendnssec
}

# pair_zones NODE ZONE...: zones and their keys there, made before the cluster
# knows of OpenDNSSEC; then its daemon is stopped.
pair_zones()
{
	local z n=$1
	shift
	node_exec "$n" systemctl start opendnssec-enforcer &&
		wait_for 20 "enforcer answers" node_exec "$n" ods-enforcer running &&
		node_exec "$n" ods-enforcer policy import >/dev/null || return 1
	for z; do
		zone_file "$z" 5 | node_write "$n" "$ODS_VAR/unsigned/$z" &&
			node_exec "$n" ods-enforcer zone add --zone "$z" \
				--policy nsec-unixtime >/dev/null || return 1
	done
	wait_for 60 "signer configurations on $n" pair_signconfs "$n" "$@" &&
		pair_enforcer_end "$n"
}

# pair_enforcer_end NODE: ods-enforcerd now and then hangs in its own stop.
pair_enforcer_end()
{
	node_sh "$1" <<-'EOS'
	timeout 10 systemctl stop opendnssec-enforcer && exit 0
	systemctl kill -s KILL opendnssec-enforcer
	timeout 10 systemctl stop opendnssec-enforcer
	rm -f /run/opendnssec/*
	EOS
}

pair_signconfs()
{
	local n=$1 z
	shift
	for z; do
		node_exec "$n" test -s "$ODS_VAR/signconf/$z.xml" || return 1
	done
}

# pair_resources [PARAMETER...]: state with these, and signer and enforcer where
# it is promoted.
pair_resources()
{
	node_sh n1 "$@" <<-'EOS' >"$LAB_DIR/pcs.log" 2>&1 || { cat "$LAB_DIR/pcs.log" >&2; return 1; }
	set -e
	pcs cluster cib /root/new
	cp /root/new /root/old
	p() { pcs -f /root/new "$@"; }
	p resource create state ocf:ods:state "$@" promotable
	for r in signer enforcer; do
		p resource create $r ocf:ods:$r
		p constraint colocation add $r with Promoted state-clone INFINITY
		p constraint order promote state-clone then start $r
	done
	p constraint order start signer then start enforcer
	p constraint location enforcer rule score=-INFINITY \
		ods-enforce-state ne 1 or not_defined ods-enforce-state
	pcs cluster cib-push /root/new diff-against=/root/old
	EOS
}

# kasp_ask NODE SQL: of the key database there.  A daemon may be writing that of
# the active node; that of a standby is locked by ods-syncd, and nobody writes.
kasp_ask()
{
	local db=$ODS_VAR/kasp.db
	if node_exec "$1" test -e "$ODS_VAR/enforcer/zones.xml.ods-held"; then
		db="file:$db?immutable=1"
	fi
	node_exec "$1" sqlite3 -cmd '.timeout 10000' "$db" "$2"
}

# zones_known NODE: its zones, sorted.
zones_known() { kasp_ask "$1" 'SELECT name FROM zone ORDER BY name' | xargs; }

# keys_known NODE: how many keys it has.
keys_known() { kasp_ask "$1" 'SELECT COUNT(*) FROM hsmKey'; }

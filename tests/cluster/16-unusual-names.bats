#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Legal but unusual: a reverse zone with a slash (RFC 2317) and one that
# collides with it, an IDN zone, other working directories, daemons that run
# as a user of their own, node names that are not host names.  About 2 minutes.

load common

export LAB_NAMES="left right.site"
SLASH=0/25.2.0.192.in-addr.arpa
DASH=0-25.2.0.192.in-addr.arpa
IDN=xn--bcher-kva.example
SIGNED=/var/lib/opendnssec/signed
CONF=/etc/opendnssec/conf.xml

setup_file()
{
	pair_up && unusual n1 && unusual n2 && pair_resources &&
		wait_for 60 "a promoted node" promoted_node &&
		wait_for 60 "daemons run" daemons_on "$(promoted_node)" &&
		node_exec "$(promoted_node)" ods-enforcer policy import
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	active=$(promoted_node)
	standby=$(other_node "$active")
}

# unusual NODE: directories and a user that are not the packages' defaults.
unusual()
{
	node_sh "$1" $CONF <<-'EOS'
	set -e
	user='<Privileges><User>opendnssec</User><Group>opendnssec</Group></Privileges>'
	sed -i -e "s,^<Enforcer>,&$user," -e "s,^<Signer>,&$user," \
		-e 's,/var/lib/opendnssec/kasp.db,/srv/dns/db/keys.db,' \
		-e 's,/var/lib/opendnssec/enforcer,/srv/dns/keeper,' \
		-e 's,/var/lib/opendnssec/signer,/srv/dns/work,' "$1"
	[ "$(grep -c '<Privileges>' "$1")" -eq 2 ]
	mkdir -p /srv/dns/db /srv/dns/keeper /srv/dns/work
	ods-enforcer-db-setup -f >/dev/null
	chown -R opendnssec:opendnssec /srv/dns /var/lib/opendnssec \
		/var/lib/softhsm/tokens /etc/opendnssec
	chmod a+rx /etc/softhsm /var/lib/softhsm
	chmod a+r /etc/softhsm/softhsm2.conf
	rm -rf /run/opendnssec /var/lib/opendnssec/kasp.db
	EOS
}

# zone_new ZONE: as its owner hands it in.
zone_new()
{
	zone_file "$1" 5 | node_write "$active" "/var/lib/opendnssec/unsigned/$1" &&
		node_exec "$active" timeout 60 ods-enforcer zone add --zone "$1" \
			--policy nsec-unixtime
}

serial_in() { node_exec "$1" awk '$4 == "SOA" { print $7; exit }' "$2"; }
published_on() { node_exec "$1" test -s "$LAB_PUBLISHED/$2"; }

# same_published ZONE: both nodes would serve the same version.
same_published()
{
	local a b
	a=$(node_exec "$active" sha256sum "$LAB_PUBLISHED/$1") &&
		b=$(node_exec "$standby" sha256sum "$LAB_PUBLISHED/$1") &&
		[ "$a" = "$b" ]
}

published_and_replicated()
{
	wait_for 60 "signed" node_exec "$active" test -s "$SIGNED/$1"
	wait_for 30 "published" published_on "$active" "$1"
	wait_for 30 "the same on the standby" same_published "$1"
	node_exec "$active" ldns-verify-zone -V 1 "$LAB_PUBLISHED/$1"
}

@test "nodes go by their cluster names, daemons by their own user" {
	[ "$(node_exec "$active" crm_node -n)" = "$(cluster_name "$active")" ]
	[ "$(node_exec "$active" uname -n)" != "$(cluster_name "$active")" ]
	wait_for 60 "the other one is a holder" is_holder "$standby"
	for d in ods-signerd ods-enforcerd; do
		node_exec "$active" pgrep -u opendnssec -x $d
		run node_exec "$active" pgrep -u root -x $d
		[ "$status" -eq 1 ]
	done
	run node_exec "$active" ods-cluster status
	echo "$output"
	[ "$status" -eq 0 ]
	grep -q "^$(cluster_name "$active") \* *source" <<<"$output"
	grep -q "^$(cluster_name "$standby") *holder" <<<"$output"
}

@test "a zone with a slash: we make its subdirectories" {
	run node_exec "$active" ls -d "$SIGNED/0"
	[ "$status" -ne 0 ]
	zone_new $SLASH
	published_and_replicated $SLASH
	[ "$(node_exec "$active" stat -c %U "$SIGNED/0")" = opendnssec ]
}

@test "an edit of it is published and replicated, with a higher serial" {
	before=$(serial_in "$active" "$LAB_PUBLISHED/$SLASH")
	node_exec "$active" sed -i 's/"0"/"1"/' \
		"/var/lib/opendnssec/unsigned/$SLASH"
	node_exec "$active" ods-signer sign $SLASH
	wait_for 30 "a higher serial" published_above "$before"
	wait_for 30 "the same on the standby" same_published $SLASH
}
published_above()
{
	serial_gt "$(serial_in "$active" "$LAB_PUBLISHED/$SLASH")" "$1"
}

@test "an IDN zone" {
	zone_new $IDN
	published_and_replicated $IDN
}

@test "a zone whose files collide with those of another one is reported" {
	at=$(lab_now)
	zone_new $DASH
	wait_for 60 "the report" reported "$at"
	wait_for 60 "a warning here" status_warns "$active"
	node_exec "$active" ods-cluster --json status |
		grep -q "\"collision\": \"zones $COLLISION"
	wait_for 30 "in its attribute" why_collides "$active"
	wait_for 30 "a warning on the standby" status_warns "$standby"
	node_exec "$active" ods-enforcer zone delete --zone $DASH
	wait_for 60 "no warning any more" node_exec "$active" ods-cluster status
}
COLLISION="$DASH and $SLASH have one backup2 of the signer"
reported()
{
	[ -n "$(journal_when "$active" "$1" \
		"zones $COLLISION: remove one of them")" ]
}
why_collides() { [[ $(node_attribute "$1" ods-why-state) == "zones $COLLISION"* ]]; }
status_warns()
{
	run node_exec "$1" ods-cluster status
	[ "$status" -eq 1 ] &&
		[[ ${lines[0]} == "WARNING: zones $COLLISION. Do now: remove"*"type ods-enforcer zone delete --zone ZONE." ]]
}

@test "the other node takes over and signs them" {
	# Its own token goes first: of two with one label the signer may take the
	# empty one.
	node_exec "$standby" sh -c 'rm -rf /var/lib/softhsm/tokens/*'
	node_exec "$active" tar -C /var/lib/softhsm -c tokens |
		podman exec -i "$LAB_PREFIX-$standby" tar -C /var/lib/softhsm -x
	slash=$(serial_in "$active" "$LAB_PUBLISHED/$SLASH")
	node_exec "$active" pcs node standby "$(cluster_name "$active")"
	wait_for 60 "the other one is promoted" promoted_is "$standby"
	wait_for 60 "daemons run there" daemons_on "$standby"
	old=$active active=$standby
	# Its backup2 is that of the zone that collided: it is signed in full.
	wait_for 60 "a higher serial" published_above "$slash"
	node_exec "$active" pgrep -u opendnssec -x ods-signerd
	node_exec "$active" pcs node unstandby "$(cluster_name "$old")"
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The other disasters that the field has seen: a full disk, a clock that is
# wrong, a backup2 with keys that are retired, an enforcer on an old database,
# a key twin in another HSM.  docs/disasters.md says what happens without the
# guards.

# shellcheck disable=SC2016 # programs for awk and sh

load common

# The signer's output is a file system of its own, of 4 MB.
export LAB_NODE_OPTIONS="--tmpfs=/var/lib/opendnssec/signed:rw,size=4m,mode=755"
# A rollover takes a minute.
# shellcheck disable=SC2034 # the lab reads it
KASP=([ttl]=PT5S [delay]=PT1S [safety]=PT1S)

setup_file()
{
	story_start
	promoted_node >"$LAB_DIR/active"
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	active=$(<"$LAB_DIR/active")
	from=$(lab_now)
	# what a test that failed has left
	data_mend "$(other_node "$active")" 2>/dev/null || true
}

# --- full disk ----------------------------------------------------------------

# fill KB: all of the signer's disk but so much.
fill()
{
	node_sh "$active" "$ODS_VAR/signed" "$1" <<-'EOS'
	dd if=/dev/zero of="$1/.filler" bs=1k 2>/dev/null
	truncate -s -"$2"k "$1/.filler"
	EOS
}
free() { node_exec "$active" rm -f "$ODS_VAR/signed/.filler"; }

@test "disk: the signer's disk is full" {
	for kb in 8 16 32; do
		fill "$kb"
		for z in f.lab-two.example i.lab-three.example; do
			zone_edit "$active" "$z" || true
		done
		for z in f.lab-two.example i.lab-three.example; do
			watched "$active" "$z" 5
		done
		free
	done
	wait_for 60 "edits of all zones are served" edits_arrive
	clean_since "$from"
}

# --- clock --------------------------------------------------------------------

# signer_at PROGRAM: the signer is another program from now on.
signer_is()
{
	crm pcs resource update signer binary="$1"
	wait_for 90 "the signer runs" runs_on signer "$active"
}

@test "skew: the signer's clock is two hours ahead" {
	z=c.lab-one.example
	node_write "$active" /usr/local/sbin/signer-ahead 755 <<-'EOS'
	#!/bin/bash
	exec ods-signerd --set-time \
		"$(date -d '2 hours' +%Y-%m-%d-%H:%M:%S)" "$@"
	EOS
	signer_is /usr/local/sbin/signer-ahead
	wait_for 30 "an edit is taken" zone_edit "$active" "$z"
	node_exec "$active" timeout 10 ods-signer sign --all || true
	for z in c.lab-one.example i.lab-three.example; do
		watched "$active" "$z" 10
	done
	run node_exec "$active" ods-cluster status
	echo "$output"
	[[ $output == *'Held: '* ]]
	signer_is ods-signerd
	wait_for 120 "edits of all zones are served" edits_arrive
	clean_since "$from"
}

# --- retired key ----------------------------------------------------------------

zsks()
{
	node_exec "$active" awk '$4 == "DNSKEY" && $5 == 256 { print $8 }' \
		"$1/$z" | sort
}

# leap: the enforcer's next steps are now.
leap()
{
	node_exec "$active" timeout 30 ods-enforcer time leap >/dev/null || true
}

rolled()
{
	leap
	sleep 3
	node_exec "$active" timeout 10 ods-signer update "$z" >/dev/null || true
	[ "$(zsks "$LAB_PUBLISHED")" != "$(cat "$LAB_DIR/zsk.before")" ] &&
		[ "$(zsks "$LAB_PUBLISHED" | wc -l)" -eq 1 ]
}

# watch_zsks: each set of zone signing keys that is published, as it comes.
watch_zsks()
{
	local last='' now
	while [ -e "$LAB_DIR/watch" ]; do
		now=$(zsks "$LAB_PUBLISHED" | tr '\n' ' ')
		[ "$now" = "$last" ] || echo "$now"
		last=$now
		sleep 0.2
	done >"$LAB_DIR/zsks"
}

@test "retired: a backup2 of before a rollover" {
	z=a.lab-one.example
	zsks "$LAB_PUBLISHED" >"$LAB_DIR/zsk.before"
	node_exec "$active" cp -p "$ODS_VAR/signer/$z.backup2" /root/old.backup2
	node_exec "$active" ods-enforcer key rollover --zone "$z" --keytype ZSK
	wait_for 400 "another ZSK signs, the old one is gone" rolled
	sleep 10 # TTL
	touch "$LAB_DIR/watch"
	watch_zsks &
	with_signer_stopped "$active" "$z" 'cp -p /root/old.backup2 "$1"'
	wait_for 30 "an edit is taken" zone_edit "$active" "$z"
	sleep 10
	rm "$LAB_DIR/watch"
	wait
	sed 's/^/# ZSKs: /' "$LAB_DIR/zsks" >&3
	! grep -qF "$(head -c 40 "$LAB_DIR/zsk.before")" "$LAB_DIR/zsks" || {
		echo "# DISASTER: a retired key is published again" >&3
		return 1
	}
	published_good "$active" "$z"
	edits_arrive
	clean_since "$from"
}

# --- old database -----------------------------------------------------------------

# locators ZONE: of its keys, by the source's enforcer.
locators()
{
	node_exec "$active" ods-enforcer key list -v -p 2>/dev/null |
		awk -F';' -v z="$1" '$1 == z { print $8 }' | sort
}

has_keys() { [ "$(locators "$1" | wc -l)" -ge 2 ]; }

in_hsm()
{
	local l
	hsm_objects "$active" >"$LAB_DIR/objects"
	for l in $(locators "$1"); do
		grep -qi "$l" "$LAB_DIR/objects" || {
			echo "# DISASTER: key $l of $1 is gone from the HSM" >&3
			return 1
		}
	done
}

@test "purge: an enforcer is started on a standby that is behind" {
	standby=$(other_node "$active")
	data_cut "$standby"
	z=new.lab-one.example
	zone_file "$z" 5 | node_write "$active" "$ODS_VAR/unsigned/$z"
	node_exec "$active" timeout 60 ods-enforcer zone add --zone "$z" \
		--policy nsec-unixtime
	wait_for 60 "it has keys" has_keys "$z"
	in_hsm "$z"
	node_sh "$standby" <<-'EOS'
	set -a; . /etc/default/opendnssec; set +a
	ods-enforcerd
	sleep 3
	timeout 20 ods-enforcer zone add --zone other.example --policy nsec-unixtime
	sleep 3
	timeout 20 ods-enforcer zone delete --zone other.example
	sleep 3
	timeout 20 ods-enforcer key purge --policy nsec-unixtime
	timeout 20 ods-enforcer stop
	pkill -x ods-enforcerd
	true
	EOS
	in_hsm "$z"
	# the name servers do not know it
	node_exec "$active" timeout 60 ods-enforcer zone delete --zone "$z"
	data_mend "$standby"
	story_settled
	clean_since "$from"
}

# --- twin -----------------------------------------------------------------------

# twin_hsm: another token, with keys of its own under each name of the first.
twin_hsm()
{
	node_sh hsm "$LAB_TOKEN" "$LAB_PIN" <<-'EOS'
	set -e
	module=/usr/lib/softhsm/libsofthsm2.so
	mkdir -p /root/twin/tokens
	echo 'directories.tokendir = /root/twin/tokens' >/root/twin/softhsm2.conf
	pkcs11-tool --module $module --token-label "$1" --login --pin "$2" \
		--list-objects --type privkey 2>/dev/null |
		awk '/^Private Key Object/ { rsa = /RSA/ }
		$1 == "ID:" { print $2, rsa ? "rsa:2048" : "EC:prime256v1" }' >/root/twin/keys
	export SOFTHSM2_CONF=/root/twin/softhsm2.conf
	softhsm2-util --init-token --free --label "$1" --pin "$2" --so-pin "$2"
	while read -r id type; do
		pkcs11-tool --module $module --token-label "$1" --login \
			--pin "$2" --keypairgen --key-type "$type" \
			--id "$id" --label "$id" </dev/null
	done </root/twin/keys
	systemd-run -q -E SOFTHSM2_CONF=$SOFTHSM2_CONF socat \
		TCP-LISTEN:5658,fork,reuseaddr,nodelay \
		EXEC:"/usr/bin/p11-kit remote $module"
	EOS
}

# hsm_port NODE PORT: which of the two that node has.
hsm_port()
{
	node_sh "$1" "$2" <<-'EOS'
	sed -i -E "s/(TCP:[^:]*):565[0-9]/\1:$1/" /etc/systemd/system/lab-hsm-client.service
	systemctl daemon-reload
	systemctl restart lab-hsm-client
	EOS
}

@test "twin: the standby's HSM has other keys under the same names" {
	standby=$(other_node "$active")
	twin_hsm >"$LAB_DIR/twin" 2>&1 || { cat "$LAB_DIR/twin"; return 1; }
	hsm_port "$standby" 5658
	sleep 90 # the standby looks at its keys
	node_attribute "$standby" ods-why-state | sed 's/^/# /' >&3
	crm pcs node standby "$(cluster_name "$active")"
	sleep 30
	for z in $(zones); do
		published_good "$standby" "$z"
	done
	clean_since "$from"
	crm pcs node unstandby --all
	hsm_port "$standby" 5657
	story_settled
	edits_arrive
	clean_since "$from"
}

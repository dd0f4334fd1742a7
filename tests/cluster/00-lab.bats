#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The lab itself, without our agents: what the other stories stand on.

load common

setup_file()
{
	lab_fresh && cluster_form && ods_configure && ns_configure
}

teardown_file() { lab_end; }

@test "both nodes see the same token over the network" {
	node_sh n1 <<-'EOS'
	set -a
	. /etc/default/opendnssec
	pkcs11-tool --module /usr/lib/*/pkcs11/p11-kit-client.so \
		--token-label OpenDNSSEC --login --pin 1234 --keypairgen \
		--key-type EC:prime256v1 --id 0b5e --label lab-probe
	EOS
	hsm_objects n1 | grep -q lab-probe
	hsm_objects n2 | grep -q lab-probe
}

@test "a node cut off from the HSM does not see the token" {
	hsm_cut n2
	run hsm_objects n2
	hsm_mend n2
	[ "$status" -ne 0 ]
	wait_for 20 "the HSM is back" hsm_objects n2
}

@test "the public name server transfers from the virtual IP" {
	stock_sign n1
	stock_publish n1
	stock_resources
	wait_for 60 "ns serves every zone" ns_serves_all
	wait_for 30 "the signer's newest versions" published_is_served
}

published_is_served()
{
	local z
	stock_publish n1
	for z in $(zones); do
		[ "$(ns_serial "$z")" = "$(signed_serial n1 "$z")" ] || return 1
	done
}

@test "an edit reaches the world with a higher serial" {
	before=$(ns_serial b.lab-one.example)
	zone_edit n1 b.lab-one.example
	wait_for 20 "signed anew" signed_above n1 b.lab-one.example "$before"
	stock_publish n1
	wait_for 20 "served anew" ns_above b.lab-one.example "$before"
	ns_history | grep -q "b.lab-one.example $(ns_serial b.lab-one.example)"
}

@test "the observer journals validated answers, one line each second" {
	observer_start n1
	wait_for 30 "every zone is secure" observer_all_secure
	from=$(lab_now)
	wait_for 30 "six more lines" observer_reached "$((${from%.*} + 6))"
	run observer_judge "$from"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(sed -n 's/^rounds //p' <<<"$output")" -ge 5 ]
}

@test "the observer sees a bogus zone" {
	from=$(lab_now)
	node_sh n1 "$LAB_PUBLISHED/a.lab-one.example" <<-'EOS'
	cp "$1" /root/good
	awk '$4 == "RRSIG" && $5 == "SOA" { $NF = "AAAA" substr($NF, 5) }
	     $4 == "SOA" { $7 = $7 + 1 } { print }' /root/good >"$1"
	nsd-control reload a.lab-one.example
	EOS
	wait_for 20 "a bogus line" observer_saw a.lab-one.example bogus
	sleep 2
	node_sh n1 "$LAB_PUBLISHED/a.lab-one.example" <<-'EOS'
	cp /root/good "$1"
	EOS
	run observer_judge "$from"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(sed -n 's/^bogus //p' <<<"$output")" -ge 1 ]
}

@test "the observer counts answers that do not come" {
	from=$(lab_now)
	node_exec ns systemctl stop nsd
	sleep 3
	node_exec ns systemctl start nsd
	wait_for 20 "answers again" observer_saw b.lab-one.example secure
	run observer_judge "$from"
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(sed -n 's/^missing //p' <<<"$output")" -ge 10 ]
}

@test "a killed node is fenced by the other one and comes back" {
	for n in n1 n2; do
		at=$(lab_now)
		node_kill "$n"
		wait_for 30 "$n is fenced" fenced_since "$at" "$n"
		wait_for 30 "$n runs again" node_running "$n"
		wait_for 60 "both online" all_online
	done
}

@test "name server and address move when their node is killed" {
	wait_for 30 "on n1" stock_on n1
	node_kill n1
	wait_for 30 "on n2" stock_on n2
	wait_for 60 "both online" all_online
}

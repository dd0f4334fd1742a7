#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ods-hsm-probe --keys and --prove with SoftHSM.  Root.  The installed files, or
# those that ODS_LIBEXEC and ODS_RUN name.

LIBEXEC=${ODS_LIBEXEC:-/usr/libexec/ocf-ods}
RUN=${ODS_RUN:-/run/ocf-ods}

setup() {
	T=$BATS_TEST_TMPDIR
	rm -f "$RUN"/pin-refused.*
	LIB=${ODS_SOFTHSM:-$(find /usr/lib* -name libsofthsm2.so 2>/dev/null |
		head -n 1)}
	[ -n "$LIB" ] && command -v softhsm2-util >/dev/null ||
		skip "no SoftHSM"
	command -v openssl >/dev/null || skip "no openssl to make keys with"
	mkdir "$T/tokens"
	printf 'directories.tokendir = %s\n' "$T/tokens" >"$T/softhsm2.conf"
	export SOFTHSM2_CONF=$T/softhsm2.conf
	softhsm2-util --module "$LIB" --init-token --free --label OpenDNSSEC \
		--so-pin 12345678 --pin 4321
	conf OpenDNSSEC 4321
}

teardown() {
	rm -f "$RUN"/pin-refused.*
}

# conf TOKEN PIN
conf() {
	cat >"$T/conf.xml" <<-X
		<?xml version="1.0"?><Configuration><RepositoryList>
		<Repository name="my HSM"><Module>$LIB</Module>
		<TokenLabel>$1</TokenLabel><PIN>$2</PIN>
		<Capacity>100</Capacity></Repository></RepositoryList>
		<Common><PolicyFile>/etc/opendnssec/kasp.xml</PolicyFile>
		<ZoneListFile>/etc/opendnssec/zonelist.xml</ZoneListFile></Common>
		<Enforcer><Datastore><SQLite>/tmp/kasp.db</SQLite></Datastore>
		</Enforcer><Signer/></Configuration>
	X
}

# import ID BITS: an RSA key, as in a key that was moved here.
import() {
	openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" \
		-out "$T/$1.pem" 2>/dev/null
	softhsm2-util --module "$LIB" --import "$T/$1.pem" --token OpenDNSSEC \
		--label "$1" --id "$1" --pin 4321
}

# digest ID: of the DNSKEY that such a key has.
digest() {
	local hex
	hex=$(openssl rsa -in "$T/$1.pem" -noout -modulus 2>/dev/null)
	hex=03010001${hex#Modulus=}
	# shellcheck disable=SC2001 # bytes, not a prefix
	printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")" | sha256sum | cut -c 1-64
}

probe() {
	run "$LIBEXEC/ods-hsm-probe" --conf "$T/conf.xml" "$@"
}

@test "keys: what the token has, in the words of a DNSKEY" {
	import 0a0b 1024
	import 0c0d 1024
	printf 'my_HSM 0a0b 8\nmy_HSM ffff 8\nelsewhere 0a0b 8\n' >"$T/list"
	probe --keys "$T/list"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 7 ]
	[ "${lines[0]}" = 'key elsewhere 0a0b missing - no-such-repository' ]
	[[ "${lines[1]}" == 'token my_HSM '?* ]]
	[ "${lines[2]}" = "key my_HSM 0a0b present $(digest 0a0b) public" ]
	[ "${lines[3]}" = 'key my_HSM ffff missing -' ]
	[ "${lines[4]}" = 'extra my_HSM 1' ]
	[ "${lines[5]}" = 'capacity my_HSM 2 100' ]
	[[ "${lines[6]}" == 'repository=my_HSM verdict=ok detail=CKR_OK '* ]]
}

@test "keys: two under one locator are twins, whoever made them" {
	import 0a0b 1024
	rm "$T/0a0b.pem"
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 \
		-out "$T/other.pem" 2>/dev/null
	softhsm2-util --module "$LIB" --import "$T/other.pem" \
		--token OpenDNSSEC --label twin --id 0a0b --force --pin 4321
	probe --prove - <<<'my_HSM 0a0b 8'
	[ "$status" -eq 0 ]
	[[ "$output" == *'key my_HSM 0a0b twin - '*differ* ]]
	[[ "$output" == *'proof my_HSM 0a0b different - '*differ* ]]
}

@test "prove: one signature each, not faster than the rate" {
	local begin
	for id in 01 02 03 04; do import $id 1024; done
	for id in 01 02 03 04; do
		echo "my_HSM $id 8 $(digest $id) inuse"
	done >"$T/list"
	begin=$(date +%s%3N)
	probe --prove "$T/list" --rate 4
	[ $(($(date +%s%3N) - begin)) -ge 750 ]
	[ "$status" -eq 0 ]
	[ "$(grep -c '^proof my_HSM 0[1-4] proven [0-9]*$' <<<"$output")" -eq 4 ]
	[[ "$output" == *'stat my_HSM 4 '*' 0'* ]]
}

@test "prove: a key that is not the recorded one is not signed with" {
	import 01 1024
	probe --prove - <<<"my_HSM 01 8 $(printf '0%.0s' {1..64})"
	[ "$status" -eq 0 ]
	[[ "$output" == *'proof my_HSM 01 different - public-key'* ]]
	[[ "$output" == *'stat my_HSM 0 0 0 0'* ]]
}

@test "from kasp.db: all keys, and those in use without a backup" {
	command -v sqlite3 >/dev/null || skip "no sqlite3"
	import 01 1024
	sqlite3 "$T/kasp.db" <<-X
		CREATE TABLE hsmKey (id, locator, state, algorithm, role,
			repository, backup);
		CREATE TABLE keyData (hsmKeyId, publish, activeKsk, activeZsk);
		INSERT INTO hsmKey VALUES (1, '01', 2, 8, 1, 'my HSM', 1);
		INSERT INTO hsmKey VALUES (2, '02', 1, 8, 2, 'my HSM', 1);
		INSERT INTO keyData VALUES (1, 1, 1, 0);
	X
	run "$LIBEXEC/ods-kasp" unbacked "$T/kasp.db"
	[ "$status" -eq 0 ]
	[ "$output" = "unbacked 1
my_HSM 01 KSK required" ]
	"$LIBEXEC/ods-kasp" keys "$T/kasp.db" >"$T/list"
	[ "$(cat "$T/list")" = "my_HSM 01 8 - inuse
my_HSM 02 8 - pool" ]
	probe --keys "$T/list"
	[ "$status" -eq 0 ]
	grep -qx "key my_HSM 01 present $(digest 01) public" <<<"$output"
	grep -qx 'key my_HSM 02 missing -' <<<"$output"
}

@test "a wrong PIN is tried once, and no key line is printed" {
	conf OpenDNSSEC 9999
	probe --keys - <<<'my_HSM 01 8'
	[ "$status" -eq 1 ]
	[[ "$output" == 'repository=my_HSM verdict=wrong-pin '* ]]
	[ "${#lines[@]}" -eq 1 ]
	probe --keys - <<<'my_HSM 01 8'
	[[ "$output" == *'verdict=wrong-pin detail=refused-before'* ]]
	[[ "$output" != *9999* ]]
}

@test "no such token, no list, a list that is none" {
	conf Elsewhere 4321
	probe --keys - <<<'my_HSM 01 8'
	[ "$status" -eq 1 ]
	[[ "$output" == 'repository=my_HSM verdict=no-token '* ]]
	probe --keys "$T/none"
	[ "$status" -eq 3 ]
	[[ "$output" == *"why="*"$T/none"* ]]
	probe --keys - <<<'my_HSM 1 8'
	[ "$status" -eq 3 ]
	[[ "$output" == *'line 1 of the list'* ]]
	probe --prove - --rate 0 <<<'my_HSM 01 8'
	[ "$status" -eq 2 ]
}

#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The judge of mixtures: made-up versions of a zone, signed by ldns-signzone,
# with one fault each.

setup_file()
{
	cd "$BATS_FILE_TMPDIR"
	${CC:-cc} -O2 -Wall -Wextra -Werror -o mixtures \
		"$BATS_TEST_DIRNAME/mixtures.c" -lldns
	local k
	for k in K1 K2; do key $k ECDSAP256SHA256 -k; done
	for k in Z1 Z2; do key $k ECDSAP256SHA256; done
	key R1 RSASHA256 -b 1024 -k
	key R2 RSASHA256 -b 1024
	# versions by what is in the DNSKEY set, and what signs
	version plain 1 K1,Z1 K1,Z1
	version both 2 K1,Z1,Z2 K1,Z1
	version both-new 3 K1,Z1,Z2 K1,Z2
	version new 4 K1,Z2 K1,Z2
	version ksks 5 K1,K2,Z1 K1,K2,Z1
	version ksk2 6 K2,Z1 K2,Z1
	version rsa-too 7 K1,Z1,R1,R2 K1,Z1,R1,R2
	version rsa-less 8 K1,Z1,R1,R2 K1,Z1,R1
	sed 's/192.0.2.1$/192.0.2.2/' plain >flipped
	{ cat plain; echo 'sub.example. 10 IN NS ns.example.'; } >delegation
	cp K1.ds ds1
	cp K2.ds ds2
	cat K1.ds K2.ds >ds12
	cat K1.ds R1.ds >ds-rsa
}

# key NAME ALGORITHM OPTION...: NAME.key, NAME.private, and NAME.ds with a TTL of 20 s.
key()
{
	local base
	base=$(ldns-keygen -a "${@:2}" example)
	mv "$base.key" "$1.key"
	mv "$base.private" "$1.private"
	rm -f "$base.ds"
	ldns-key2ds -n -2 "$1.key" | sed 's/\t[0-9]*\tIN/\t20\tIN/' >"$1.ds"
}

# version FILE SERIAL PUBLISHED SIGNING: TTL 10 s, good from 900 to 5000.
version()
{
	local k
	{
		echo "example. 10 IN SOA ns.example. h.example. $2 30 5 600 10"
		echo 'example. 10 IN NS ns.example.'
		echo 'ns.example. 10 IN A 192.0.2.1'
		for k in ${3//,/ }; do
			sed 's/^example\.[ \t0-9]*IN/example. 10 IN/' "$k.key"
		done
	} >"$1.unsigned"
	# shellcheck disable=SC2086 # a list
	ldns-signzone -d -i 900 -e 5000 -o example -f "$1" "$1.unsigned" \
		${4//,/ }
}

# judged STATUS TEXT LINE...: of that record.
judged()
{
	cd "$BATS_FILE_TMPDIR"
	printf '%s\n' "${@:3}" >record
	run ./mixtures record
	echo "$output"
	[ "$status" -eq "$1" ] && [[ $output == *"$2"* ]]
}

@test "one version and its DS: nothing to complain of" {
	judged 0 '1 versions, 1 DNSKEY sets, 2 mixtures, 6 signatures, 0 faults' \
		'parent example 1000 2000 ds1' 'version example 1000 2000 plain'
}

@test "a ZSK that is published first and goes last" {
	judged 0 ' 0 faults' 'parent example 1000 2000 ds1' \
		'version example 1000 1100 plain' 'version example 1100 1120 both' \
		'version example 1120 1140 both-new' 'version example 1140 2000 new'
}

@test "a ZSK that signs before the set with it is in every cache" {
	judged 1 'of serial 3 has no signature of algorithm 13 by the DNSKEY set of serial 1' \
		'parent example 1000 2000 ds1' 'version example 1000 1100 plain' \
		'version example 1100 1109 both' 'version example 1109 2000 both-new'
}

@test "a ZSK that goes while caches hold what it signed" {
	judged 1 'of serial 2 has no signature of algorithm 13 by the DNSKEY set of serial 4' \
		'parent example 1000 2000 ds1' 'version example 1000 1100 both' \
		'version example 1100 1109 both-new' 'version example 1109 2000 new'
}

@test "a version of another ZSK" {
	judged 1 ' faults' 'parent example 1000 2000 ds1' \
		'version example 1000 1100 plain' 'version example 1100 2000 new'
}

@test "a KSK whose DS comes first and goes last" {
	judged 0 ' 0 faults' 'parent example 1000 1030 ds1' \
		'parent example 1030 1060 ds12' 'parent example 1060 2000 ds2' \
		'version example 1000 1015 plain' 'version example 1015 1085 ksks' \
		'version example 1085 2000 ksk2'
}

@test "a DS that comes while caches hold the set without its key" {
	judged 1 'serial 1 is not signed by a key that a DS of algorithm 13' \
		'parent example 1000 1030 ds1' 'parent example 1030 2000 ds2' \
		'version example 1000 1025 plain' 'version example 1025 2000 ksks'
}

@test "a KSK that goes while caches hold its DS" {
	judged 1 'serial 6 is not signed by a key that a DS of algorithm 13' \
		'parent example 1000 1060 ds1' 'parent example 1060 2000 ds2' \
		'version example 1000 1075 ksks' 'version example 1075 2000 ksk2'
}

@test "an algorithm that signs all" {
	judged 0 ' 0 faults' 'parent example 1000 2000 ds-rsa' \
		'version example 1000 2000 rsa-too'
}

@test "an algorithm of the DS set that signs the DNSKEY set only" {
	judged 1 'serial 8 has no signature of algorithm 8' \
		'parent example 1000 2000 ds-rsa' 'version example 1000 2000 rsa-less'
}

@test "the same before there is a DS of it" {
	judged 0 ' 0 faults' 'parent example 1000 2000 ds1' \
		'version example 1000 2000 rsa-less'
}

@test "a record that is not the one that was signed" {
	judged 1 'ns.example. A of serial 1 has no signature of algorithm 13 by the DNSKEY set of serial 1 (and 0 more)' \
		'parent example 1000 2000 ds1' 'version example 1000 2000 flipped'
}

@test "signatures that run out, or do not count yet, in a cache" {
	judged 1 ' faults' 'parent example 1000 6000 ds1' \
		'version example 1000 4995 plain'
	judged 1 ' faults' 'parent example 800 2000 ds1' \
		'version example 890 2000 plain'
}

@test "what proves nothing is no success" {
	judged 2 'are needed' 'version example 1000 2000 plain'
	judged 2 'are needed' 'parent example 1000 2000 ds1'
	judged 2 'a delegation' 'version example 1000 2000 delegation'
	judged 2 'no signed zone' 'version example 1000 2000 ds1'
	judged 2 'cannot open' 'version example 1000 2000 none'
	judged 2 'no line of a record' 'version example 2000 1000 plain'
	cd "$BATS_FILE_TMPDIR"
	: >record
	run ./mixtures record
	[ "$status" -eq 2 ]
}

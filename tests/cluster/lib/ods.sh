# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# OpenDNSSEC on the nodes: configuration, zones, edits.

LAB_ZONES=${LAB_ZONES:-$LAB_LIB/../zones}
ODS_VAR=/var/lib/opendnssec

zones() { awk '!/^#/ && NF { print $1 }' "$LAB_ZONES"; }
zone_policy() { awk -v z="$1" '$1 == z { print $2 }' "$LAB_ZONES"; }
zone_records() { awk -v z="$1" '$1 == z { print $3 }' "$LAB_ZONES"; }
zone_count() { zones | wc -l; }

# kasp_policy NAME: NAME is DENIAL-SERIAL (nsec, nsec3, optout, rsa; unixtime,
# counter, datecounter).  Resign is PT15M since datecounter has 100 serials a
# day.  A story sets other times, and the salt's length, in KASP.
declare -gA KASP=()

kasp_policy()
{
	local denial='<NSEC/>' alg='length="512">13' optout=''
	local ttl=${KASP[ttl]:-PT60S} delay=${KASP[delay]:-PT60S}
	case $1 in
	optout-*) optout='<OptOut/>' ;;
	rsa-*) alg='length="2048">8' ;;
	esac
	case $1 in
	nsec3-* | optout-*) denial="<NSEC3>$optout<Resalt>P100D</Resalt><Hash><Algorithm>1</Algorithm><Iterations>0</Iterations><Salt length=\"${KASP[salt]:-0}\"/></Hash></NSEC3>" ;;
	esac
	cat <<-XML
	<Policy name="$1">
	<Description>lab: $1</Description>
	<Signatures>
	<Resign>${KASP[resign]:-PT15M}</Resign><Refresh>${KASP[refresh]:-P1D}</Refresh>
	<Validity><Default>${KASP[validity]:-P3D}</Default><Denial>${KASP[validity]:-P3D}</Denial></Validity>
	<Jitter>${KASP[jitter]:-PT1H}</Jitter><InceptionOffset>PT1H</InceptionOffset>
	<MaxZoneTTL>${KASP[maxttl]:-$ttl}</MaxZoneTTL>
	</Signatures>
	<Denial>$denial</Denial>
	<Keys>
	<TTL>$ttl</TTL><RetireSafety>${KASP[safety]:-PT60S}</RetireSafety>
	<PublishSafety>${KASP[safety]:-PT60S}</PublishSafety><Purge>${KASP[purge]:-P14D}</Purge>
	<KSK><Algorithm $alg</Algorithm><Lifetime>P1Y</Lifetime>
	<Repository>SoftHSM</Repository></KSK>
	<ZSK><Algorithm $alg</Algorithm><Lifetime>P30D</Lifetime>
	<Repository>SoftHSM</Repository></ZSK>
	</Keys>
	<Zone><PropagationDelay>$delay</PropagationDelay>
	<SOA><TTL>$ttl</TTL><Minimum>$ttl</Minimum>
	<Serial>${1#*-}</Serial></SOA></Zone>
	<Parent><PropagationDelay>${KASP[parent]:-$delay}</PropagationDelay>
	<DS><TTL>$ttl</TTL></DS>
	<SOA><TTL>$ttl</TTL><Minimum>$ttl</Minimum></SOA></Parent>
	</Policy>
	XML
}

# kasp_more: policies beside the lab's, of a story that defines it anew.
kasp_more() { :; }

kasp_xml()
{
	local p
	echo '<?xml version="1.0" encoding="UTF-8"?>'
	echo '<KASP>'
	awk '!/^#/ && NF { print $2 }' "$LAB_ZONES" | sort -u |
		while read -r p; do kasp_policy "$p"; done
	kasp_more
	echo '</KASP>'
}

# conf_xml MODULE: the repository is the network HSM.
conf_xml()
{
	cat <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<Configuration>
	<RepositoryList>
	<Repository name="SoftHSM">
	<Module>$1</Module>
	<TokenLabel>$LAB_TOKEN</TokenLabel>
	<PIN>$LAB_PIN</PIN>
	<SkipPublicKey/>
	</Repository>
	</RepositoryList>
	<Common>
	<Logging><Verbosity>3</Verbosity><Syslog><Facility>local0</Facility></Syslog></Logging>
	<PolicyFile>/etc/opendnssec/kasp.xml</PolicyFile>
	<ZoneListFile>/etc/opendnssec/zonelist.xml</ZoneListFile>
	</Common>
	<Enforcer>
	<Datastore><SQLite>$ODS_VAR/kasp.db</SQLite></Datastore>
	<AutomaticKeyGenerationPeriod>P7D</AutomaticKeyGenerationPeriod>
	<WorkingDirectory>$ODS_VAR/enforcer</WorkingDirectory>
	</Enforcer>
	<Signer>
	<WorkingDirectory>$ODS_VAR/signer</WorkingDirectory>
	<WorkerThreads>4</WorkerThreads>
	</Signer>
	</Configuration>
	XML
}

# ods_configure [NODE...]: these nodes (all); the KASP database of each is new
# and empty.
ods_configure()
{
	local n module nodes=("$@")
	[ $# -gt 0 ] || mapfile -t nodes < <(lab_nodes)
	module=$(node_exec n1 sh -c 'ls /usr/lib/*/pkcs11/p11-kit-client.so') ||
		return 1
	for n in "${nodes[@]}"; do
		conf_xml "$module" | node_write "$n" /etc/opendnssec/conf.xml 640 &&
			kasp_xml | node_write "$n" /etc/opendnssec/kasp.xml 640 &&
			echo '<ZoneList/>' |
			node_write "$n" /etc/opendnssec/zonelist.xml 640 &&
			node_exec "$n" rm -f /etc/opendnssec/prevent-startup &&
			node_exec "$n" ods-enforcer-db-setup -f >/dev/null &&
			node_exec "$n" mkdir -p /run/opendnssec || return 1
	done
}

# zone_file ZONE RECORDS: what the zone's owner hands in, with a TTL of LAB_TTL
# (60): the signer does not lower it to MaxZoneTTL, it complains.
zone_file()
{
	awk -v z="$1" -v n="$2" -v ns="$(lab_ip ns)" -v ttl="${LAB_TTL:-60}" 'BEGIN {
		print "$ORIGIN " z "."
		print "$TTL " ttl
		print "@ SOA ns1 hostmaster 1 30 5 604800 " ttl
		print "@ NS ns1"
		print "ns1 A " ns
		print "edited TXT \"0\""
		for (i = 0; i < n - 4; i++)
			printf "h%d A 192.0.2.%d\n", i, i % 254 + 1
	}'
}

# zones_write NODE: the unsigned zones there.
zones_write()
{
	local z
	for z in $(zones); do
		zone_file "$z" "$(zone_records "$z")" |
			node_write "$1" "$ODS_VAR/unsigned/$z" || return 1
	done
}

# zones_add NODE: policies and zones into the enforcer there, which runs.
zones_add()
{
	local z
	node_exec "$1" ods-enforcer policy import >/dev/null || return 1
	for z in $(zones); do
		node_exec "$1" timeout 60 ods-enforcer zone add --zone "$z" \
			--policy "$(zone_policy "$z")" >/dev/null || return 1
	done
}

# zones_signed NODE: every zone has a signed file there.
zones_signed()
{
	local z
	for z in $(zones); do
		printf '%s\n' "$ODS_VAR/signed/$z"
	done | podman exec -i "$LAB_PREFIX-$1" xargs ls
}

# zone_edit NODE ZONE: one record changes and the signer is told.
zone_edit() { node_exec "$1" /usr/local/sbin/lab-edit "$2"; }

# edits_start: random zones change on whichever node has a ready signer, an
# edit each 0.3 s, also after a takeover and a reboot.
edits_start()
{
	local n
	for n in $(lab_nodes); do
		node_exec "$n" systemctl enable --now lab-edits 2>/dev/null || return 1
	done
}

edits_stop()
{
	local n
	for n in $(lab_nodes); do
		! node_running "$n" ||
			node_exec "$n" systemctl disable --now lab-edits 2>/dev/null
	done
}

# edits_done NODE SINCE: how many edits were made there.
edits_done()
{
	node_exec "$1" journalctl -q -o cat -u lab-edits --since "@${2%.*}" |
		grep -c ' 0$'
}

# sign_stats NODE SINCE: "new reused" of each [STATS] line, by zone and serial.
sign_stats()
{
	node_exec "$1" journalctl -q -o cat --since "@${2%.*}" --grep '\[STATS\]' |
		sed -n 's/.*\[STATS\] \([^ ]*\) \([0-9]*\) .*RRSIG\[new=\([0-9]*\) reused=\([0-9]*\).*/\1 \2 \3 \4/p'
}

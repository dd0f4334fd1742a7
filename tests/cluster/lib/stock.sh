# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The lab without our agents: OpenDNSSEC by hand on n1, virtual IP and NSD by
# the stock agents.  It shows that the parts work before ours are judged.

# stock_sign NODE: the enforcer first, then the signer: an update that reaches
# a signer while it starts ends it.
stock_sign()
{
	local n=$1
	lab_say "signing $(zone_count) zones on $n by hand"
	node_exec "$n" systemctl start opendnssec-enforcer &&
		wait_for 20 "enforcer answers" node_exec "$n" ods-enforcer running &&
		zones_write "$n" && zones_add "$n" &&
		wait_for 60 "enforcer is idle" enforcer_idle "$n" &&
		node_exec "$n" systemctl start opendnssec-signer &&
		wait_for 120 "every zone is signed" zones_signed "$n"
}

enforcer_idle()
{
	node_exec "$1" timeout 5 ods-enforcer queue | grep -q 'threads idle' &&
		[ "$(node_exec "$1" sh -c "ls $ODS_VAR/signconf/*.xml | wc -l")" = "$(zone_count)" ]
}

# stock_publish NODE: a copy of what is signed there.
stock_publish()
{
	node_sh "$1" "$ODS_VAR/signed" "$LAB_PUBLISHED" <<-'EOS'
	set -e
	mkdir -p "$2"
	for f in "$1"/*; do
		case $f in *.tmp) continue ;; esac
		cp "$f" "$2/.new" && mv "$2/.new" "$2/${f##*/}"
	done
	if systemctl -q is-active nsd; then
		nsd-control reload >/dev/null
	fi
	EOS
}

stock_resources()
{
	node_exec n1 pcs resource create vip ocf:heartbeat:IPaddr2 \
		ip="$LAB_VIP" cidr_netmask=24 op monitor interval=10s &&
		node_exec n1 pcs resource create nsd systemd:nsd \
			op monitor interval=10s &&
		node_exec n1 pcs constraint colocation add nsd with vip &&
		node_exec n1 pcs constraint location vip prefers \
			"$(cluster_name n1)=100" &&
		wait_for 40 "name server and address on n1" stock_on n1
}

stock_on() { runs_on vip "$1" && runs_on nsd "$1"; }

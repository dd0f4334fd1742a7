#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# When to use it: two nodes that both reach the HSM, an NSD on each as hidden
# primary, and one address that the public name servers transfer from.
#
# Before: the cluster is set up (pcs cluster setup), fences (pcs stonith, see
# docs/fencing.md: no fencing device is in here, and without one Pacemaker
# starts nothing), and wait_for_all stays as two_node sets it.  conf.xml,
# kasp.xml and the PKCS#11 settings are the same on both nodes.  NSD reads its
# zones from /var/lib/ocf-ods/published and has "ip-transparent: yes".  The
# distribution's units of OpenDNSSEC and NSD are disabled.  NSD can hang when it
# is stopped in the middle of a reload, and a stop that times out fences the
# node; it only reads what is in published/, so give its unit a short end:
# "[Service] TimeoutStopSec=5" in /etc/systemd/system/nsd.service.d/stop.conf.
# Its stop timeout here is then 12 s; Pacemaker 2.1 looks at a systemd unit every
# tenth of that, at most every 2 s, and a planned move waits for the look.
#
# Needs pcs 0.11 (RHEL 9, Debian 12).  Run it once, on either node:
#
#	VIP=192.0.2.53 VIP_PREFIX=24 sh 10-two-node.pcs.sh
#
# CIB=FILE changes that file only, and nothing in the cluster.
set -eu

VIP=${VIP:-192.0.2.53}
VIP_PREFIX=${VIP_PREFIX:-24}
# A longer one where this node's unit may take its time.
case $(systemctl show -p TimeoutStopUSec --value nsd 2>/dev/null || :) in
'' | [0-9]s | 10s) NSD_STOP=${NSD_STOP:-12s} ;;
*) NSD_STOP=${NSD_STOP:-60s} ;;
esac
PUBLISH_COMMAND=${PUBLISH_COMMAND:-nsd-control reload %zone}

# Everything goes in at once: no resource runs before its constraints exist.
work=${CIB:-$(mktemp)}
if [ -z "${CIB:-}" ]; then
	pcs cluster cib "$work"
	cp "$work" "$work.before"
fi
p() { pcs -f "$work" "$@"; }

# --- The cluster.  Stickiness: nothing goes back by itself.  The delay lets
# the node that signs win when both try to fence each other.
p property set priority-fencing-delay=10s
p resource defaults update resource-stickiness=200 migration-threshold=3 \
	failure-timeout=5min

# --- The resources.  Timeouts are those that the agents advertise.
p resource create hsm ocf:ods:hsm clone
p resource meta hsm-clone interleave=true
p resource create state ocf:ods:state publish_command="$PUBLISH_COMMAND" \
	promotable
p resource meta state-clone interleave=true priority=10
p resource create signer ocf:ods:signer
p resource create enforcer ocf:ods:enforcer meta critical=false
p resource create nsd systemd:nsd op monitor interval=10s timeout=20s \
	start timeout=60s stop timeout="$NSD_STOP"
p resource create vip ocf:heartbeat:IPaddr2 ip="$VIP" \
	cidr_netmask="$VIP_PREFIX" op monitor interval=10s timeout=20s

# --- All of them where state is promoted.  influence=false: they follow, and
# neither their failures nor their stickiness keep or move the role.
for r in vip nsd signer enforcer; do
	p constraint colocation add "$r" with Promoted state-clone INFINITY \
		influence=false
done

# --- What was published can be served at once, and need not stop being served
# before the demote: published/ does not change after it.  The signer is ready
# before the enforcer may speak to it, and both have ended before the demote.
for r in vip nsd; do
	p constraint order promote state-clone "then" start "$r" \
		symmetrical=false
done
p constraint order promote state-clone "then" start signer
p constraint order start signer "then" start enforcer

# --- Each node has looked at its HSM before one is chosen.
p constraint order start hsm-clone "then" promote state-clone kind=Optional \
	symmetrical=false

# --- The enforcer runs only while ods-syncd allows it.
p constraint location enforcer rule score=-INFINITY \
	ods-enforce-state ne 1 or not_defined ods-enforce-state

# --- A lost HSM costs 200: the source has 1000, a ready standby 900.  So the
# service moves once if the other node has its HSM, else it stays.
p constraint location state-clone rule role=Promoted score=-200 \
	ods-hsm ne ok or not_defined ods-hsm

if [ -z "${CIB:-}" ]; then
	pcs cluster cib-push "$work" diff-against="$work.before"
	rm -f "$work" "$work.before"
fi

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Pacemaker and Corosync on n1 and n2, made with pcs as an admin would.

# Cluster node names of the containers n1 and n2: not always the host names.
LAB_NAMES=${LAB_NAMES:-n1 n2}

cluster_name()
{
	case $1 in
	n1) echo "${LAB_NAMES% *}" ;;
	n2) echo "${LAB_NAMES#* }" ;;
	esac
}

# cluster_container NAME: the container of a cluster node name.
cluster_container()
{
	case $1 in
	"${LAB_NAMES% *}") echo n1 ;;
	"${LAB_NAMES#* }") echo n2 ;;
	*) return 1 ;;
	esac
}

other_node() { case $1 in n1) echo n2 ;; *) echo n1 ;; esac; }

cluster_node_prepare()
{
	node_sh "$1" "$2" <<-'EOS'
	set -e
	pcs cluster destroy >/dev/null 2>&1 || true
	rm -f /etc/corosync/corosync.conf
	echo "hacluster:$1" | chpasswd
	touch /run/lab-booted
	systemctl enable --now pcsd lab-hsm-client >/dev/null 2>&1
	EOS
}

# cluster_form: two nodes with fencing, token 1000, resources none.
cluster_form()
{
	local pw a b
	pw=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
	a=$(cluster_name n1) b=$(cluster_name n2)
	lab_say "forming the cluster of $a and $b"
	cluster_node_prepare n1 "$pw" && cluster_node_prepare n2 "$pw" &&
		fence_client n1 && fence_client n2 || return 1
	wait_for 20 "pcsd on both nodes" pcsd_up || return 1
	node_sh n1 "$pw" "$a" "$(lab_ip n1)" "$b" "$(lab_ip n2)" <<-'EOS' >"$LAB_DIR/cluster.log" 2>&1 || { cat "$LAB_DIR/cluster.log" >&2; return 1; }
	set -e
	pcs host auth "$2" addr="$3" "$4" addr="$5" -u hacluster -p "$1"
	pcs cluster setup ods "$2" addr="$3" "$4" addr="$5" totem token=1000 --force
	pcs cluster enable --all
	EOS
	cluster_seed_cib n1 && cluster_seed_cib n2 || return 1
	node_exec n1 pcs cluster start --all --wait=60 >>"$LAB_DIR/cluster.log" 2>&1 ||
		{ cat "$LAB_DIR/cluster.log" >&2; return 1; }
	wait_for 60 "both nodes online" cluster_online "$a" "$b" &&
		fence_resource &&
		wait_for 30 "fencing device started" cluster_has_fencing
}

# cluster_seed_cib NODE: a node that starts looks for a DC for 2 s instead of
# 20 s; and Pacemaker does not take the load of this whole machine, which every
# container sees, for the node's own (it would run one action at a time).
cluster_seed_cib()
{
	node_sh "$1" <<-'EOS'
	set -e
	cd /var/lib/pacemaker/cib
	rm -f cib*
	cibadmin --empty >cib.xml
	export CIB_file=$PWD/cib.xml
	crm_attribute -t crm_config -n dc-deadtime -v 2s
	crm_attribute -t crm_config -n load-threshold -v 2000%
	rm -f cib.xml.sig
	chown hacluster:haclient cib.xml
	chmod 600 cib.xml
	EOS
}

pcsd_up()
{
	local n
	for n in n1 n2; do
		node_exec "$n" bash -c 'exec 3<>/dev/tcp/127.0.0.1/2224' || return 1
	done
}

# cluster_seen: a container whose Pacemaker answers.
cluster_seen()
{
	local n
	for n in n1 n2; do
		node_exec "$n" crm_mon -1 >/dev/null 2>&1 && { echo "$n"; return 0; }
	done
	return 1
}

# crm COMMAND...: on any node whose Pacemaker answers.
crm()
{
	local n
	n=$(cluster_seen) && node_exec "$n" "$@"
}

# cluster_online NAME...: these nodes are online, by every node's own view.
cluster_online()
{
	local name n
	for name; do
		n=$(cluster_container "$name")
		for peer; do
			node_exec "$n" crm_mon -1 --output-as=xml 2>/dev/null |
				grep -q "<node name=\"$peer\".* online=\"true\".* unclean=\"false\"" ||
				return 1
		done
	done
}

cluster_has_fencing()
{
	crm crm_mon -1 --output-as=xml |
		grep -q '<resource id="fence".* role="Started" active="true"'
}

# cluster_idle: no transition is running and nothing is pending.
cluster_idle() { crm crm_resource --wait --timeout=1; }

# promoted_node [RESOURCE]: the container where it is promoted.
promoted_node()
{
	local name
	name=$(crm crm_mon -1 --output-as=xml 2>/dev/null |
		awk -v r="${1:-state}" '
		/<resource / { hit = index($0, "id=\"" r "\"") && /role="Promoted"/ }
		hit && /<node name=/ { split($0, f, "\""); print f[2]; exit }')
	[ -n "$name" ] && cluster_container "$name"
}

# resource_node RESOURCE: the container where a plain resource is started.
resource_node()
{
	local name
	name=$(crm crm_mon -1 --output-as=xml 2>/dev/null |
		awk -v r="$1" '
		/<resource / { hit = index($0, "id=\"" r "\"") && /role="Started"/ }
		hit && /<node name=/ { split($0, f, "\""); print f[2]; exit }')
	[ -n "$name" ] && cluster_container "$name"
}

runs_on() { [ "$(resource_node "$1")" = "$2" ]; }

# fenced_since EPOCH NODE: that node was fenced successfully after that time;
# prints when, in seconds.
fenced_since()
{
	local n when
	n=$(other_node "$2")
	when=$(node_exec "$n" stonith_admin --history "$(cluster_name "$2")" \
		--output-as=xml 2>/dev/null |
		sed -n 's/.*<fence_event .*status="success".*completed="\([^"]*\)".*/\1/p' |
		while read -r t; do date -d "$t" +%s.%3N; done | sort -n | tail -1)
	[ -n "$when" ] && awk -v a="$when" -v b="$1" 'BEGIN { exit !(a >= b - 1) }' &&
		echo "$when"
}

# cluster_create: the resources, by the example that we ship.
cluster_create()
{
	local example=${LAB_EXAMPLE:-$LAB_LIB/../../../cib-examples/10-two-node.pcs.sh}
	[ -r "$example" ] || { lab_die "no example: $example"; return 1; }
	lab_say "creating the resources with ${example##*/}"
	node_write n1 /root/example.pcs.sh 755 <"$example" || return 1
	node_exec n1 env VIP="$LAB_VIP" VIP_PREFIX=24 \
		NODE1="$(cluster_name n1)" NODE2="$(cluster_name n2)" \
		PUBLISH_COMMAND="/usr/sbin/nsd-control reload %zone" \
		bash -e /root/example.pcs.sh >"$LAB_DIR/pcs.log" 2>&1 || {
		cat "$LAB_DIR/pcs.log" >&2
		return 1
	}
}

# power_cut: both at once.
power_cut() { node_kill n1 & node_kill n2 & wait; }

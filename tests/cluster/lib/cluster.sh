# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Pacemaker and Corosync on n1, n2, ..., made with pcs as an admin would.

# Cluster node names of the containers n1, n2, ...: not always the host names.
LAB_NAMES=${LAB_NAMES:-n1 n2}

# lab_nodes: the containers that are, or may become, nodes of the cluster.
lab_nodes()
{
	local i names
	read -ra names <<<"$LAB_NAMES"
	for ((i = 1; i <= ${#names[@]}; i++)); do
		echo "n$i"
	done
}

cluster_name()
{
	local names
	read -ra names <<<"$LAB_NAMES"
	echo "${names[${1#n} - 1]}"
}

# cluster_container NAME: the container of a cluster node name.
cluster_container()
{
	local n
	for n in $(lab_nodes); do
		[ "$(cluster_name "$n")" != "$1" ] || { echo "$n"; return 0; }
	done
	return 1
}

# other_nodes NODE: all but that one.
other_nodes() { lab_nodes | grep -vx "$1"; }

# other_node NODE: of a pair.
other_node() { other_nodes "$1" | head -1; }

# cluster_nodes: the containers of the nodes that the cluster has by now.
cluster_nodes()
{
	local name
	crm crm_node -l 2>/dev/null | while read -r _ name _; do
		cluster_container "$name"
	done | sort
}

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

# cluster_password: hacluster's.
cluster_password()
{
	[ -s "$LAB_DIR/password" ] ||
		od -An -N8 -tx8 /dev/urandom | tr -d ' ' >"$LAB_DIR/password"
	cat "$LAB_DIR/password"
}

# cluster_form [NODE...]: these nodes (all) with fencing, token 1000, resources
# none.
cluster_form()
{
	local n nodes=("$@") hosts=() names=()
	[ $# -gt 0 ] || mapfile -t nodes < <(lab_nodes)
	for n in "${nodes[@]}"; do
		names+=("$(cluster_name "$n")")
		hosts+=("$(cluster_name "$n")" "addr=$(lab_ip "$n")")
		cluster_node_prepare "$n" "$(cluster_password)" &&
			fence_client "$n" || return 1
	done
	lab_say "forming the cluster of ${names[*]}"
	wait_for 20 "pcsd on all nodes" pcsd_up "${nodes[@]}" || return 1
	node_sh n1 "$(cluster_password)" "${hosts[@]}" <<-'EOS' >"$LAB_DIR/cluster.log" 2>&1 || { cat "$LAB_DIR/cluster.log" >&2; return 1; }
	set -e
	pw=$1
	shift
	pcs host auth "$@" -u hacluster -p "$pw"
	pcs cluster setup ods "$@" totem token=1000 --force
	pcs cluster enable --all
	EOS
	for n in "${nodes[@]}"; do
		cluster_seed_cib "$n" || return 1
	done
	node_exec n1 pcs cluster start --all --wait=60 >>"$LAB_DIR/cluster.log" 2>&1 ||
		{ cat "$LAB_DIR/cluster.log" >&2; return 1; }
	wait_for 60 "all nodes online" cluster_online "${names[@]}" &&
		fence_resource "${nodes[@]}" &&
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
	for n; do
		node_exec "$n" bash -c 'exec 3<>/dev/tcp/127.0.0.1/2224' || return 1
	done
}

# cluster_seen: a container whose Pacemaker answers.
cluster_seen()
{
	local n
	for n in $(lab_nodes); do
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
	for n in $(other_nodes "$2"); do
		! node_exec "$n" crm_mon -1 >/dev/null 2>&1 || break
	done
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

# power_cut: all at once.
power_cut()
{
	local n
	for n in $(lab_nodes); do
		node_kill "$n" &
	done
	wait
}

# shellcheck shell=bash
# shellcheck disable=SC2154 # common.bash has the codes
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# A Pacemaker cluster of this machine alone, without fencing, for the state
# agent: its daemon needs Corosync and Pacemaker.

one_node_up()
{
	local address log=$BATS_FILE_TMPDIR/one-node.log
	address=$(hostname -I | cut -d' ' -f1)
	systemctl stop pacemaker corosync 2>/dev/null
	rm -f /etc/corosync/corosync.conf /var/lib/pacemaker/cib/cib*
	# Where a delay after a boot is configured, this was none.
	touch /run/lab-booted
	{
		pcs cluster setup one "$(uname -n)" addr="$address" \
			--corosync_conf /etc/corosync/corosync.conf --force &&
		corosync-keygen -l -k /etc/corosync/authkey &&
		one_node_cib &&
		systemctl start corosync pacemaker &&
		wait_until 60 one_node_online &&
		pcs property set stonith-enabled=false
	} >"$log" 2>&1 3>&- 4>&- || { cat "$log"; return 1; }
}

# It looks for a DC for 2 s instead of 20 s.
one_node_cib()
(
	umask 077
	cd /var/lib/pacemaker/cib &&
		cibadmin --empty >cib.xml &&
		CIB_file=$PWD/cib.xml \
			crm_attribute -t crm_config -n dc-deadtime -v 2s &&
		rm -f cib.xml.sig && chown hacluster:haclient cib.xml
)

one_node_online()
{
	crm_mon -1 --output-as=xml 2>/dev/null |
		grep -q '<node name=.* online="true".* pending="false"' &&
		crm_mon -1 --output-as=xml | grep -q '<current_dc present="true"'
}

one_node_down()
{
	systemctl stop pacemaker corosync
	rm -f /etc/corosync/corosync.conf /var/lib/pacemaker/cib/cib*
}

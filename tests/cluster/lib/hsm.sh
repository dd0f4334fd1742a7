# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Container hsm: one SoftHSM token that both nodes use over the network.

LAB_TOKEN=OpenDNSSEC
LAB_PIN=1234

hsm_setup()
{
	node_sh hsm "$LAB_TOKEN" "$LAB_PIN" <<-'EOS' >/dev/null
	set -e
	softhsm2-util --show-slots | grep -qF "$1" ||
		softhsm2-util --init-token --free --label "$1" \
			--pin "$2" --so-pin "$2"
	systemctl enable --now lab-hsm 2>/dev/null
	EOS
}

# hsm_objects NODE: what that node sees in the token, over the network.
hsm_objects()
{
	node_sh "$1" "$LAB_TOKEN" "$LAB_PIN" <<-'EOS'
	set -a
	. /etc/default/opendnssec
	module=$(ls /usr/lib/*/pkcs11/p11-kit-client.so)
	timeout 10 pkcs11-tool --module "$module" --token-label "$1" \
		--login --pin "$2" --list-objects
	EOS
}

# hsm_cut NODE / hsm_mend NODE: the network between that node and the HSM.
hsm_cut()
{
	node_exec "$1" nft "add table inet labcut; add chain inet labcut out { type filter hook output priority 0; }; add rule inet labcut out ip daddr $(lab_ip hsm) drop; add chain inet labcut in { type filter hook input priority 0; }; add rule inet labcut in ip saddr $(lab_ip hsm) drop"
}

hsm_mend() { node_exec "$1" nft delete table inet labcut; }

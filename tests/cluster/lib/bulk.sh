# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Many small zones beside the lab's own: z1.bulk.example and so on, of a policy
# whose zones share their keys.

# bulk_policy: theirs.  A story says before it starts:
# kasp_more() { bulk_policy; }
bulk_policy()
{
	kasp_policy nsec-unixtime |
		sed 's/name="[^"]*"/name="bulk"/
		s/<\/PublishSafety>/&<ShareKeys\/>/'
}

# bulk_write NODE FIRST LAST: their unsigned files, 21 records each.
bulk_write()
{
	node_sh "$1" "$ODS_VAR/unsigned" "$2" "$3" <<-'EOS'
	set -e
	for ((i = $2; i <= $3; i++)); do
		z=z$i.bulk.example
		{
			echo "\$ORIGIN $z."
			echo '$TTL 60'
			echo '@ SOA ns1 hostmaster 1 30 5 604800 60'
			echo '@ NS ns1'
			echo 'edited TXT "0"'
			echo 'ns1 A 192.0.2.1'
			for ((h = 0; h < 17; h++)); do echo "h$h A 192.0.2.$h"; done
		} >"$1/$z"
	done
	EOS
}

# bulk_add NODE FIRST LAST: to the enforcer, one by one.  Prints the seconds
# that each took.
bulk_add()
{
	node_sh "$1" "$2" "$3" <<-'EOS'
	set -e
	for ((i = $1; i <= $2; i++)); do
		from=$EPOCHREALTIME
		timeout 60 ods-enforcer zone add --zone z$i.bulk.example \
			--policy bulk >/dev/null
		echo "$from $EPOCHREALTIME" | awk '{ printf "%.4f\n", $2 - $1 }'
	done
	EOS
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Rollovers: where each key is, by kasp.db, and what registrars do.

# key_states NODE: a line for each key of a zone, and for each that waits for one,
#
#   ZONE ROLE LOCATOR TAG STATES ASKED
#   - POOL LOCATOR - - -
#
# STATES are those of `ods-enforcer key list -d`, of DS, DNSKEY, RRSIGDNSKEY and
# RRSIG: hidden, rumoured, omnipresent, unretentive, N/A by their first letters;
# ASKED is what is waited for at the parent, ds-seen and such, or -.
key_states()
{
	kasp_ask "$1" "
	SELECT z.name || ' ' || substr('?KZC', k.role + 1, 1) || 'SK ' ||
		h.locator || ' ' || k.keytag || ' ' ||
		(SELECT group_concat(substr('hrouN', state + 1, 1), '') FROM
			(SELECT state FROM keyState WHERE keyDataId = k.id
			ORDER BY CASE type WHEN 1 THEN 9 ELSE type END)) ||
		CASE k.dsAtParent WHEN 1 THEN ' ds-submit' WHEN 2 THEN ' ds-seen'
		WHEN 4 THEN ' ds-retract' WHEN 5 THEN ' ds-gone' ELSE ' -' END
	FROM keyData k JOIN zone z ON z.id = k.zoneId
	JOIN hsmKey h ON h.id = k.hsmKeyId
	UNION ALL SELECT '- POOL ' || locator || ' - - -' FROM hsmKey
	WHERE state = 1"
}

# keys_lost BEFORE AFTER: what key_states told and is not so any more: a key that
# was in use or in the pool is gone, or is in an earlier state.
keys_lost()
{
	awk '
	function back(a, b, i, x, y) {
		if (a == "-" || b == "-")
			return a != "-" && b == "-"
		for (i = 1; i <= 4; i++) {
			x = index("rou", substr(a, i, 1))
			y = index("rou", substr(b, i, 1))
			# from unretentive, or when time has passed, to hidden
			if (y < x && !(y == 0 && x >= 2))
				return 1
		}
		return 0
	}
	BEGIN { step["ds-submit"] = 1; step["ds-seen"] = 2
		step["ds-retract"] = 1; step["ds-gone"] = 2 }
	NR == FNR { states[$3] = $5; asked[$3] = $6; next }
	!($3 in states) {
		if ($5 ~ /[rou-]/) print "key gone:", $0
		next
	}
	back($5, states[$3]) {
		print "went back to " states[$3] ":", $0
		next
	}
	# what a registrar has said is asked for again
	$5 == states[$3] && asked[$3] in step && $5 ~ /^[ru]/ &&
	($6 == "-" ? 3 : step[$6]) > step[asked[$3]] {
		print "asks for " asked[$3] " again:", $0
	}' "$2" "$1"
}

# registrars NODE LATE: one look at all keys; what is asked for at the parent is
# done within LATE seconds, and said to the enforcer there a moment later.  One
# line "TIME ZONE WHAT TAG" each.
registrars()
{
	local zone id tag asked
	key_states "$1" | while read -r zone _ id tag _ asked; do
		[ "$asked" != - ] || continue
		registrar_late "$zone.$tag.$asked" "$2" || continue
		registrar "$1" "$zone" "$id" "$tag" "$asked" </dev/null
	done
}

# registrar_late NAME LATE: fails until its time has come.
registrar_late()
{
	local due file=$LAB_DIR/due/$1
	mkdir -p "$LAB_DIR/due"
	if [ ! -e "$file" ]; then
		echo $(($(date +%s) + RANDOM % $2)) >"$file"
		return 1
	fi
	read -r due <"$file"
	[ "$(date +%s)" -ge "$due" ]
}

# registrar NODE ZONE LOCATOR TAG WHAT
registrar()
{
	local n=$1 zone=$2 id=$3 tag=$4 what=$5
	case $what in
	ds-submit | ds-seen)
		if ! parent_has "$zone" "$tag"; then
			parent_add "$zone" "$tag" &&
				echo "$(lab_now) $zone DS-comes $tag"
			return
		fi
		;;
	*)
		if parent_has "$zone" "$tag"; then
			parent_remove "$zone" "$tag" &&
				echo "$(lab_now) $zone DS-goes $tag"
			return
		fi
		;;
	esac
	node_exec "$n" timeout 10 ods-enforcer key "$what" -z "$zone" \
		-k "$id" >/dev/null 2>&1 &&
		echo "$(lab_now) $zone $what $tag"
}

# roll NODE KIND ZONE: begins a rollover: zsk, ksk, or alg, which is the other
# one of two policies.
roll()
{
	local n=$1 zone=$3 policy=rsa-unixtime
	case $2 in
	zsk | ksk) node_exec "$n" timeout 20 ods-enforcer key rollover \
		-z "$zone" -t "${2^^}" ;;
	alg)
		kasp_ask "$n" "SELECT p.name FROM zone z JOIN policy p
			ON p.id = z.policyId WHERE z.name = '$zone'" |
			grep -q '^rsa-' && policy=nsec-unixtime
		node_exec "$n" timeout 20 ods-enforcer zone set-policy \
			-z "$zone" -p "$policy"
		;;
	esac
}

# rolling KEYS ROLLING: of key_states, what the zones of the lines "KIND ZONE
# OLD-LOCATOR..." go through: "state KIND ROLE new|old STATES ASKED" of each key
# that is on its way, "done ZONE" where all have arrived, "idle ZONE" where no
# new key has come yet.
rolling()
{
	awk '
	FILENAME == ARGV[1] {
		kind[$2] = $1
		for (i = 3; i <= NF; i++)
			old[$2, $i] = 1
		next
	}
	!($1 in kind) { next }
	kind[$1] != "alg" && tolower($2) != kind[$1] { next }
	{
		is_old = ($1, $3) in old
		if (!is_old)
			fresh[$1] = 1
		dead = $5 !~ /[rou]/
		rests = $5 == "oooN" || $5 == "NoNo"
		if (is_old ? dead : rests)
			next
		waits[$1] = 1
		if (!rests && !dead)
			print "state", kind[$1], $2, is_old ? "old" : "new", $5, $6
	}
	END { for (z in kind) if (!(z in fresh)) print "idle", z
		else if (!(z in waits)) print "done", z }
	' "$2" "$1" | sort -u
}

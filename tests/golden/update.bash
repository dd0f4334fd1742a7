#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# update.bash [DIR]: write the golden metadata and man pages anew from the
# agents in DIR ($B/agents).  Loaded by metadata.bats for its functions.

# The version changes with each release, the texts should not.
golden_metadata() { "$1" meta-data | sed '/<resource-agent /s/ version="[^"]*"//'; }
golden_man() { "$1" --man | sed '/^\.TH /s/ocf-ods [^"]*"/ocf-ods"/'; }

golden_update()
{
	local here a
	here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
	mkdir -p "$here/metadata" "$here/man"
	for a in enforcer signer hsm state; do
		[ -x "$1/$a" ] || continue
		golden_metadata "$1/$a" >"$here/metadata/$a.xml"
		golden_man "$1/$a" >"$here/man/ocf_ods_$a.7"
	done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	golden_update "${1:-${B:-build}/agents}"
fi

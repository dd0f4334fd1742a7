# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Waits that have a deadline, and what tests wait for.  A busy machine is slow:
# a test waits for what it needs, never for a time.

# wait_until SECONDS COMMAND...
wait_until()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "waited for: $*"; return 1; }
		sleep 0.1
	done
}

# gone PID: no thread of it runs any more.  One whose state cannot be read has
# ended since its name was; the first thread can end before the others do.
gone()
{
	! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/"$1"/task/*/status
}

# listening PATH: a socket there takes connections; it is bound a moment before.
listening() { grep -q " 00010000 .* $1\$" /proc/net/unix; }

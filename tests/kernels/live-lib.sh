# SPDX-License-Identifier: LGPL-2.1-or-later
# TAP in the guest, for the scripts of tests/kernels/live, which source it.
# shellcheck shell=sh
failures=0
PATH=$PATH:/test
LC_ALL=C

# ok NAME COMMAND...
ok()
{
	name=$1; shift
	if "$@" > /tmp/why 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		echo "# failed: $*" | cut -c 1-200
		head -n 12 /tmp/why | cut -c 1-200 | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

not()
{
	! "$@"
}

note()
{
	echo "# $*"
}

done_testing()
{
	echo 'end of tests'
	exit $((failures > 0))
}

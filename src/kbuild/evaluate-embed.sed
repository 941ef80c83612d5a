# SPDX-License-Identifier: LGPL-2.1-or-later
# Turns a makefile into the lines of a C string.
s/\\/\\\\/g
s/"/\\"/g
s/	/\\t/g
s/^/"/
s/$/\\n"/

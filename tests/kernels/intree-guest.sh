# SPDX-License-Identifier: LGPL-2.1-or-later
# In the guest of `intree`: the program beside it looks at /proc/kallmodsyms, first as it
# is, then with modules loaded.
status=0
./guest file show || status=1
for m in modules/*.ko; do insmod "$m" 2> /dev/null && loaded="$loaded $(basename "$m")"; done
echo "# loaded:$loaded"
./guest modules show module-sizes || status=1
./guest time || status=1
exit $status

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What wins. */
int first_lost(int x) { return x + 1; }
int lost_middle(int x) { return x + 2; }
int lost_untraced(int x) { return x + 3; }
int early_lost(int x) { return x + 4; }
long one_lost(void) { return 5; }
long two_lost(void) { return 6; }
long one_lost_too(void) { return 7; }
long two_lost_too(void) { return 8; }

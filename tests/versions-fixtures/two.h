/* SPDX-License-Identifier: LGPL-2.1-or-later */
struct list { struct list *next; };
enum shared { ONE = 1, TWO };
DEFINED_IN_A;
DEFINED_IN_B;
struct same { SAME; };

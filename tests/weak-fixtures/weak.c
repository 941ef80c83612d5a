/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Weak functions, most of which lose to those of strong.c. */
#define __weak __attribute__((weak))
#define __init __attribute__((section(".init.text")))
#define __notrace __attribute__((no_instrument_function, patchable_function_entry(0, 0)))

const char linux_banner[] = "Linux version 6.1.0-fixture (nobody)\n";
int main_extable_sort_needed = 1;
int counter;

int __weak first_lost(int x)
{
	return x * 3 + counter;
}

int live_one(int x)
{
	return x + counter;
}

int __weak lost_middle(int x)
{
	counter += x;
	return counter - 1;
}

int __weak keeps_living(int x)
{
	return x ^ counter;
}

int __weak __notrace lost_untraced(int x)
{
	return x * 7 - counter;
}

/* Equal bodies in one line: the compiler folds them. */
long ni(void)
{
	return -38;
}
#define PAIR(name) long __weak one_##name(void) { return ni(); } long __weak two_##name(void) { return ni(); }
PAIR(alive)
PAIR(lost)
PAIR(lost_too)

int __init __weak early_lost(int x)
{
	return x - counter * 5;
}

int __init startup_code(int x)
{
	return first_lost(x) + lost_middle(x) + keeps_living(x) + lost_untraced(x) + early_lost(x) +
	       (int)(one_alive() + two_alive() + one_lost() + two_lost() + one_lost_too() +
		     two_lost_too());
}

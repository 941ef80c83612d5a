savedcmd_drivers/a/two.o := gcc -DKBUILD_MODFILE='"drivers/a/two-part"' -c -o drivers/a/two.o drivers/a/two.c

deps_drivers/a/two.o := \
  include/linux/kconfig.h \

savedcmd_drivers/a/shared.o := gcc -DKBUILD_MODFILE='"drivers/a/one drivers/a/two-part"' -c -o drivers/a/shared.o drivers/a/shared.c

deps_drivers/a/shared.o := \
  include/linux/kconfig.h \

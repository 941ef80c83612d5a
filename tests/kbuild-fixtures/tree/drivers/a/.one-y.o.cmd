savedcmd_drivers/a/one-y.o := gcc -DKBUILD_MODFILE='"drivers/a/one"' -c -o drivers/a/one-y.o drivers/a/one-y.c

deps_drivers/a/one-y.o := \
  include/linux/kconfig.h \

savedcmd_drivers/a/one-x.o := gcc -DKBUILD_MODFILE='"drivers/a/one"' -c -o drivers/a/one-x.o drivers/a/one-x.c

deps_drivers/a/one-x.o := \
  include/linux/kconfig.h \

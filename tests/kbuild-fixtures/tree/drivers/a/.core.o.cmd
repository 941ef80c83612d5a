savedcmd_drivers/a/core.o := gcc -DKBUILD_MODFILE='"drivers/a/core"' -c -o drivers/a/core.o drivers/a/core.c

deps_drivers/a/core.o := \
  include/linux/kconfig.h \

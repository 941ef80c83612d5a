savedcmd_lib/helper.o := gcc -DKBUILD_MODFILE='"lib/helper"' -c -o lib/helper.o lib/helper.c

deps_lib/helper.o := \
  include/linux/kconfig.h \

savedcmd_kernel/core.o := gcc -DKBUILD_MODFILE='"kernel/core"' -c -o kernel/core.o kernel/core.c

deps_kernel/core.o := \
  include/linux/kconfig.h \

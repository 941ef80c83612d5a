savedcmd_init/main.o := gcc -DKBUILD_MODFILE='"init/main"' -c -o init/main.o init/main.c

deps_init/main.o := \
  include/linux/kconfig.h \

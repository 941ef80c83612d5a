savedcmd_net/last.o := gcc -DKBUILD_MODFILE='"net/last"' -c -o net/last.o net/last.c

deps_net/last.o := \
  include/linux/kconfig.h \

savedcmd_fs/simple.o := gcc -DKBUILD_MODFILE='"fs/simple"' -c -o fs/simple.o fs/simple.c

deps_fs/simple.o := \
  include/linux/kconfig.h \

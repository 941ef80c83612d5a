# SPDX-License-Identifier: LGPL-2.1-or-later
# Front door.  The build itself is Meson's (meson.build); this file sets up a
# machine, runs it, and knows the commands people need.
#
#   make                build/ksym and the library
#   make demo           set up, build, index a kernel image, show it
#                         IMAGE=FILE       take this one
#                         KERNEL=debian    fetch Debian's newest cloud kernel (283 MB)
#   make check          set up, build, run every test
#   make check-kernel   the tests that need real Debian kernels (fetched by apt, cached)
#   make check-san      the tests under ASan and UBSan, with gcc and with clang
#   make fuzz           fuzz every parser, FUZZ_SECONDS each (default 60)
#   make bench          ksym and its peers on a real kernel
#   make module         build/module/kallmodsyms.ko for the running kernel
#                         HEADERS=DIR      for the kernel of these headers
#   make install        DESTDIR and PREFIX as usual

BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	meson setup --prefix=$(PREFIX) $(BUILD)

demo:
	tools/setup
	$(MAKE) all
	IMAGE='$(IMAGE)' KERNEL='$(KERNEL)' tools/demo $(BUILD)

check:
	tools/setup --test
	$(MAKE) all
	tests/run $(BUILD)

check-kernel:
	tools/setup --test --kernel --qemu
	$(MAKE) all
	tests/kernels/all $(BUILD)

check-san:
	tools/setup --test --san
	tests/run-sanitizers

fuzz:
	tools/setup --test --san
	tests/fuzz/run $(FUZZ_SECONDS)

bench:
	tools/setup --test --kernel --bench
	$(MAKE) all
	bench/run $(BUILD)

module:
	tools/build-module -o $(BUILD)/module $(HEADERS)

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) build-*

.PHONY: all demo check check-kernel check-san fuzz bench module install clean

# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The top of the tree.  ks-main.mk holds the lines of the kernel's main Makefile
# that say which directories there are, and includes the architecture's.

include ks-main.mk

ifndef ARCH_CORE
ARCH_CORE := $(core-y)
ARCH_LIB := $(filter %/,$(libs-y))
ARCH_DRIVERS := $(drivers-y) $(drivers-m)
endif

$(info ks:dirs $(filter %/,$(init-y) $(core-y) $(libs-y) $(drivers-y) $(net-y) $(virt-y)))
$(info ks:libs $(filter %/ %/lib.a,$(libs-y)))
$(info ks:files $(MAKEFILE_LIST))

# Values of everything new; who reads this knows which of it is exported.  A
# recursive variable that would run something is left out, so is text of
# several lines.
define ks-newline


endef
ks-shell := $$(shell
ks-call := $$(call
ks-error := $$(error
ks-runs = $(and $(filter recursive,$(flavor $1)),$(or $(findstring $(ks-shell),$(value $1)),\
	$(findstring $(ks-call),$(value $1)),$(findstring $(ks-error),$(value $1))))
$(foreach v,$(filter-out $(ks-known) ks-%,$(ks-now)),\
	$(if $(or $(call ks-runs,$v),$(findstring $(ks-newline),$(value $v))),,\
	$(info ks:value $v $($v))))
$(ks-done)

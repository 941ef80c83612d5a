# SPDX-License-Identifier: LGPL-2.1-or-later
#
# One directory: $(ks-obj), whose makefile is $(ks-kbuild).

$(info ks:begin $(ks-obj))

obj := $(ks-obj)
$(eval $(ks-src-line))
kbuild-dir := $(srctree)/$(ks-obj)
kbuild-file := $(ks-kbuild)
PHONY :=

# Simple variables, as kbuild has them, so that += expands at once.
obj-y :=
obj-m :=
lib-y :=
lib-m :=
always :=
always-y :=
always-m :=
targets :=
subdir-y :=
subdir-m :=
EXTRA_AFLAGS :=
EXTRA_CFLAGS :=
EXTRA_CPPFLAGS :=
EXTRA_LDFLAGS :=
asflags-y :=
ccflags-y :=
rustflags-y :=
cppflags-y :=
ldflags-y :=
subdir-asflags-y :=
subdir-ccflags-y :=

include $(ks-kbuild)

$(info ks:dirs $(filter %/,$(obj-y)))
$(info ks:lib $(filter-out $(obj-y),$(sort $(lib-y) $(lib-m))))
$(foreach o,$(filter %.o,$(obj-y)),$(if $(call ks-parts,$o,-objs -y -),\
	$(info ks:multi $o $(call ks-parts,$o,-objs -y))\
	$(if $(call ks-parts,$o,-m),$(info ks:name $o $(call ks-parts,$o,-m))),\
	$(info ks:one $o)))
$(foreach o,$(filter-out $(obj-y),$(filter %.o,$(obj-m))),$(if $(call ks-is-multi,$o),\
	$(info ks:name $o $(call ks-parts,$o,-objs -y -m))))

# Forget everything the directory set: foo-y of the next one is another foo.
$(foreach v,$(filter-out $(ks-known),$(ks-now)),$(eval override undefine $v))
ifneq ($(ks-values),$(ks-values-before))
include ks-base.mk ks-export.mk
endif
ifdef ks-check
ifneq ($(ks-option-values),$(ks-option-values-before))
$(foreach v,$(filter-out $(ks-options-before),$(ks-options)),$(eval override undefine $v))
include ks-config.mk
endif
endif
$(info ks:end $(ks-obj))

# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Read by GNU make in an empty directory.  Beside it lie
#   ks-base.mk     what the kernel's main Makefile would have set (re-readable)
#   ks-config.mk   the .config as make variables (re-readable)
#   ks-export.mk   what the architecture's Makefile exports (re-readable)
#   ks-todo.mk     what to evaluate; ends with ks-done
#   ks-dir.mk      the evaluation of one directory
#   s              symbolic link to the source tree, so that its name may hold
#                  anything, and nothing written relatively lands in it
#
# Answers are lines that begin with "ks:".  make is always ended by $(error):
# it is the only way out that neither remakes an included file nor runs a recipe.

include ks-base.mk ks-config.mk ks-export.mk

-include $(srctree)/scripts/Kbuild.include
-include $(srctree)/scripts/Makefile.compiler

# Questions to a compiler are answered without one.  Which objects make up a
# module never depends on them; what they decide is flags.
try-run = $2
cc-option = $1
__cc-option = $3
cc-option-yn = y
cc-option-align = $1
cc-disable-warning = -Wno-$(strip $1)
cc-cross-prefix =
cc-ldoption = $1
cc-name = gcc
cc-version = $(CONFIG_GCC_VERSION)
cc-fullversion = $(CONFIG_GCC_VERSION)
hostcc-option = $1
as-option = $1
as-instr = $2
ld-option = $1
ar-option = $1
ld-version = $(CONFIG_LD_VERSION)
rustc-option = $1
__rustc-option = $3
rustc-option-yn = y

define ks-done
$(info ks:done)
$(error ks-done)
endef

# The words that replace the suffix .o of $1 by each of the suffixes $2.
ks-parts = $(strip $(foreach s,$2,$($(1:%.o=%$s))))
ks-is-multi = $(call ks-parts,$1,-objs -y -m -)

# What directories rely on, as it is now, to see whether one of them changed it.
ks-values = $(foreach v,$(ks-base-names) $(ks-export-names),$v=$(value $v))
# The same for the options of the configuration, of which there are thousands.
ks-options = $(filter CONFIG_%,$(.VARIABLES))
ks-option-values = $(foreach v,$(ks-options),$v=$($v))

# Automatic variables named %D and %F would be patterns that match others.
ks-now = $(filter-out \%D \%F CONFIG_%,$(.VARIABLES))
ks-obj :=
ks-kbuild :=
ks-check :=
ks-values-before := $(ks-values)
ks-options-before := $(ks-options)
ks-option-values-before := $(ks-option-values)
ks-known :=
ks-known := $(ks-now)

include ks-todo.mk

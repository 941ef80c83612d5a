// SPDX-License-Identifier: LGPL-2.1-or-later
#include "types/pass.h"

const uint8_t ks_tag_kinds[NR_TAGS] = {
	[DW_TAG_base_type] = KS_KIND_BASE,
	[DW_TAG_unspecified_type] = KS_KIND_UNSPECIFIED,
	[DW_TAG_pointer_type] = KS_KIND_POINTER,
	[DW_TAG_reference_type] = KS_KIND_REFERENCE,
	[DW_TAG_rvalue_reference_type] = KS_KIND_RVALUE_REFERENCE,
	[DW_TAG_const_type] = KS_KIND_CONST,
	[DW_TAG_volatile_type] = KS_KIND_VOLATILE,
	[DW_TAG_restrict_type] = KS_KIND_RESTRICT,
	[DW_TAG_atomic_type] = KS_KIND_ATOMIC,
	[DW_TAG_immutable_type] = KS_KIND_IMMUTABLE,
	[DW_TAG_packed_type] = KS_KIND_PACKED,
	[DW_TAG_shared_type] = KS_KIND_SHARED,
	[DW_TAG_typedef] = KS_KIND_TYPEDEF,
	[DW_TAG_template_type_parameter] = KS_KIND_TEMPLATE_TYPE,
	[DW_TAG_array_type] = KS_KIND_ARRAY,
	[DW_TAG_subroutine_type] = KS_KIND_SUBROUTINE,
	[DW_TAG_structure_type] = KS_KIND_STRUCT,
	[DW_TAG_class_type] = KS_KIND_CLASS,
	[DW_TAG_union_type] = KS_KIND_UNION,
	[DW_TAG_enumeration_type] = KS_KIND_ENUM,
	[DW_TAG_subrange_type] = KS_KIND_SUBRANGE,
	[DW_TAG_enumerator] = KS_KIND_ENUMERATOR,
	[DW_TAG_member] = KS_KIND_MEMBER,
	[DW_TAG_formal_parameter] = KS_KIND_PARAMETER,
	[DW_TAG_unspecified_parameters] = KS_KIND_MORE_PARAMETERS,
	[DW_TAG_variant_part] = KS_KIND_VARIANT_PART,
	[DW_TAG_variant] = KS_KIND_VARIANT,
	[DW_TAG_subprogram] = KS_KIND_FUNCTION,
	[DW_TAG_variable] = KS_KIND_VARIABLE,
	[DW_TAG_namespace] = KS_KIND_NAMESPACE,
};

/* The number that is ->value of this kind of node. */
static unsigned int value_attr(unsigned int kind)
{
	switch (kind) {
	case KS_KIND_MEMBER:
	case KS_KIND_PARAMETER:
		return DW_AT_data_member_location;
	case KS_KIND_ENUMERATOR:
		return DW_AT_const_value;
	case KS_KIND_VARIANT:
		return DW_AT_discr_value;
	case KS_KIND_SUBRANGE:
		return DW_AT_count;
	case KS_KIND_FUNCTION:
	case KS_KIND_VARIABLE:
	case KS_KIND_NAMESPACE:
	case KS_KIND_VARIANT_PART:
	case KS_KIND_OTHER:
		return 0;
	}
	return DW_AT_byte_size;
}

static unsigned int child_slot(unsigned int attr)
{
	switch (attr) {
	case DW_AT_accessibility:
		return SLOT_ACCESSIBILITY;
	case DW_AT_bit_size:
		return SLOT_BIT_SIZE;
	case DW_AT_data_bit_offset:
		return SLOT_BIT_OFFSET;
	}
	return KS_SLOT_NONE;
}

static unsigned int pass_slot(unsigned int tag, unsigned int attr, unsigned int form)
{
	unsigned int kind = kind_of(tag);

	(void)form;
	if (tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit)
		return attr == DW_AT_stmt_list		? SLOT_STMT_LIST
		       : attr == DW_AT_str_offsets_base ? SLOT_STR_OFFSETS_BASE
							: KS_SLOT_NONE;
	if (kind == KS_KIND_OTHER || kind == KS_KIND_MORE_PARAMETERS)
		return KS_SLOT_NONE;
	if (attr == DW_AT_name)
		return SLOT_NAME;
	if (attr == DW_AT_type)
		return kind == KS_KIND_SUBRANGE || kind == KS_KIND_ENUM ? KS_SLOT_NONE : SLOT_TYPE;
	if (attr == value_attr(kind))
		return SLOT_VALUE;
	if (kind == KS_KIND_MEMBER || kind == KS_KIND_PARAMETER)
		return child_slot(attr);
	if (kind == KS_KIND_SUBRANGE && attr == DW_AT_upper_bound)
		return SLOT_UPPER_BOUND;
	if (kind >= KS_KIND_SUBRANGE)
		return KS_SLOT_NONE;
	if (attr == DW_AT_alignment)
		return SLOT_ALIGNMENT;
	if (kind == KS_KIND_BASE && attr == DW_AT_encoding)
		return SLOT_ENCODING;
	if (!ks_kind_in(kind, KS_KINDS_AGGREGATE))
		return KS_SLOT_NONE;
	return attr == DW_AT_declaration ? SLOT_DECLARATION
	       : attr == DW_AT_decl_file ? SLOT_DECL_FILE
					 : KS_SLOT_NONE;
}

/* ---- all: what types are made of, and what has an address */

static unsigned int object_slot(unsigned int kind, unsigned int attr, unsigned int form)
{
	switch (attr) {
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		return SLOT_ORIGIN;
	case DW_AT_external:
		return SLOT_EXTERNAL;
	case DW_AT_artificial:
		return kind == KS_KIND_VARIABLE ? SLOT_ARTIFICIAL : KS_SLOT_NONE;
	case DW_AT_declaration:
		return SLOT_DECLARATION;
	case DW_AT_low_pc:
		return kind == KS_KIND_FUNCTION ? SLOT_LOW_PC : KS_SLOT_NONE;
	case DW_AT_calling_convention:
		return kind == KS_KIND_FUNCTION ? SLOT_CALLING_CONVENTION : KS_SLOT_NONE;
	case DW_AT_const_value:
		return kind == KS_KIND_PARAMETER ? SLOT_CONST_VALUE : KS_SLOT_NONE;
	case DW_AT_location:
		if (kind == KS_KIND_FUNCTION)
			break;
		return kind == KS_KIND_PARAMETER || ks_form_is_block((uint16_t)form)
			       ? SLOT_LOCATION
			       : SLOT_PLACES;
	}
	return KS_SLOT_NONE;
}

static unsigned int unit_slot(unsigned int attr)
{
	switch (attr) {
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		return SLOT_ADDR_BASE;
	case DW_AT_loclists_base:
		return SLOT_LOCLISTS_BASE;
	case DW_AT_language:
		return SLOT_LANGUAGE;
	case DW_AT_producer:
		return SLOT_PRODUCER;
	}
	return KS_SLOT_NONE;
}

static unsigned int slot_of_all(unsigned int tag, unsigned int attr, unsigned int form)
{
	unsigned int kind = kind_of(tag), slot = KS_SLOT_NONE;

	if (tag == TAG_LLVM_annotation)
		return attr == DW_AT_name	   ? SLOT_NAME
		       : attr == DW_AT_const_value ? SLOT_CONST_VALUE
						   : KS_SLOT_NONE;
	if (kind == KS_KIND_FUNCTION || kind == KS_KIND_VARIABLE || kind == KS_KIND_PARAMETER)
		slot = object_slot(kind, attr, form);
	if (kind == KS_KIND_MEMBER && attr == DW_AT_bit_offset)
		slot = SLOT_OLD_BIT_OFFSET;
	if (kind == KS_KIND_MEMBER && attr == DW_AT_byte_size)
		slot = SLOT_OLD_SIZE;
	if (kind == KS_KIND_MEMBER && (attr == DW_AT_external || attr == DW_AT_declaration))
		slot = SLOT_EXTERNAL;
	if (kind == KS_KIND_ENUM && attr == DW_AT_type)
		slot = SLOT_TYPE;
	if (tag == DW_TAG_compile_unit || tag == DW_TAG_partial_unit)
		slot = unit_slot(attr);
	return slot != KS_SLOT_NONE ? slot : pass_slot(tag, attr, form);
}

static unsigned int action_of_all(unsigned int tag, uint32_t slots)
{
	switch (tag) {
	case DW_TAG_label:
	case DW_TAG_call_site:
	case DW_TAG_GNU_call_site:
	case DW_TAG_inlined_subroutine:	/* what it is made of is where it comes from */
		return KS_DIE_PRUNE;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return 0;
	case DW_TAG_variable:
		return slots & 1u << SLOT_PLACES ? KS_DIE_PRUNE : KS_DIE_REPORT;
	}
	return KS_DIE_REPORT;
}

static unsigned int action_in_bodies(unsigned int tag, uint32_t slots)
{
	(void)slots;
	switch (tag) {
	case DW_TAG_label:
	case DW_TAG_call_site:
	case DW_TAG_GNU_call_site:
		return KS_DIE_PRUNE;
	case DW_TAG_lexical_block:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return 0;
	case DW_TAG_subprogram:
		return KS_DIE_REPORT | KS_DIE_MAY_PRUNE;
	}
	return KS_DIE_REPORT;
}

static unsigned int action_over_bodies(unsigned int tag, uint32_t slots)
{
	unsigned int action = action_in_bodies(tag, slots);

	return action ? action : KS_DIE_PRUNE;
}

const struct ks_pass ks_pass_over_bodies = { .slot = pass_slot, .action = action_over_bodies };
const struct ks_pass ks_pass_in_bodies = { .slot = pass_slot, .action = action_in_bodies };
const struct ks_pass ks_pass_all = { .slot = slot_of_all, .action = action_of_all };

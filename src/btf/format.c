// SPDX-License-Identifier: LGPL-2.1-or-later
#include "btf/format.h"

#define NONE .part_name = -1, .part_type = -1
#define TYPE { .known = true, .has_type = true, NONE }

const struct ks_btf_layout ks_btf_layouts[128] = {
	[BTF_KIND_INT] = { .known = true, .is_named = true, .fixed = 1, NONE },
	[BTF_KIND_PTR] = TYPE,
	[BTF_KIND_ARRAY] = { .known = true, .fixed = 3, NONE },
	[BTF_KIND_STRUCT] = { .known = true, .is_named = true, .part = 3, .part_type = 1 },
	[BTF_KIND_UNION] = { .known = true, .is_named = true, .part = 3, .part_type = 1 },
	[BTF_KIND_ENUM] = { .known = true, .is_named = true, .part = 2, .part_type = -1 },
	[BTF_KIND_FWD] = { .known = true, .is_named = true, NONE },
	[BTF_KIND_TYPEDEF] = { .known = true, .has_type = true, .is_named = true, NONE },
	[BTF_KIND_VOLATILE] = TYPE,
	[BTF_KIND_CONST] = TYPE,
	[BTF_KIND_RESTRICT] = TYPE,
	[BTF_KIND_FUNC] = { .known = true, .has_type = true, .is_named = true, NONE },
	[BTF_KIND_FUNC_PROTO] = { .known = true, .has_type = true, .part = 2, .part_type = 1 },
	[BTF_KIND_VAR] = { .known = true, .has_type = true, .is_named = true, .fixed = 1, NONE },
	[BTF_KIND_DATASEC] = { .known = true, .is_named = true, .part = 3, .part_name = -1 },
	[KS_BTF_FLOAT] = { .known = true, .is_named = true, NONE },
	[KS_BTF_DECL_TAG] = { .known = true, .has_type = true, .fixed = 1, NONE },
	[KS_BTF_TYPE_TAG] = TYPE,
	[KS_BTF_ENUM64] = { .known = true, .is_named = true, .part = 3, .part_type = -1 },
};

// SPDX-License-Identifier: LGPL-2.1-or-later
#include "versions/symtree.h"

#include <errno.h>
#include <string.h>

#include "versions/symtypes.h"

#define FUNCTIONS (KS_KINDS(KS_KIND_FUNCTION) | KS_KINDS(KS_KIND_SUBROUTINE))
#define LISTS                                                                             \
	(KS_KINDS_AGGREGATE | KS_KINDS(KS_KIND_VARIANT_PART) | KS_KINDS(KS_KIND_VARIANT))

static const struct {
	const char *word;
	uint8_t kind;
} words[] = {
	{ "pointer_type", KS_KIND_POINTER },
	{ "base_type", KS_KIND_BASE },
	{ "const_type", KS_KIND_CONST },
	{ "structure_type", KS_KIND_STRUCT },
	{ "union_type", KS_KIND_UNION },
	{ "enumeration_type", KS_KIND_ENUM },
	{ "subroutine_type", KS_KIND_SUBROUTINE },
	{ "typedef_type", KS_KIND_TYPEDEF },
	{ "volatile_type", KS_KIND_VOLATILE },
	{ "subprogram", KS_KIND_FUNCTION },
	{ "variable", KS_KIND_VARIABLE },
	{ "unspecified_type", KS_KIND_UNSPECIFIED },
	{ "class_type", KS_KIND_CLASS },
	{ "restrict_type", KS_KIND_RESTRICT },
	{ "atomic_type", KS_KIND_ATOMIC },
	{ "reference_type", KS_KIND_REFERENCE },
	{ "rvalue_reference_type", KS_KIND_RVALUE_REFERENCE },
	{ "immutable_type", KS_KIND_IMMUTABLE },
	{ "packed_type", KS_KIND_PACKED },
	{ "shared_type", KS_KIND_SHARED },
	{ "template_type_parameter_type", KS_KIND_TEMPLATE_TYPE },
};

static const struct {
	const char *word;
	uint8_t kind;
} item_words[] = {
	{ "member", KS_KIND_MEMBER },
	{ "formal_parameter", KS_KIND_PARAMETER },
	{ "enumerator", KS_KIND_ENUMERATOR },
	{ "variant", KS_KIND_VARIANT },
	{ "variant_part", KS_KIND_VARIANT_PART },
};

static const struct {
	const char *word;
	uint8_t attr;
} attr_words[] = {
	{ "byte_size(", KS_SYMTREE_BYTE_SIZE },
	{ "encoding(", KS_SYMTREE_ENCODING },
	{ "data_member_location(", KS_SYMTREE_LOCATION },
	{ "alignment(", KS_SYMTREE_ALIGNMENT },
	{ "bit_size(", KS_SYMTREE_BIT_SIZE },
	{ "data_bit_offset(", KS_SYMTREE_BIT_OFFSET },
	{ "accessibility(", KS_SYMTREE_ACCESSIBILITY },
	{ "discr_value(", KS_SYMTREE_VALUE },
};

/* What the innermost node that is not complete waits for. */
enum state { ST_TYPE, ST_CLOSE, ST_ITEMS, ST_COMMA, ST_TAIL };

struct frame {
	uint32_t node;
	uint8_t state;
};

struct parser {
	struct ks_symtree *t;
	uint32_t pos, len;
	uint32_t word, word_len;	/* the word at pos */
	KS_VEC(struct frame) stack;
};

/* Set ->word to what comes next, ->pos stays. */
static void look(struct parser *p)
{
	const char *s, *blank;

	while (p->pos < p->len && p->t->text[p->pos] == ' ')
		p->pos++;
	s = p->t->text + p->pos;
	blank = memchr(s, ' ', p->len - p->pos);
	p->word = p->pos;
	p->word_len = blank ? (uint32_t)(blank - s) : p->len - p->pos;
	p->word_len = (uint32_t)ks_symtypes_word(s, p->word_len);
}

static void skip(struct parser *p)
{
	p->pos = p->word + p->word_len;
	look(p);
}

static bool word_is(const struct parser *p, const char *s)
{
	return p->word_len == strlen(s) && !memcmp(p->t->text + p->word, s, p->word_len);
}

static bool take(struct parser *p, const char *s)
{
	if (!word_is(p, s))
		return false;
	skip(p);
	return true;
}

static struct ks_symtree_node *node(struct parser *p, uint32_t i)
{
	return &p->t->nodes.data[i];
}

/* N of "N)"; what stands behind the bracket is the next word. */
static bool number(struct parser *p, uint32_t pos, char close, uint64_t *out)
{
	const char *s = p->t->text;
	uint64_t n = 0;
	uint32_t first = pos;

	for (; pos < p->len && s[pos] >= '0' && s[pos] <= '9'; pos++) {
		if (n > (UINT64_MAX - 9) / 10)
			n = UINT64_MAX / 10 - 1;	/* more than 64 bits */
		n = n * 10 + (uint64_t)(s[pos] - '0');
	}
	if (pos == first || (close ? pos == p->len || s[pos] != close
				   : pos < p->len && s[pos] != ' '))
		return false;
	*out = n;
	p->pos = pos + (close != 0);
	look(p);
	return true;
}

/* Those that types have; what a member has comes behind those of its type. */
#define TYPE_ATTRS (KS_SYMTREE_BYTE_SIZE | KS_SYMTREE_ENCODING | KS_SYMTREE_ALIGNMENT)
#define CHILD_ATTRS ((uint8_t)~TYPE_ATTRS)

/* Number in attr_words of the word at hand, if it is one of @allowed. */
static int attr_of(const struct parser *p, unsigned int allowed)
{
	for (size_t i = 0; i < sizeof(attr_words) / sizeof(attr_words[0]); i++) {
		size_t len = strlen(attr_words[i].word);

		if ((attr_words[i].attr & allowed) && p->word_len > len &&
		    !memcmp(p->t->text + p->word, attr_words[i].word, len))
			return (int)i;
	}
	return -1;
}

static bool attributes(struct parser *p, uint32_t nr, unsigned int allowed)
{
	int i;

	while ((i = attr_of(p, allowed)) >= 0) {
		struct ks_symtree_node *n = node(p, nr);
		uint64_t value;

		if (!number(p, p->word + (uint32_t)strlen(attr_words[i].word), ')', &value))
			return false;
		n->attrs |= attr_words[i].attr;
		switch (attr_words[i].attr) {
		case KS_SYMTREE_BYTE_SIZE: n->size = value; break;
		case KS_SYMTREE_ENCODING: n->encoding = (uint32_t)value; break;
		case KS_SYMTREE_LOCATION: n->location = value; break;
		case KS_SYMTREE_ALIGNMENT: n->align = value; break;
		case KS_SYMTREE_BIT_SIZE: n->bit_size = value; break;
		case KS_SYMTREE_BIT_OFFSET: n->bit_off = value; break;
		case KS_SYMTREE_VALUE: n->value = value; break;
		}
	}
	return true;
}

/* A name of several words, up to @end, which is taken. */
static bool name_until(struct parser *p, uint32_t nr, const char *end)
{
	uint32_t start = p->word, stop = p->word;

	while (!word_is(p, end)) {
		if (!p->word_len)
			return false;
		stop = p->word + p->word_len;
		skip(p);
	}
	skip(p);
	node(p, nr)->name = start;
	node(p, nr)->name_len = stop - start;
	return true;
}

static int begin(struct parser *p, uint8_t kind, uint8_t state, uint32_t *out)
{
	uint32_t parent = p->stack.len ? p->stack.data[p->stack.len - 1].node : KS_SYMTREE_NONE;
	struct ks_symtree_node *n = ks_vec_push(&p->t->nodes);
	struct frame *f = ks_vec_push(&p->stack);

	if (!n || !f)
		return -ENOMEM;
	*out = (uint32_t)p->t->nodes.len - 1;
	*n = (struct ks_symtree_node){
		.kind = kind, .start = p->word, .parent = parent, .type = KS_SYMTREE_NONE,
		.first = KS_SYMTREE_NONE, .last = KS_SYMTREE_NONE, .next = KS_SYMTREE_NONE,
	};
	*f = (struct frame){ *out, state };
	return 0;
}

/* The node on top is complete: hand it to the one below. */
static void complete(struct parser *p)
{
	uint32_t nr = p->stack.data[--p->stack.len].node;
	struct ks_symtree_node *n = node(p, nr), *parent;
	struct frame *f;

	/* Up to the blank before the next word. */
	n->len = p->word - n->start;
	while (n->len && p->t->text[n->start + n->len - 1] == ' ')
		n->len--;
	if (!p->stack.len)
		return;
	f = &p->stack.data[p->stack.len - 1];
	parent = node(p, f->node);
	if (f->state == ST_TYPE) {
		parent->type = nr;
		f->state = ks_kind_in(parent->kind, FUNCTIONS) ? ST_TAIL : ST_CLOSE;
		return;
	}
	if (parent->last == KS_SYMTREE_NONE)
		parent->first = nr;
	else
		node(p, parent->last)->next = nr;
	parent->last = nr;
	f->state = ST_COMMA;
}

/* "base_type long unsigned int byte_size(8) encoding(7)" and "base_type void". */
static bool base_type(struct parser *p, uint32_t nr)
{
	uint32_t start = p->word, stop = p->word;
	bool is_void = word_is(p, "void");

	while (p->word_len && attr_of(p, TYPE_ATTRS) < 0) {
		stop = p->word + p->word_len;
		skip(p);
		if (is_void)
			break;
	}
	if (!p->word_len && stop == start)
		return false;
	node(p, nr)->name = start;
	node(p, nr)->name_len = stop - start;
	return attributes(p, nr, TYPE_ATTRS);
}

static bool array_type(struct parser *p, uint32_t nr, uint32_t brackets)
{
	node(p, nr)->name = p->word + brackets;
	node(p, nr)->name_len = p->word_len - brackets;
	skip(p);
	return take(p, "{");
}

static int type_word(const struct parser *p)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (word_is(p, words[i].word))
			return words[i].kind;
	if (p->word_len > 10 && !memcmp(p->t->text + p->word, "array_type[", 11))
		return KS_KIND_ARRAY;
	return word_is(p, "array_type") ? KS_KIND_ARRAY : -1;
}

static int begin_type(struct parser *p)
{
	const char *s = p->t->text + p->word;
	size_t ref = ks_symtypes_ref(s, p->t->text + p->len);
	int kind = ref ? KS_SYMTREE_REF : type_word(p), ret;
	uint32_t nr;

	if (kind < 0)
		return -EBADMSG;
	ret = begin(p, (uint8_t)kind, ST_TYPE, &nr);
	if (ret)
		return ret;
	if (ref) {
		node(p, nr)->name = p->word;
		node(p, nr)->name_len = p->word_len = (uint32_t)ref;
		skip(p);
		complete(p);
		return 0;
	}
	if (kind == KS_KIND_ARRAY)
		return array_type(p, nr, 10) ? 0 : -EBADMSG;
	skip(p);
	if (kind == KS_KIND_BASE || kind == KS_KIND_UNSPECIFIED) {
		if (kind == KS_KIND_BASE && !base_type(p, nr))
			return -EBADMSG;
		complete(p);
		return 0;
	}
	if (kind == KS_KIND_VARIABLE)
		return 0;
	if (ks_kind_in((unsigned int)kind, FUNCTIONS)) {
		p->stack.data[p->stack.len - 1].state = ST_ITEMS;
		return take(p, "(") ? 0 : -EBADMSG;
	}
	if (ks_kind_in((unsigned int)kind, LISTS))
		p->stack.data[p->stack.len - 1].state = ST_ITEMS;
	return name_until(p, nr, "{") ? 0 : -EBADMSG;
}

static int begin_item(struct parser *p)
{
	uint32_t nr;
	int ret = -EBADMSG;

	for (size_t i = 0; i < sizeof(item_words) / sizeof(item_words[0]); i++) {
		uint8_t kind = item_words[i].kind;

		if (!word_is(p, item_words[i].word))
			continue;
		ret = begin(p, kind, ks_kind_in(kind, LISTS) ? ST_ITEMS : ST_TYPE, &nr);
		if (ret)
			return ret;
		skip(p);
		if (ks_kind_in(kind, LISTS))
			return take(p, "{") ? 0 : -EBADMSG;
		if (kind != KS_KIND_ENUMERATOR)
			return 0;
		node(p, nr)->name = p->word;
		node(p, nr)->name_len = p->word_len;
		skip(p);
		if (take(p, "=")) {
			node(p, nr)->attrs |= KS_SYMTREE_VALUE;
			if (!number(p, p->word, 0, &node(p, nr)->value))
				return -EBADMSG;
		}
		complete(p);
		return 0;
	}
	return ret;
}

/* Is there a name?  There is a blank before it, which not every other thing has. */
static bool at_name(const struct parser *p)
{
	return p->word_len && p->t->text[p->word - 1] == ' ' && attr_of(p, CHILD_ATTRS) < 0 &&
	       !word_is(p, ",") && !word_is(p, "}") && !word_is(p, ")");
}

/* The type of the node on top is there: what closes it. */
static bool close_node(struct parser *p)
{
	uint32_t nr = p->stack.data[p->stack.len - 1].node;
	uint8_t kind = node(p, nr)->kind;

	if (kind == KS_KIND_MEMBER || kind == KS_KIND_PARAMETER) {
		if (at_name(p)) {
			node(p, nr)->name = p->word;
			node(p, nr)->name_len = p->word_len;
			skip(p);
		}
		if (!attributes(p, nr, CHILD_ATTRS))
			return false;
	} else if (kind != KS_KIND_VARIABLE) {
		if (!take(p, "}"))
			return false;
		if (kind != KS_KIND_ARRAY && !attributes(p, nr, TYPE_ATTRS))
			return false;
	}
	complete(p);
	return true;
}

/* In a list: an item, a comma, or its end. */
static int step_items(struct parser *p, struct frame *f)
{
	uint32_t nr = f->node;
	bool function = ks_kind_in(node(p, nr)->kind, FUNCTIONS);

	if (take(p, function ? ")" : "}")) {
		if (function) {
			f->state = ST_TYPE;
			return take(p, "->") ? 0 : -EBADMSG;
		}
		if (!attributes(p, nr, node(p, nr)->kind == KS_KIND_VARIANT ? CHILD_ATTRS : TYPE_ATTRS))
			return -EBADMSG;
		complete(p);
		return 0;
	}
	if (f->state == ST_COMMA)
		take(p, ",");
	return begin_item(p);
}

static int step(struct parser *p)
{
	struct frame *f = &p->stack.data[p->stack.len - 1];

	switch (f->state) {
	case ST_TYPE:
		return begin_type(p);
	case ST_ITEMS:
	case ST_COMMA:
		return step_items(p, f);
	case ST_CLOSE:
		return close_node(p) ? 0 : -EBADMSG;
	}
	complete(p);
	return 0;
}

int ks_symtree_parse(struct ks_symtree *t, const char *text, uint32_t len)
{
	struct parser p = { .t = t, .len = len };
	int ret;

	t->text = text;
	look(&p);
	ret = begin_type(&p);
	while (!ret && p.stack.len)
		ret = p.stack.len > KS_SYMTREE_MAX_DEPTH ? -EBADMSG : step(&p);
	if (!ret && p.word_len)
		ret = -EBADMSG;
	ks_vec_free(&p.stack);
	if (ret)
		ks_symtree_free(t);
	return ret;
}

void ks_symtree_free(struct ks_symtree *t)
{
	ks_vec_free(&t->nodes);
}

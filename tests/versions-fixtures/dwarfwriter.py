# SPDX-License-Identifier: LGPL-2.1-or-later
"""Relocatable x86-64 objects with any DWARF 5 at all, for what no compiler writes.

    top = [die(TAG.pointer_type, "p", type="p"), variable("x", "p")]
    write("x.o", [top], symbols=["x"])

A DIE is (tag, label, attributes, children).  Attributes are keywords: a number becomes
udata, text a string, ref("label") or (for type, abstract_origin, ...) a plain label a
reference inside the file, True flag_present, and (form, bytes) just that.
"""

import struct


class TAG:
    array_type, class_type, enumeration_type, formal_parameter = 0x01, 0x02, 0x04, 0x05
    member, pointer_type, compile_unit, structure_type = 0x0d, 0x0f, 0x11, 0x13
    subroutine_type, typedef, union_type, unspecified_parameters = 0x15, 0x16, 0x17, 0x18
    variant, inheritance, subrange_type, base_type, const_type = 0x19, 0x1c, 0x21, 0x24, 0x26
    enumerator, subprogram, variable, volatile_type, variant_part = 0x28, 0x2e, 0x34, 0x35, 0x33
    lexical_block, ptr_to_member_type, packed_type, namespace = 0x0b, 0x1f, 0x2d, 0x39
    unspecified_type, shared_type, restrict_type, atomic_type = 0x3b, 0x40, 0x37, 0x47
    template_type, reference_type, string_type, immutable_type = 0x2f, 0x10, 0x12, 0x4b


AT = {"sibling": 0x01, "location": 0x02, "name": 0x03, "byte_size": 0x0b, "bit_size": 0x0d,
      "const_value": 0x1c, "discr": 0x15, "discr_value": 0x16, "upper_bound": 0x2f,
      "abstract_origin": 0x31, "accessibility": 0x32, "count": 0x37,
      "data_member_location": 0x38, "decl_file": 0x3a, "declaration": 0x3c, "encoding": 0x3e,
      "external": 0x3f, "specification": 0x47, "type": 0x49, "data_bit_offset": 0x6b,
      "linkage_name": 0x6e, "alignment": 0x88, "signature": 0x69, "bit_offset": 0x0c,
      "stmt_list": 0x10}
REFERENCES = {"type", "abstract_origin", "specification", "sibling", "discr"}


class ref:
    """A reference to a label, plus some bytes; @far: across units."""

    def __init__(self, label, plus=0, far=False):
        self.label, self.plus, self.far = label, plus, far


def die(tag, label=None, children=(), **attributes):
    return (tag, label, attributes, list(children))


def variable(name, kind=None, **more):
    if kind is not None:
        more["type"] = kind
    return die(TAG.variable, None, name=name, **more)


def uleb(n):
    out = bytearray()
    while True:
        out.append((n & 0x7f) | (0x80 if n > 0x7f else 0))
        n >>= 7
        if not n:
            return bytes(out)


def sleb(n):
    out = bytearray()
    while True:
        byte = n & 0x7f
        n >>= 7
        if (n == 0 and not byte & 0x40) or (n == -1 and byte & 0x40):
            out.append(byte)
            return bytes(out)
        out.append(byte | 0x80)


def line_table(names):
    """One of DWARF 5 that knows files and no lines."""
    tables = b"\x01\x01\x08\x01dir\0\x02\x01\x08\x02\x0b" + uleb(len(names)) + \
        b"".join(n.encode() + b"\0\0" for n in names)
    header = struct.pack("<BBBbBB", 1, 1, 1, -5, 14, 13) + b"\0\1\1\1\1\0\0\0\1\0\0\1" + tables
    body = struct.pack("<HBBI", 5, 8, 0, len(header)) + header
    return struct.pack("<I", len(body)) + body


class Units:
    """.debug_info and .debug_abbrev of units, each a list of DIEs; .debug_line with the
    names of files, of which each unit has a list."""

    def __init__(self, units, version=5, files=()):
        self.info, self.abbrevs, self.codes = bytearray(), bytearray(), {}
        self.labels, self.fixups, self.version, self.files = {}, [], version, files
        self.line, self.nr = b"", 0
        for dies in units:
            self.unit(dies)
        for at, start, r in self.fixups:
            if isinstance(r.label, int):
                value = r.label
            else:
                off, unit = self.labels[r.label]
                value = off - (0 if r.far else start)
            struct.pack_into("<I", self.info, at, (value + r.plus) & 0xffffffff)
        self.abbrevs += b"\0"

    def unit(self, dies):
        self.start = len(self.info)
        header = struct.pack("<IHBBI", 0, 5, 1, 8, 0) if self.version == 5 else \
            struct.pack("<IHIB", 0, self.version, 0, 8)
        self.info += header
        # Without recursion: some trees are deep.
        more = {}
        if self.files:
            more["stmt_list"] = (0x17, struct.pack("<I", len(self.line)))
            self.line += line_table(self.files[self.nr % len(self.files)])
        self.nr += 1
        root = die(TAG.compile_unit, None, dies, name="unit.h", **more)
        stack = [iter([root])]
        while stack:
            for d in stack[-1]:
                self.one(d)
                if d[3]:
                    stack.append(iter(d[3]))
                    break
            else:
                stack.pop()
                if stack:
                    self.info += b"\0"
        struct.pack_into("<I", self.info, self.start, len(self.info) - self.start - 4)

    def one(self, d):
        tag, label, attributes, children = d
        if label is not None:
            self.labels[label] = (len(self.info), self.start)
        forms, body = [], []
        for name, value in attributes.items():
            if name in REFERENCES and isinstance(value, (str, int)) and value is not True:
                value = ref(value)
            if isinstance(value, ref):
                forms.append((AT[name], 0x10 if value.far else 0x13))
                body.append(value)
            elif value is True:
                forms.append((AT[name], 0x19))
            elif isinstance(value, int):
                forms.append((AT[name], 0x0f) if value >= 0 else (AT[name], 0x0d))
                body.append(uleb(value) if value >= 0 else sleb(value))
            elif isinstance(value, tuple):
                forms.append((AT[name], value[0], *value[2:]))
                body.append(value[1])
            else:
                forms.append((AT[name], 0x08))
                body.append(value.encode() + b"\0")
        key = (tag, bool(children), tuple(forms))
        if key not in self.codes:
            self.codes[key] = len(self.codes) + 1
            self.abbrevs += uleb(self.codes[key]) + uleb(tag) + bytes([bool(children)])
            for at, form, *rest in forms:
                self.abbrevs += uleb(at) + uleb(form) + b"".join(sleb(v) for v in rest)
            self.abbrevs += b"\0\0"
        self.info += uleb(self.codes[key])
        for part in body:
            if isinstance(part, ref):
                self.fixups.append((len(self.info), self.start, part))
                part = bytes(4)
            self.info += part


def elf(sections, symbols=()):
    """@sections: (name, bytes).  @symbols: global ones, (name, section from 1, value)."""
    strings, symtab = bytearray(b"\0"), bytearray(24)
    for name, section, value in symbols:
        symtab += struct.pack("<IBBHQQ", len(strings), 0x11, 0, section, value, 8)
        strings += name.encode() + b"\0"
    listed = [(".data", 1, 3, bytes(16), 0, 0, 0)]
    listed += [(name, 1, 0, data, 0, 0, 0) for name, data in sections]
    nr = len(listed)
    listed += [(".symtab", 2, 0, bytes(symtab), nr + 2, 1, 24), (".strtab", 3, 0, bytes(strings), 0, 0, 0)]
    names = b"\0" + b"".join(s[0].encode() + b"\0" for s in listed) + b".shstrtab\0"
    listed.append((".shstrtab", 3, 0, names, 0, 0, 0))
    body, headers, at = bytearray(64), bytes(64), 1
    for name, kind, flags, data, link, info, size in listed:
        headers += struct.pack("<IIQQQQIIQQ", at, kind, flags, 0, len(body), len(data), link, info,
                               8 if kind == 2 else 1, size)
        at += len(name) + 1
        body += data + bytes(-len(data) % 8)
    body[:64] = struct.pack("<4s12BHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, *bytes(9), 1, 62, 1, 0, 0,
                            len(body), 0, 64, 0, 0, 64, len(listed) + 1, len(listed))
    return bytes(body) + headers


def write(path, units, symbols=(), sections=(), version=5, files=()):
    """@symbols: names, 8 bytes apart, or (name, value)."""
    u = Units(units, version, files)
    if u.line:
        sections = [(".debug_line", u.line), *sections]
    places = [(s, 1, 8 * i) if isinstance(s, str) else (s[0], 1, s[1])
              for i, s in enumerate(symbols)]
    with open(path, "wb") as f:
        f.write(elf([(".debug_info", bytes(u.info)), (".debug_abbrev", bytes(u.abbrevs)),
                     *sections], places))

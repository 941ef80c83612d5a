#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A reader of BTF that shares nothing with ksym: checks it, prints it, compares two.

Usage: tests/kernels/btf.py check FILE [BASE]
       tests/kernels/btf.py print FILE [BASE] [--only KIND]
       tests/kernels/btf.py compare OURS THEIRS [--base OURS-BASE THEIRS-BASE]
                            [--deep] [--list] [--flat] [--only KIND]
       tests/kernels/btf.py dups BUILD FILE [BASE]
       tests/kernels/btf.py load FILE

FILE is BTF alone or an ELF file with a section .BTF; BASE what split BTF goes on from.

check    the rules of the kernel (kernel/bpf/btf.c, those for BTF that programs load too)
         and what every writer should mind
print    the facts, one a line, sorted: "KIND text", by which compare compares
compare  two as sets of facts: what every struct, union, enum, typedef and function looks
         like in C, to full depth by name, with offsets and sizes; every VAR with type,
         section, offset and size; DATASECs, tags, base types.  --deep: by graph, so that it
         matters too which of two types of a name another one refers to; --list: the
         facts that only one side has, "+" ours, "-" theirs; --flat: an array of arrays is
         one of all their elements, as pahole up to 1.31 has it; --only KIND: these alone
dups     what libbpf's btf__dedup would still merge; BUILD has tests/btf_dedup
load     hands it to the running kernel, which checks it as that of a program; that is
         not allowed to everybody, and it knows its own byte order only: exit status 4

Exit status: 0 good; 1 compare: theirs has a fact that ours lacks; dups: some; 2 usage;
3 not BTF; check, load: a rule is broken; 4 load: nobody to ask.
"""

import collections
import ctypes
import errno
import hashlib
import os
import platform
import re
import struct
import subprocess
import sys

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, \
    VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = range(1, 20)
KINDS = '''void int ptr array struct union enum fwd typedef volatile const restrict func
    func_proto var datasec float decl_tag type_tag enum64'''.split()
# Words after the three that every type has; a second number: as many for each of vlen.
EXTRA = {INT: 1, ARRAY: 3, VAR: 1, DECL_TAG: 1}
EACH = {STRUCT: 3, UNION: 3, ENUM: 2, FUNC_PROTO: 2, DATASEC: 3, ENUM64: 3}
MODIFIERS = {TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG}
REFERENCES = MODIFIERS | {PTR, FUNC, VAR, DECL_TAG}
NO_NAME = {PTR, ARRAY, VOLATILE, CONST, RESTRICT, FUNC_PROTO}
NAMED = {INT, FWD, TYPEDEF, FUNC, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG}
SIZED = {INT, STRUCT, UNION, ENUM, DATASEC, FLOAT, ENUM64}
NO_VLEN = set(range(1, 20)) - set(EACH) - {FUNC}
MAX_TYPE, MAX_NAME_OFFSET, MAX_NAME = 0xfffff, 0xffffff, 511
IDENTIFIER = re.compile(r'[A-Za-z_][A-Za-z0-9_]*\Z')
FACTS = ('int', 'float', 'struct', 'union', 'enum', 'typedef', 'fwd', 'func', 'var', 'datasec', 'tag')


class Bad(Exception):
    pass


def section(data):
    """The BTF of a file: all of it, or .BTF of an ELF file."""
    if data[:4] != b'\x7fELF':
        return data
    e = '<' if data[5] == 1 else '>'
    if data[4] == 2:
        shoff, = struct.unpack_from(e + 'Q', data, 40)
        size, nr, index = struct.unpack_from(e + '3H', data, 58)
        fields = e + 'IIQQQQ'
    else:
        shoff, = struct.unpack_from(e + 'I', data, 32)
        size, nr, index = struct.unpack_from(e + '3H', data, 46)
        fields = e + '6I'
    heads = [struct.unpack_from(fields, data, shoff + i * size) for i in range(nr)]
    names = heads[index][4]
    for name, _, _, _, off, length in heads:
        if data[names + name:names + name + 5] == b'.BTF\0':
            return data[off:off + length]
    raise Bad('no section .BTF')


class Btf:
    """types[i] = (name_off, kind, vlen, kflag, size or type, words); type 0 is void."""

    flat = False    # are arrays of arrays told as one?

    def __init__(self, path, base=None):
        self.path, self.base = path, base
        with open(path, 'rb') as f:
            self.data = data = section(f.read())
        if len(data) < 24:
            raise Bad(f'{path}: {len(data)} bytes are no header')
        self.e = e = {b'\x9f\xeb': '<', b'\xeb\x9f': '>'}.get(data[:2])
        if not e:
            raise Bad(f'{path}: no magic number')
        self.version, self.flags, self.hdr_len = struct.unpack_from(e + 'BBI', data, 2)
        self.type_off, self.type_len, self.str_off, self.str_len = struct.unpack_from(e + '4I', data, 8)
        if self.version != 1 or self.hdr_len < 24 or self.hdr_len > len(data):
            raise Bad(f'{path}: header of version {self.version}, {self.hdr_len} bytes')
        body = len(data) - self.hdr_len
        for what, off, length in ('types', self.type_off, self.type_len), ('strings', self.str_off, self.str_len):
            if off > body or length > body - off:
                raise Bad(f'{path}: {what} at {off}, {length} bytes, are not inside')
        start = self.hdr_len + self.str_off
        self.strings = data[start:start + self.str_len]
        self.first_string = base.end_string if base else 0
        self.end_string = self.first_string + self.str_len
        self.first = base.end if base else 1
        self.types = list(base.types) if base else [(0, 0, 0, 0, 0, ())]
        self._names = {}
        self._read()
        self.end = len(self.types)
        self._texts = {}

    def _read(self):
        if self.type_len % 4:
            raise Bad(f'{self.path}: {self.type_len} bytes of types')
        start = self.hdr_len + self.type_off
        words = struct.unpack_from(f'{self.e}{self.type_len // 4}I', self.data, start)
        i, n, types = 0, len(words), self.types
        while i < n:
            if n - i < 3:
                raise Bad(f'{self.path}: type {len(types)} is cut off')
            name, info, value = words[i:i + 3]
            kind, vlen, kflag = info >> 24 & 0x1f, info & 0xffff, info >> 31
            if not 0 < kind < len(KINDS) or info & 0x60ff0000:
                raise Bad(f'{self.path}: type {len(types)}: info {info:#x}')
            length = EXTRA.get(kind, 0) + EACH.get(kind, 0) * vlen
            i += 3
            if length > n - i:
                raise Bad(f'{self.path}: type {len(types)} is cut off')
            types.append((name, kind, vlen, kflag, value, words[i:i + length]))
            i += length

    def name(self, off):
        try:
            return self._names[off]
        except KeyError:
            pass
        if off < self.first_string:
            text = self.base.name(off)
        else:
            at = off - self.first_string
            end = self.strings.find(b'\0', at) if at < len(self.strings) else -1
            if end < 0:
                raise Bad(f'{self.path}: string {off} is not inside')
            text = self.strings[at:end].decode('utf-8', 'backslashreplace')
        self._names[off] = text
        return text

    def own(self):
        return range(self.first, self.end)

    def kind(self, i):
        return self.types[i][1]

    # ------------------------------------------------------------------ parts

    def members(self, t):
        """(name_off, type, bit offset, bits of a bit field or 0)"""
        for k in range(0, 3 * t[2], 3):
            name, kind, off = t[5][k:k + 3]
            yield (name, kind, off & 0xffffff, off >> 24) if t[3] else (name, kind, off, 0)

    def parameters(self, t):
        return zip(t[5][0::2], t[5][1::2])

    def values(self, t):
        if t[1] == ENUM:
            for name, value in zip(t[5][0::2], t[5][1::2]):
                yield name, value - (1 << 32) if t[3] and value >> 31 else value
        else:
            for name, low, high in zip(t[5][0::3], t[5][1::3], t[5][2::3]):
                value = high << 32 | low
                yield name, value - (1 << 64) if t[3] and value >> 63 else value

    def refers(self, t):
        """The types that one names."""
        kind = t[1]
        if kind in REFERENCES:
            return [t[4]]
        if kind == ARRAY:
            return list(t[5][:2])
        if kind in (STRUCT, UNION):
            return list(t[5][1::3])
        if kind == FUNC_PROTO:
            return [t[4]] + list(t[5][1::2])
        if kind == DATASEC:
            return list(t[5][0::3])
        return []

    # ------------------------------------------------------------------- as C

    def once(self, i, make):
        """A text that is made once; what refers to itself by anonymous types says so."""
        if i not in self._texts:
            self._texts[i] = '<itself>'
            self._texts[i] = make(i, self.types[i])
        return self._texts[i]

    def declare(self, i, inner=''):
        """Type @i of something called @inner."""
        quals = ''
        while True:
            name, kind, _, _, value, words = self.types[i]
            if kind in (VOLATILE, CONST, RESTRICT):
                quals += KINDS[kind] + ' '
                i = value
            elif kind == TYPE_TAG:
                quals += f'tag({self.name(name)}) '
                i = value
            elif kind == PTR:
                inner, quals, i = '*' + quals + inner, '', value
                if self.kind(self.past(i)) in (ARRAY, FUNC_PROTO):
                    inner = f'({inner})'
            elif kind == ARRAY:
                i, nr = words[0], words[2]
                while self.flat and self.kind(i) == ARRAY:
                    i, nr = self.types[i][5][0], nr * self.types[i][5][2]
                inner, quals = f'{inner}[{quals}{nr}]', ''
            elif kind == FUNC_PROTO:
                inner, i = f'{quals}{inner}({self.once(i, self.proto)})', value
                quals = ''
            else:
                base = self.base_text(i)
                return f'{quals}{base} {inner}'.rstrip()

    def past(self, i):
        while self.types[i][1] in (VOLATILE, CONST, RESTRICT, TYPE_TAG):
            i = self.types[i][4]
        return i

    def proto(self, _i, t):
        args = ['...' if not kind and not name and n == t[2] - 1 else self.declare(kind, self.name(name))
                for n, (name, kind) in enumerate(self.parameters(t))]
        return ', '.join(args) or 'void'

    def base_text(self, i):
        name, kind, _, kflag, _, _ = self.types[i]
        if not kind:
            return 'void'
        word = {STRUCT: 'struct', UNION: 'union', ENUM: 'enum', ENUM64: 'enum', INT: '', FLOAT: '',
                TYPEDEF: '', FWD: 'union' if kflag else 'struct'}.get(kind, KINDS[kind])
        text = self.name(name)
        if not text and kind in (STRUCT, UNION, ENUM, ENUM64):
            return self.once(i, self.body)
        return f'{word} {text}'.strip()

    def body(self, _i, t):
        name, kind, _, kflag, size, _ = t
        if kind in (ENUM, ENUM64):
            text = ', '.join(f'{self.name(n)} = {v}' for n, v in self.values(t))
            sign = 'signed ' if kflag else ''
            return f'enum {self.name(name)} {{ {sign}{KINDS[kind]} {size}: {text} }}'.replace('  ', ' ')
        fields = [self.declare(kind, self.name(n)) + (f':{bits}' if bits else '') + f' @{off}; '
                  for n, kind, off, bits in self.members(t)]
        return f'{KINDS[kind]} {self.name(name)} {{ {size}: {"".join(fields)}}}'.replace('  ', ' ')

    def fact(self, i):
        """(kind, text) of what can be compared by itself; None of the others."""
        t = self.types[i]
        name, kind, _, kflag, value, words = t
        if kind in (STRUCT, UNION, ENUM, ENUM64):
            return ('enum' if kind == ENUM64 else KINDS[kind]), self.body(i, t)
        if kind == TYPEDEF:
            return 'typedef', self.declare(value, self.name(name))
        if kind == FWD:
            return 'fwd', self.base_text(i)
        if kind == INT:
            return 'int', f'{self.name(name)} {value}: {words[0]:#x}'
        if kind == FLOAT:
            return 'float', f'{self.name(name)} {value}'
        if kind == FUNC:
            linkage = ('static', 'global', 'extern')[t[2]] if t[2] < 3 else str(t[2])
            return 'func', f'{self.declare(value, self.name(name))} {linkage}'
        if kind == DECL_TAG:
            on, at = self.types[value], struct.unpack('<i', struct.pack('<I', words[0]))[0]
            what = self.fact(value) or (KINDS[on[1]], self.name(on[0]))
            return 'tag', f'{self.name(name)} {at} on {what[1]}'
        return None

    def facts(self):
        """kind -> Counter of texts"""
        found = collections.defaultdict(collections.Counter)
        in_section = set()
        for i in self.own():
            t = self.types[i]
            if t[1] == DATASEC:
                sec = self.name(t[0])
                found['datasec'][sec] += 1
                for v, off, size in zip(t[5][0::3], t[5][1::3], t[5][2::3]):
                    in_section.add(v)
                    found['var'][f'{self.variable(v)} {sec} {off:#x} {size}'] += 1
                continue
            fact = self.fact(i)
            if fact:
                found[fact[0]][fact[1]] += 1
        for i in self.own():
            if self.kind(i) == VAR and i not in in_section:
                found['var'][f'{self.variable(i)} - - -'] += 1
        return found

    def variable(self, i):
        name, _, _, _, value, words = self.types[i]
        return f'{("static", "global", "extern")[words[0]]} {self.declare(value, self.name(name))}'

    # ------------------------------------------------------------- as a graph

    def refine(self):
        """Hash after hash of each type, each looking one reference further than the last."""
        local = [self.local(t) for t in self.types]
        refs = [self.refers(t) for t in self.types]
        now = [hash(x) for x in local]
        while True:
            now = [hash((a, *[now[r] for r in refs_of])) for a, refs_of in zip(local, refs)]
            yield now

    def local(self, t):
        name, kind, vlen, kflag, value, words = t
        head = (kind, vlen, kflag, self.name(name), value if kind in SIZED else 0)
        if kind in (STRUCT, UNION):
            return head + tuple((self.name(n), off, bits) for n, _, off, bits in self.members(t))
        if kind in (ENUM, ENUM64):
            return head + tuple((self.name(n), v) for n, v in self.values(t))
        if kind == FUNC_PROTO:
            return head + tuple(self.name(n) for n in words[0::2])
        if kind == DATASEC:
            return head + tuple(words[1::3]) + tuple(words[2::3])
        if kind == ARRAY:
            return head + (words[2],)
        return head + tuple(words)


def load(path, base=None, flat=False):
    btf = Btf(path, Btf(base) if base else None)
    btf.flat = flat
    return btf


# ------------------------------------------------------------------------ check

class Check:
    """Every rule once; @broken says where which does not hold."""

    def __init__(self, btf):
        self.btf, self.broken = btf, []
        self.header()
        self.nr = len(btf.types)
        for i in btf.own():
            try:
                self.meta(i, btf.types[i])
            except Bad as e:
                self.say(i, str(e))
        if not self.broken:
            self.loops()
        if not self.broken:
            self.sizes = {}
            for i in btf.own():
                self.deep(i, btf.types[i])
            self.tags()

    def say(self, i, text):
        if i is None:
            self.broken.append(text)
        else:
            self.broken.append(f'type {i} ({KINDS[self.btf.kind(i)]}): {text}')

    def rule(self, i, holds, text):
        if not holds:
            self.say(i, text)
        return holds

    def header(self):
        b = self.btf
        self.rule(None, b.flags == 0, f'flags {b.flags:#x}')
        self.rule(None, not any(b.data[24:b.hdr_len]), 'the longer header is not all zero')
        self.rule(None, b.type_off % 4 == 0, f'types at {b.type_off}')
        body = len(b.data) - b.hdr_len
        parts = sorted([(b.type_off, b.type_len), (b.str_off, b.str_len)])
        self.rule(None, parts[0][0] == 0 and parts[1][0] == parts[0][1] and sum(parts[1]) == body,
                  f'types and strings {parts} do not fill {body} bytes')
        self.rule(None, b.end - 1 <= MAX_TYPE, f'{b.end} types')
        self.rule(None, b.end_string <= MAX_NAME_OFFSET + 1, f'{b.end_string} bytes of strings')
        if b.base:
            self.rule(None, not b.str_len or b.strings[-1] == 0, 'the last string has no end')
        else:
            self.rule(None, b.type_len > 0, 'no types')
            self.rule(None, b.str_len and b.strings[0] == 0 and b.strings[-1] == 0,
                      'the strings do not begin and end with a zero byte')

    def identifier(self, i, off, what='name', dots=False):
        text = self.btf.name(off)
        self.rule(i, len(text) <= MAX_NAME and IDENTIFIER.match(text.replace('.', '_') if dots else text),
                  f'{what} {text!r}')

    def begins(self, i, t):
        """libbpf seeks names in a base by whole strings: what split BTF could have in common must
        not be the end of another one.  Variables are never compared."""
        b = self.btf
        names = [t[0]] + ([] if t[1] not in EACH or t[1] == DATASEC else
                          list(t[5][0::EACH[t[1]]]))
        for off in names:
            self.rule(i, not off or b.strings[off - 1] == 0, f'{b.name(off)!r} is the end of a string')

    def inside(self, i, ref, what, void=True):
        return self.rule(i, (void or ref) and ref < self.nr, f'{what} {ref} of {self.nr}')

    def meta(self, i, t):
        """What can be said without looking at other types."""
        name, kind, vlen, kflag, value, words = t
        text = self.btf.name(name)
        if kind in NO_NAME:
            self.rule(i, name == 0, f'name {text!r}')
        elif kind in NAMED:
            self.rule(i, text, 'no name')
        if kind in (FWD, TYPEDEF, FUNC, VAR) or kind in (STRUCT, UNION, ENUM, ENUM64) and name:
            self.identifier(i, name)
        if kind == DATASEC:
            self.identifier(i, name, dots=True)
        if not self.btf.base and kind != VAR:
            self.begins(i, t)
        if kind in NO_VLEN:
            self.rule(i, vlen == 0, f'vlen {vlen}')
        if kind not in (STRUCT, UNION, ENUM, ENUM64, FWD, TYPE_TAG, DECL_TAG):
            self.rule(i, kflag == 0, 'kind flag')
        for ref in self.btf.refers(t):
            self.inside(i, ref, 'type', kind not in (ARRAY, STRUCT, UNION, FUNC, VAR, DATASEC, DECL_TAG))
        method = getattr(self, 'meta_' + KINDS[kind], None)
        if method:
            method(i, t)

    def meta_int(self, i, t):
        data, size = t[5][0], t[4]
        bits, off, encoding = data & 0xff, data >> 16 & 0xff, data >> 24
        self.rule(i, not data & 0xf000ff00, f'{data:#x}')
        self.rule(i, encoding in (0, 1, 2, 4), f'encoding {encoding}')
        # Since DWARF has no others.
        self.rule(i, off == 0 and bits == 8 * size and size in (1, 2, 4, 8, 16),
                  f'{bits} bits at {off} of {size} bytes')

    def meta_float(self, i, t):
        self.rule(i, t[4] in (2, 4, 8, 12, 16), f'{t[4]} bytes')

    def meta_fwd(self, i, t):
        self.rule(i, t[4] == 0, f'type {t[4]}')

    def meta_array(self, i, t):
        self.rule(i, t[4] == 0, f'size {t[4]}')

    def meta_struct(self, i, t):
        last, union = 0, t[1] == UNION
        for n, (name, _, off, bits) in enumerate(self.btf.members(t)):
            if name:
                self.identifier(i, name, f'member {n}')
            self.rule(i, off >= last, f'member {n} at {off} comes after {last}')
            self.rule(i, not union or off == 0, f'member {n} at {off}')
            self.rule(i, (off + 7) // 8 <= t[4], f'member {n} at {off} is not in {t[4]} bytes')
            self.rule(i, not bits or t[3], f'member {n}: bit field without kind flag')
            last = off
        self.rule(i, not t[3] or any(m[3] for m in self.btf.members(t)), 'kind flag without bit field')

    meta_union = meta_struct

    def meta_enum(self, i, t):
        if not self.rule(i, t[4] in (1, 2, 4, 8), f'{t[4]} bytes'):
            return
        seen = set()
        for n, (name, value) in enumerate(self.btf.values(t)):
            self.identifier(i, name, f'value {n}')
            self.rule(i, name not in seen, f'value {n}: once more {self.btf.name(name)!r}')
            seen.add(name)
            bits = 8 * t[4]
            low, high = (-(1 << bits - 1), 1 << bits - 1) if t[3] else (0, 1 << bits)
            self.rule(i, low <= value < high, f'value {n}: {value} in {t[4]} bytes')

    meta_enum64 = meta_enum

    def meta_func_proto(self, i, t):
        for n, (name, kind) in enumerate(self.btf.parameters(t)):
            if not kind:
                self.rule(i, n == t[2] - 1 and name == 0, f'parameter {n} is void')
            elif name:
                self.identifier(i, name, f'parameter {n}')

    def meta_func(self, i, t):
        self.rule(i, t[2] <= 1, f'linkage {t[2]}')

    def meta_var(self, i, t):
        self.rule(i, t[5][0] <= 1, f'linkage {t[5][0]}')

    def meta_datasec(self, i, t):
        size, end = t[4], 0
        self.rule(i, t[2] and size, f'{t[2]} variables, {size} bytes')
        for v, off, length in zip(t[5][0::3], t[5][1::3], t[5][2::3]):
            self.rule(i, end <= off < size and 0 < length <= size - off,
                      f'variable {v}: {length} bytes at {off}, after {end}, of {size}')
            end = off + length

    def meta_decl_tag(self, i, t):
        self.rule(i, t[5][0] == 0xffffffff or t[5][0] < 1 << 31, f'component {t[5][0]}')

    def loops(self):
        """Nothing may hold itself by value, and no name, qualifier or pointer lead to itself."""
        b, state = self.btf, bytearray(self.nr)
        for root in b.own():
            stack = [(root, iter(self.needs(root)))] if not state[root] else []
            if stack:
                state[root] = 1
            while stack:
                i, rest = stack[-1]
                ref = next(rest, None)
                if ref is None:
                    state[i] = 2
                    stack.pop()
                elif state[ref] == 1:
                    self.say(i, f'leads back to itself by {ref}')
                    return
                elif not state[ref]:
                    state[ref] = 1
                    stack.append((ref, iter(self.needs(ref))))

    def needs(self, i):
        t = self.btf.types[i]
        if t[1] == PTR:
            return [t[4]] if self.btf.kind(t[4]) in MODIFIERS | {PTR} else []
        if t[1] in MODIFIERS:
            return [t[4]] if self.btf.kind(t[4]) not in (STRUCT, UNION, FUNC_PROTO) else []
        if t[1] in (STRUCT, UNION):
            # By value: names are looked through.
            return [self.through(r) for r in self.btf.refers(t) if self.btf.kind(self.through(r)) != PTR]
        if t[1] == ARRAY:
            return [self.through(t[5][0])] if self.btf.kind(self.through(t[5][0])) != PTR else []
        return []

    def through(self, i):
        for _ in range(64):
            if self.btf.kind(i) not in MODIFIERS:
                return i
            i = self.btf.types[i][4]
        return i

    def size(self, i):
        """Of a type, None if it has none.  Arrays of arrays are few deep."""
        i = self.through(i)
        kind, value = self.btf.kind(i), self.btf.types[i][4]
        if kind == PTR:
            return self.pointer()
        if kind == ARRAY:
            element = self.size(self.btf.types[i][5][0])
            return None if element is None else element * self.btf.types[i][5][2]
        return value if kind in SIZED - {DATASEC} else None

    def pointer(self):
        """BTF does not say how long one is: what `long` is says so."""
        if not hasattr(self, '_pointer'):
            sizes = [t[4] for t in self.btf.types if t[1] == INT and
                     self.btf.name(t[0]) in ('long int', 'long', 'long unsigned int', 'unsigned long')]
            self._pointer = sizes[0] if sizes else 1
        return self._pointer

    def deep(self, i, t):
        kind = t[1]
        if kind in MODIFIERS | {PTR}:
            target = self.btf.kind(self.through(t[4]))
            self.rule(i, target not in (FUNC, VAR, DATASEC, DECL_TAG), f'of a {KINDS[target]}')
        elif kind == ARRAY:
            index = self.btf.types[t[5][1]]
            self.rule(i, index[1] == INT, 'index type is no INT')
            self.rule(i, self.size(t[5][0]) is not None, f'elements {t[5][0]} have no size')
            self.rule(i, (self.size(i) or 0) < 1 << 32, f'{self.size(i)} bytes')
        elif kind in (STRUCT, UNION):
            for n, (_, ref, off, bits) in enumerate(self.btf.members(t)):
                self.member(i, t, n, ref, off, bits)
        elif kind == FUNC_PROTO:
            for n, (_, ref) in enumerate(self.btf.parameters(t)):
                if ref:
                    self.rule(i, self.size(ref) is not None, f'parameter {n} has no size')
            # A name for void is no type to return for the kernel, but it is C.
            target = self.through(t[4])
            self.rule(i, not target or self.size(target) is not None, 'what it returns has no size')
        elif kind == FUNC:
            proto = self.btf.types[t[4]]
            if self.rule(i, proto[1] == FUNC_PROTO, f'type is {KINDS[proto[1]]}'):
                for n, (name, ref) in enumerate(self.btf.parameters(proto)):
                    self.rule(i, name or not ref, f'parameter {n} has no name')
        elif kind == VAR:
            self.rule(i, self.size(t[4]) is not None, f'its type {t[4]} has no size')
        elif kind == DATASEC:
            for ref, size in zip(t[5][0::3], t[5][2::3]):
                if self.rule(i, self.btf.kind(ref) == VAR, f'{ref} is no VAR'):
                    needed = self.size(self.btf.types[ref][4])
                    self.rule(i, size >= (needed or 0), f'{ref}: {size} bytes of {needed}')
            self.rule(i, len(set(t[5][0::3])) == t[2], 'a variable twice')
        elif kind == DECL_TAG:
            self.component(i, t)

    def member(self, i, t, n, ref, off, bits):
        target = self.through(ref)
        size = self.size(ref)
        if not self.rule(i, size is not None, f'member {n} has no size'):
            return
        if bits:
            self.rule(i, self.btf.kind(target) in (INT, ENUM, ENUM64) and bits <= 8 * size,
                      f'member {n}: {bits} bits of {KINDS[self.btf.kind(target)]}')
        else:
            self.rule(i, off % 8 == 0, f'member {n} at bit {off}')
        self.rule(i, off + (bits or 8 * size) <= 8 * t[4], f'member {n} ends after {t[4]} bytes')

    def component(self, i, t):
        target, at = self.btf.types[t[4]], t[5][0]
        self.rule(i, target[1] in (STRUCT, UNION, FUNC, VAR, TYPEDEF), f'on {KINDS[target[1]]}')
        if at != 0xffffffff:
            parts = self.btf.types[target[4]][2] if target[1] == FUNC else \
                target[2] if target[1] in (STRUCT, UNION) else 0
            self.rule(i, at < parts, f'component {at} of {parts}')

    def tags(self):
        """Type tags come before qualifiers, and no chain is long."""
        for i in self.btf.own():
            at, first, length = i, True, 0
            while self.btf.kind(at) in MODIFIERS:
                if self.btf.kind(at) == TYPE_TAG:
                    self.rule(i, first, 'a tag comes after qualifiers')
                first = first and self.btf.kind(at) == TYPE_TAG
                length += 1
                if not self.rule(i, length <= 32, 'more than 32 qualifiers and names'):
                    break
                at = self.btf.types[at][4]


def check(path, base=None):
    """Lines that say what is wrong."""
    try:
        below = Btf(base) if base else None
        return Check(Btf(path, below)).broken
    except Bad as e:
        return [str(e)]


# ------------------------------------------------------------------ the kernel's word

SYS_BPF = {'x86_64': 321, 'aarch64': 280, 's390x': 351, 'ppc64le': 361}
BPF_BTF_LOAD = 18


def kernel_load(data, log_len=0):
    """(errno, the last lines of what the kernel has to say)"""
    call = SYS_BPF.get(platform.machine())
    if not call or data[:2] != struct.pack('=H', 0xeb9f):
        return errno.ENOSYS, ''
    libc = ctypes.CDLL(None, use_errno=True)
    btf, log = ctypes.create_string_buffer(data, len(data)), ctypes.create_string_buffer(log_len + 1)
    attr = struct.pack('=QQIIII', ctypes.addressof(btf), ctypes.addressof(log) if log_len else 0,
                       len(data), log_len, 1 if log_len else 0, 0)
    fd = libc.syscall(call, BPF_BTF_LOAD, ctypes.create_string_buffer(attr, len(attr)), len(attr))
    if fd < 0:
        return ctypes.get_errno(), log.value.decode(errors='replace')[-500:]
    os.close(fd)
    return 0, ''


def load_into_kernel(data):
    """None: nobody to ask; else what it complains about, '' when it does not."""
    number, _ = kernel_load(data)
    if number in (errno.EPERM, errno.EACCES, errno.ENOSYS):
        return None
    return kernel_load(data, 1 << 24)[1] or os.strerror(number) if number else ''


# ---------------------------------------------------------------------- compare

def colours(*graphs):
    """For each, a hash of each type that two have in common only if all that they reach is
    alike.  All look as far as the one needs that needs it most."""
    count = 0
    for now in zip(*[g.refine() for g in graphs]):
        nr = [len(set(n)) for n in now]
        if nr == count:
            return now
        count = nr


def graph_facts(btf, colours):
    """As facts(), but by colours: which type of a name is meant matters."""
    found = collections.defaultdict(collections.Counter)
    for kind, texts in btf.facts().items():
        if kind in ('var', 'datasec'):
            found[kind] = texts
    for i in btf.own():
        fact = btf.fact(i)
        if fact:
            found[fact[0]][f'{fact[1]} #{colours[i] & 0xffffffffffffffff:016x}'] += 1
        elif btf.kind(i) not in (VAR, DATASEC):
            found['other'][f'{KINDS[btf.kind(i)]} {btf.declare(i)} #{colours[i] & 0xffffffffffffffff:016x}'] += 1
    return found


def difference(ours, theirs):
    """[(kind, both, only ours, only theirs)], the last two lists of texts"""
    out = []
    for kind in (*FACTS, 'other'):
        a, b = set(ours.get(kind, ())), set(theirs.get(kind, ()))
        if a or b:
            out.append((kind, len(a & b), sorted(a - b), sorted(b - a)))
    return out


def compare(ours, theirs, deep=False, show=False, only=None):
    if deep:
        facts = [graph_facts(g, c) for g, c in zip((ours, theirs), colours(ours, theirs))]
    else:
        facts = [ours.facts(), theirs.facts()]
    rows = [r for r in difference(*facts) if not only or r[0] == only]
    print(f'{"":10} {"both":>7} {"ours":>7} {"theirs":>7}')
    for kind, both, mine, other in rows:
        print(f'{kind:10} {both:7} {len(mine):7} {len(other):7}')
    if show:
        for kind, _, mine, other in rows:
            for sign, texts in ('+', mine), ('-', other):
                for text in texts:
                    print(f'{sign} {kind} {text}')
    return not any(other for _, _, _, other in rows)


def kinds(btf):
    return collections.Counter(KINDS[btf.kind(i)] for i in btf.own())


# ---------------------------------------------------------------------- digests

DIGEST_BITS = 20


def digest(texts):
    """What is left of a set of texts: 20 bits of each one's hash, sorted, as differences."""
    out, last = bytearray(), -1
    for h in sorted(hashes(texts)):
        step = h - last - 1
        while step > 127:
            out.append(step & 127 | 128)
            step >>= 7
        out.append(step)
        last = h
    return bytes(out)


def hashes(texts):
    return {int.from_bytes(hashlib.sha256(text.encode()).digest()[:3], 'big') >> 24 - DIGEST_BITS
            for text in texts}


def undigest(data):
    found, last, step, shift = set(), -1, 0, 0
    for byte in data:
        step |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            last += step + 1
            found.add(last)
            step = shift = 0
    return found


def option(args, name, count=0):
    """Takes an option and its values out of the arguments."""
    if name not in args:
        return [] if count else False
    at = args.index(name)
    values = args[at + 1:at + 1 + count]
    del args[at:at + 1 + count]
    if len(values) < count:
        raise IndexError
    return values if count else True


def main():
    args = sys.argv[1:]
    if '--help' in args or not args:
        print(__doc__)
        return 0 if args else 2
    command = args.pop(0)
    try:
        deep, show, flat = option(args, '--deep'), option(args, '--list'), option(args, '--flat')
        only = (option(args, '--only', 1) or [None])[0]
        bases = option(args, '--base', 2) or [None, None]
        if command == 'check':
            broken = check(*args[:2])
            print('\n'.join(broken[:50]) or 'no rule is broken')
            return 3 if broken else 0
        if command == 'print':
            for kind, texts in sorted(load(*args[:2]).facts().items()):
                for text in sorted(texts.elements() if not only or kind == only else ()):
                    print(kind, text)
            return 0
        if command == 'compare':
            ours, theirs = load(args[0], bases[0], flat), load(args[1], bases[1], flat)
            return 0 if compare(ours, theirs, deep, show, only) else 1
        if command == 'load':
            with open(args[0], 'rb') as f:
                said = load_into_kernel(section(f.read()))
            if said is None:
                print('the kernel cannot be asked here')
                return 4
            print(said or 'the kernel takes it')
            return 3 if said else 0
        if command == 'dups':
            return subprocess.run([args[0] + '/tests/btf_dedup', *args[1:3]], check=False).returncode
    except IndexError:
        pass
    except (Bad, struct.error, OSError) as e:
        print(e, file=sys.stderr)
        return 3
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())

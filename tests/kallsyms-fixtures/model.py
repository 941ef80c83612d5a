#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""scripts/kallsyms once more, the slow way: an oracle for small maps.

Usage: model.py make SEED                       print a random map
       model.py GENERATION [OPTION...] MAP      print its tables

Written from the format alone, without any of the library's shortcuts: pairs are counted
anew for every code.  Maps have well-formed lines only.  tests/kernels/check compares with
the real tools.
"""

import collections
import random
import sys


def make(seed):
    r = random.Random(seed)
    marks = ['_text', '_stext', '_etext', '_sinittext', '_einittext', '__per_cpu_start',
             '__per_cpu_end', '__start_foo', '__stop_a', 'kallsyms_names', 'foo_veneer',
             'x.long_branch.y', '__gp', 'a.llvm.1', 'a.llvm.2', '__kcfi_typeid_x', '__abc_end']
    alphabet = r.choice(['ab', 'abc_', 'a', 'abcdefghij_.0123456789',
                         ''.join(chr(c) for c in range(0x21, 0x7f) if chr(c) not in '"\\')])
    lines = []
    for _ in range(r.choice([3, 20, 300])):
        name = ''.join(r.choice(alphabet) for _ in range(r.choice([1, 2, 3, 5, 8, 30, 130, 511])))
        if r.random() < .2:
            name = r.choice(marks)
        va = 0x1000 + r.randrange(200)
        if r.random() < .2:
            va = r.choice([0, r.randrange(40), r.randrange(1 << 20)])
        lines.append('%016x %s %s' % (va, r.choice('tTdDbBrRwWaAuUnNvV?'), name))
    if r.random() < .7:
        lines.sort()
    lines.append('%016x T main' % 0x1001)
    return ''.join(line + '\n' for line in lines)


class Model:
    def __init__(self, generation, options, text):
        self.generation, self.options = generation, options
        self.old, self.new = generation == '6.1', generation == '7'
        self.text_va, self.marks, self.symbols = 0, collections.defaultdict(int), []
        self.marks['__per_cpu_start'] = (1 << 64) - 1
        for line in text.splitlines():
            va, kind, name = line.split(' ', 2)
            self.read(int(va, 16), kind, name)
        self.symbols = [s for s in self.symbols if self.listed(s)]
        self.absolute = set()
        if '--absolute-percpu' in options:
            for s in self.symbols:
                if self.marks['__per_cpu_start'] <= s[0] <= self.marks['__per_cpu_end']:
                    s[1] = 'A'
                    self.absolute.add(id(s))
        self.symbols.sort(key=self.order)
        self.base = next((s[0] for s in self.symbols if id(s) not in self.absolute), 0)

    def read(self, va, kind, name):
        if len(name) >= 512:
            return
        if name == '_text':
            self.text_va = va
        if kind in 'un' or self.old and (kind in 'UN' or self.hidden(name)):
            return
        if kind in 'aA' and name != '__gp':
            return
        self.marks[name] = va
        self.symbols.append([va, kind, name, len(self.symbols)])

    @staticmethod
    def hidden(name):
        return (name == 'kallsyms_names' or name.endswith('_veneer') or
                '.long_branch.' in name or name.startswith('__kcfi_typeid_'))

    def listed(self, s):
        if '--all-symbols' in self.options:
            return True
        if not self.old and (s[2].startswith('__start_') or s[2].startswith('__stop_')):
            return True
        inside = False
        for a, b in ('_stext', '_etext'), ('_sinittext', '_einittext'):
            inside |= self.marks[a] <= s[0] <= self.marks[b]
        return inside and not any(s[0] == self.marks[b] and s[2] != b
                                  for b in ('_etext', '_einittext'))

    @staticmethod
    def order(s):
        va, kind, name, seq = s
        edge = len(name) >= 8 and name.startswith('__') and (
            name[2:].startswith(('start_', 'stop_', 'end_')) or name.endswith(('_start', '_end')))
        return va, kind in 'wW', edge, len(name) - len(name.lstrip('_')), seq

    def compress(self):
        # A name is a string of codes; names are counted and replaced in together, with
        # what is no code between them.
        between = chr(256)
        text = between.join(s[1] + s[2] for s in self.symbols)
        tokens = {ord(c): c for c in text if c != between}
        for code in range(255, -1, -1):
            if code in tokens:
                continue
            count = collections.Counter(zip(text, text[1:]))
            pairs = [p for p in count if between not in p]
            if not pairs:
                break
            best = min(pairs, key=lambda p: (-count[p], ord(p[0]) + 256 * ord(p[1])))
            tokens[code] = tokens[ord(best[0])] + tokens[ord(best[1])]
            text = text.replace(''.join(best), chr(code))
        words = text.split(between) if self.symbols else []
        words = [[ord(c) for c in w] for w in words]
        return words, [tokens.get(c, '') for c in range(256)]

    def label(self, name):
        print(f'.globl {name}\n\t{".balign 4" if self.new else "ALGN"}\n{name}:')

    def end(self, s):
        return '' if self.old else f'\t/* {s[1]}{s[2]} */'

    def from_text(self, va):
        sign = '+' if self.text_va <= va else '-'
        return f'\tPTR\t_text {sign} {number(abs(va - self.text_va))}'

    def offset(self, s):
        off = s[0] - self.base
        if '--absolute-percpu' in self.options:
            off = s[0] if id(s) in self.absolute else self.base - s[0] - 1
        return off & 0xffffffff

    def offsets(self):
        self.label('kallsyms_offsets')
        for s in self.symbols:
            if '--pc-relative' in self.options:
                value = f'_text - . + ({s[0] - self.text_va})'
            else:
                value = number(s[0] & 0xffffffff if self.new else self.offset(s))
            print(f'\t.long\t{value}{self.end(s)}')
        print()

    def relative_base(self):
        self.label('kallsyms_relative_base')
        print(self.from_text(self.base) + '\n')

    def addresses(self):
        self.label('kallsyms_addresses')
        for s in self.symbols:
            print(f'\tPTR\t{number(s[0])}' if id(s) in self.absolute else self.from_text(s[0]))
        print()

    def names(self, words):
        self.label('kallsyms_names')
        markers, pos = [], 0
        for i, (s, w) in enumerate(zip(self.symbols, words)):
            if i % 256 == 0:
                markers.append(pos)
            n = [len(w)] if len(w) < 128 else [len(w) & 127 | 128, len(w) >> 7]
            pos += len(n + w)
            print(byte_line(n + w) + self.end(s))
        print()
        self.label('kallsyms_markers')
        for m in markers:
            print(f'\t.long\t{m}')
        print()

    def sequence(self):
        def key(i):
            name = self.symbols[i][2]
            return (name.split('.llvm.')[0] if '--lto-clang' in self.options else name), i

        self.label('kallsyms_seqs_of_names')
        for i in sorted(range(len(self.symbols)), key=key):
            print(byte_line(i.to_bytes(3, 'big')) + self.end(self.symbols[i]))
        print()

    def token_tables(self, tokens):
        self.label('kallsyms_token_table')
        for t in tokens:
            print(f'\t.asciz\t"{t}"')
        print()
        self.label('kallsyms_token_index')
        pos = 0
        for t in tokens:
            print(f'\t.short\t{pos}')
            pos += len(t) + 1
        print()

    def print(self):
        words, tokens = self.compress()
        if not self.new:
            print('#include <asm/bitsperlong.h>\n#if BITS_PER_LONG == 64\n#define PTR .quad\n'
                  '#define ALGN .balign 8\n#else\n#define PTR .long\n#define ALGN .balign 4\n#endif')
        print('\t.section .rodata, "a"')
        if self.old and '--base-relative' in self.options:
            self.offsets()
            self.relative_base()
        elif self.old:
            self.addresses()
        self.label('kallsyms_num_syms')
        print(f'\t.long\t{len(self.symbols)}\n')
        self.names(words)
        if self.old:
            self.sequence()
        self.token_tables(tokens)
        if not self.old:
            self.offsets()
            if not self.new:
                self.relative_base()
            self.sequence()


def number(v):
    return hex(v) if v else '0'


def byte_line(values):
    return '\t.byte ' + ', '.join(f'0x{v:02x}' for v in values)


if sys.argv[1] == 'make':
    sys.stdout.write(make(sys.argv[2]))
else:
    with open(sys.argv[-1], encoding='ascii') as f:
        Model(sys.argv[1], sys.argv[2:-1], f.read()).print()

# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether BTF has its variables where the symbol table has them."""

import collections
import re
import struct
import subprocess

import btf


class Elf:
    """Sections and symbols, of either class and byte order."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            self.data = data = f.read()
        e, wide = '<' if data[5] == 1 else '>', data[4] == 2
        shoff, = struct.unpack_from(e + ('Q' if wide else 'I'), data, 40 if wide else 32)
        size, nr, index = struct.unpack_from(e + '3H', data, 58 if wide else 46)
        heads = [struct.unpack_from(e + ('IIQQQQII' if wide else '8I'), data, shoff + i * size)
                 for i in range(nr)]
        self.relocatable = struct.unpack_from(e + 'H', data, 16)[0] == 1
        self.sections = [(self.string(heads[index][4], h[0]), 0 if self.relocatable else h[3]) for h in heads]
        self.symbols = collections.defaultdict(set)
        for h in heads:
            if h[1] != 2:
                continue
            for off in range(h[4], h[4] + h[5], 24 if wide else 16):
                if wide:
                    name, info, _, shndx, value, length = struct.unpack_from(e + 'IBBHQQ', data, off)
                else:
                    name, value, length, info, _, shndx = struct.unpack_from(e + 'IIIBBH', data, off)
                if info & 15 in (0, 1) and 0 < shndx < nr:
                    section, start = self.sections[shndx]
                    # gcc: name.1, clang: function.name, function.name.1
                    text = re.sub(r'\.\d+$', '', self.string(heads[h[6]][4], name))
                    self.symbols[text.rpartition('.')[2], section, value - start].add(length)

    def string(self, table, off):
        return self.data[table + off:self.data.index(b'\0', table + off)].decode()


def misplaced(read, elf):
    for i in read.own():
        name, kind, _, _, _, words = read.types[i]
        if kind != btf.DATASEC:
            continue
        section = read.name(name)
        for variable, off, size in zip(words[0::3], words[1::3], words[2::3]):
            what = read.name(read.types[variable][0])
            lengths = elf.symbols.get((what, section, off), ())
            if not any(size <= length for length in lengths):
                yield f'{what} at {section} {off:#x}, {size} bytes: symbols there have {sorted(lengths)}'


def functions(path):
    """Names of the functions of an image, suffixes and all."""
    out = subprocess.run(['nm', path], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines() if line.split()[-2] in 'tTwW'}

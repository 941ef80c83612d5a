#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""BTF of real kernels: by the kernel's rules, and with all the facts that pahole finds.

Usage: tests/kernels/btf_kernels.py BUILD [SERIES...]
       tests/kernels/btf_kernels.py --digests PAHOLE SERIES BUILD

First form: what check-kernel runs.  Second form: makes the lines of btf.digests anew.

btf.digests has for one package of each series what pahole says with
--btf_features=default,global_var of vmlinux, and with --btf_features=default of some
modules, on that: of each fact, as btf.py prints them, 20 bits of a hash, so that a fact
which is missing is missed once in 25 times, and one that is there is always found.  "#" begins
a comment; "without" the names of functions of pahole's that ksym leaves out: parameters
were taken away, which pahole does not see in relocatable files.
"""

import base64
import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import btf  # noqa: E402, beside this file
import btf_places  # noqa: E402
from versions import fetch  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DIGESTS = HERE + '/btf.digests'
SERIES = '6.1', '6.12'
MODULES = 'nfs', 'xfs', 'mlx5_core', 'virtio_net'


def read_digests():
    """(version, file) -> kind -> (number of facts, hashes)"""
    found = collections.defaultdict(dict)
    text, key = [], None
    with open(DIGESTS, encoding='utf-8') as f:
        lines = f.read().splitlines() + ['']
    for line in lines:
        if line.startswith(' '):
            text.append(line.strip())
            continue
        if key:
            version, name, kind, nr = key
            found[version, name][kind] = int(nr), btf.undigest(base64.b85decode(''.join(text)))
        words = line.split()
        key = words if len(words) == 4 and line[0] != '#' and words[0] != 'without' else None
        text = []
    return found


def files(series):
    """(version, {name: path}), vmlinux first; what the cache or apt have."""
    image = fetch('image', series)
    if not image:
        return None, {}
    found = {'vmlinux': image['vmlinux']}
    for path in sorted(glob.glob(image['modules'] + '/kernel/**/*.ko*', recursive=True)):
        name = os.path.basename(path).split('.')[0]
        if name in MODULES:
            found[name] = path
    return image['version'], found


def run(*args):
    return subprocess.run(args, capture_output=True, text=True, check=False)


def make_digests(pahole, series, tools):
    version, paths = files(series)
    with tempfile.TemporaryDirectory() as tmp:
        base, below = tmp + '/vmlinux', tmp + '/vmlinux.ours'
        for name, path in paths.items():
            image = name == 'vmlinux'
            theirs, ours = f'{tmp}/{name}', f'{tmp}/{name}.ours'
            subprocess.run([pahole, *(['--btf_features=default,global_var'] if image else
                                      ['--btf_features=default', '--btf_base', base]),
                            '--btf_encode_detached=' + theirs, path], check=True)
            subprocess.run([tools + '/ksym', 'btf', '-q', '-o', ours,
                            *([] if image else ['--base', below]), path], check=True)
            facts = btf.load(theirs, None if image else base).facts()
            if not image:
                facts['func'], names = without(path, set(facts['func']),
                                               btf.load(ours, below).facts()['func'])
                print('without', version, name, *names)
            for kind in btf.FACTS:
                texts = set(facts.get(kind, ()))
                if texts:
                    print(version, name, kind, len(texts))
                    data = base64.b85encode(btf.digest(texts)).decode()
                    for i in range(0, len(data), 120):
                        print(' ' + data[i:i + 120])


def without(path, theirs, ours):
    """Facts to be expected of a relocatable file, and names of functions that are not: they
    have no symbol but NAME.isra.0 and the like, and there pahole does not see that the
    compiler took parameters away."""
    have = btf_places.functions(path)
    names = {text: re.search(r'(\w+)\((?!\*)', text)[1] for text in theirs}
    gone = {text for text in theirs if names[text] not in have and text not in ours}
    return theirs - gone, sorted(names[text] for text in gone)


# -------------------------------------------------------------------- check-kernel

def one(result, what, known, tools, path, base, options, below):
    """BTF of one file: makes it, and holds it against every judge.  Its facts."""
    ksym, out = tools + '/ksym', options[options.index('-o') + 1]
    made = run(ksym, 'btf', '-q', *options, path)
    result(made.returncode == 0, f'{what}: is made', made.stderr)
    broken = btf.check(out, base)
    result(not broken, f'{what}: breaks none of the kernel\'s rules', '\n'.join(broken[:20]))
    on = [base] if base else []
    merged = run(tools + '/tests/btf_dedup', out, *on)
    result(merged.returncode == 0, f'{what}: libbpf finds nothing to merge and no string too many',
           merged.stdout + merged.stderr)
    read = run('bpftool', *(['-B', base] if base else []), 'btf', 'dump', 'file', out, 'format', 'c')
    result(read.returncode == 0 and len(read.stdout) > 1000, f'{what}: bpftool prints it as C', read.stderr)
    if base:
        onto(result, what, tools, path, base, out)
    else:
        taken(result, what, out)
        wrong = list(btf_places.misplaced(btf.load(out), btf_places.Elf(path)))
        result(not wrong, f'{what}: variables are where symbols of their names are', '\n'.join(wrong[:20]))
    facts = btf.load(out, base, flat=True).facts()
    lacking = {}
    for kind, (_, theirs) in known.items():
        ours = btf.hashes(facts.get(kind, ())) | (btf.hashes(below[kind]) if kind in below else set())
        if theirs - ours:
            lacking[kind] = len(theirs - ours)
    total = sum(nr for nr, _ in known.values())
    result(total and not lacking,
           f'{what}: {sum(len(texts) for texts in facts.values())} facts, with all {total} of {len(known)} '
           'kinds that pahole finds', f'not there: {lacking}')
    return facts


def check(result, skip, tools, tmp, wanted=SERIES):
    digests = read_digests()
    for series in wanted:
        version, paths = files(series)
        if (version, 'vmlinux') not in digests:
            skip(f'btf: debian-{series}', f'btf.digests is not of {version}')
            continue
        base, below = f'{tmp}/vmlinux.btf', {}
        for name, path in paths.items():
            what = f'btf: debian-{series} {name}'
            if name == 'vmlinux':
                below = one(result, what, digests[version, name], tools, path, None,
                            ['--vars=all', '-o', base], {})
                same(result, what, tools, path, base, tmp)
            else:
                one(result, what, digests[version, name], tools, path, base,
                    ['--base', base, '-o', f'{tmp}/{name}.btf'], below)


def onto(result, what, tools, path, base, split):
    """As pahole does it: libbpf puts the file's own BTF behind our base and merges it."""
    alone = split + '.alone'
    run(tools + '/ksym', 'btf', '-q', '-o', alone, path)
    merged = run(tools + '/tests/btf_dedup', '--onto', base, alone)
    theirs = int(merged.stdout.split()[1]) if merged.returncode == 0 else 0
    ours = sum(btf.kinds(btf.load(split, base)).values())
    result(ours <= theirs <= ours * 1.01, f'{what}: libbpf finds on our base what we do: {theirs} types, '
           f'ours are {ours}', merged.stderr)


def taken(result, what, out):
    """By the running kernel, where that can be asked; in tests/kernels/live it can."""
    with open(out, 'rb') as f:
        said = btf.load_into_kernel(f.read())
    result(not said, f'{what}: the running kernel ' + ('cannot be asked # SKIP' if said is None else 'takes it'),
           said)


def same(result, what, tools, path, whole, tmp):
    """The same bytes with two threads; split into base and extra, the same facts."""
    ksym = tools + '/ksym'
    two, base, extra = tmp + '/two.btf', tmp + '/base.btf', tmp + '/extra.btf'
    run(ksym, 'btf', '-q', '--vars=all', '-J', '2', '-o', two, path)
    compared = run('cmp', two, whole)
    result(compared.returncode == 0, f'{what}: one thread and two: the same bytes', compared.stdout)
    run(ksym, 'btf', '-q', '--vars=none', '-o', base, path)
    run(ksym, 'btf', '-q', '--vars=all', '--base', base, '-o', extra, path)
    broken = btf.check(extra, base)
    result(not broken, f'{what}: variables beside it break no rule', '\n'.join(broken[:20]))
    run(ksym, 'btf', '-q', '--vars=all', '--flat-arrays', '-o', two, path)
    flat, nested = btf.load(two), btf.load(whole, flat=True)
    differ = [kind for kind, _, ours, theirs in btf.difference(flat.facts(), nested.facts()) if ours or theirs]
    result(not differ and len(flat.types) != len(nested.types),
           f'{what}: --flat-arrays: the same but for arrays of arrays', differ)
    kinds = btf.kinds(btf.load(extra, base))
    result(kinds['var'] > 10000 and not set(kinds) & {'struct', 'union', 'int', 'func', 'typedef'},
           f'{what}: {kinds["var"]} variables beside it, no type that the base has', kinds)
    parts, facts = btf.load(extra, base).facts(), btf.load(whole).facts()
    result(parts['var'] == facts['var'], f'{what}: the same variables beside it')
    merged = run(tools + '/tests/btf_dedup', extra, base)
    result(merged.returncode == 0, f'{what}: libbpf finds nothing to merge beside it',
           merged.stdout + merged.stderr)


def main():
    if len(sys.argv) == 5 and sys.argv[1] == '--digests':
        make_digests(*sys.argv[2:])
        return True
    if len(sys.argv) < 2 or sys.argv[1].startswith('-'):
        print(__doc__)
        return '--help' in sys.argv
    bad = []

    def result(good, what, detail=''):
        print(('ok - ' if good else 'not ok - ') + what, flush=True)
        if not good:
            bad.append(what)
            print('\n'.join('# ' + line for line in str(detail).splitlines()[:25]))

    with tempfile.TemporaryDirectory() as tmp:
        check(result, lambda what, why: print(f'ok - {what} # SKIP {why}'),
              os.path.abspath(sys.argv[1]), tmp, sys.argv[2:] or SERIES)
    return not bad


if __name__ == '__main__':
    sys.exit(0 if main() else 1)

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Symbol versions of real kernels: to the bit what the kernel's own gendwarfksyms says.

Usage: tests/kernels/versions.py BUILD [PART...]
       tests/kernels/versions.py --expected TOOL DATA [NAME...]
       tests/kernels/versions.py --digests TOOL SERIES

First form: what check-kernel runs; PART is one of fixtures, digests, modules, vmlinux.
Second form: TOOL, a program with gendwarfksyms's command line, against results that lie
in DATA: modules/NAME.txt is the list of symbols, .symvers and .symtypes what came of it
for that module of Debian's 6.1 cloud kernel; vmlinux/ the same for the image; vmlinux
only on demand, by that NAME.  Third form: makes the lines of versions.digests anew.

versions.digests has, for one package of each series, what gendwarfksyms of Linux 7.2
prints: of each module's and the image's output, sorted, and of the symtypes file the
first 64 bits of the SHA-256, and the number of symbols.  The list is that of the symbol
table's __ksymtab_ names, sorted.
"""

import glob
import hashlib
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DIGESTS = HERE + '/versions.digests'
COMPARE = HERE + '/../versions-fixtures/compare'
# Those on which gendwarfksyms works longest, the largest, and some of a few symbols.
SAMPLE = {
    '6.1': '''mlx5_core ib_core sunrpc kvm mlx4_core nfs nfsv4 nf_conntrack libceph ib_uverbs
        libata bridge scsi_mod dccp target_core_mod rds smc nf_tables ip_vs libnvdimm bcache dm-mod
        libiscsi sctp lockd mei tipc rdma_cm libsas fuse md-mod hid x_tables auth_rpcgss hv_vmbus
        cec drbd llc act_ife acpi_thermal_rel''',
    '6.12': '''ib_core kvm sunrpc nf_tables scsi_mod bridge netfs hv_vmbus dm-mod hid act_ife
        x_tables''',
}


def values(text):
    return dict(line.split('=', 1) for line in text.splitlines() if '=' in line)


def fetch(*args):
    p = subprocess.run([HERE + '/fetch', *args], capture_output=True, text=True, check=False)
    return values(p.stdout) if p.returncode == 0 else None


def modules(image):
    """Name to file, of those with exports."""
    return {os.path.basename(ko)[:-3]: ko
            for ko in sorted(glob.glob(image['modules'] + '/kernel/**/*.ko', recursive=True))}


def exports(path):
    out = subprocess.run(['nm', path], capture_output=True, check=True).stdout
    return sorted(n for n in set(re.findall(rb' __ksymtab_(\S+)$', out, re.M)) if n != b'strings')


def run(tool, path, names, folder):
    """(standard output, symtypes), both bytes; standard error if it fails."""
    symtypes = folder + '/symtypes'
    p = subprocess.run([tool, '-T', symtypes, path], input=b''.join(n + b'\n' for n in names),
                       capture_output=True, check=False)
    if p.returncode:
        raise RuntimeError(f'{tool} {path}: {p.returncode}: {p.stderr[-500:]}')
    with open(symtypes, 'rb') as f:
        return p.stdout, f.read()


def digest(out, symtypes):
    return [hashlib.sha256(text).hexdigest()[:16]
            for text in (b''.join(sorted(out.splitlines(keepends=True))), symtypes)]


def read_digests():
    """version -> module -> (symbols, digest, digest)"""
    found = {}
    with open(DIGESTS, encoding='utf-8') as f:
        for line in f:
            if not line.startswith('#') and line.strip():
                version, name, nr, *rest = line.split()
                found.setdefault(version, {})[name] = [int(nr), *rest]
    return found


# ------------------------------------------------------------------- by hand

def expected(tool, data, wanted):
    image = fetch('image', '6.1')
    kos = modules(image)
    bad = nr = 0
    names = sorted(os.path.basename(p)[:-4] for p in glob.glob(data + '/modules/*.txt'))
    with tempfile.TemporaryDirectory() as tmp:
        for name in wanted or names:
            base = f'{data}/vmlinux/vmlinux' if name == 'vmlinux' else f'{data}/modules/{name}'
            path = image['vmlinux'] if name == 'vmlinux' else kos[name]
            with open(base + '.txt', 'rb') as f:
                out, symtypes = run(tool, path, f.read().split(), tmp)
            nr += 1
            for mine, suffix in (out, '.symvers'), (symtypes, '.symtypes'):
                with open(base + suffix, 'rb') as f:
                    theirs = f.read()
                if mine != theirs:
                    bad += 1
                    a, b = set(mine.splitlines()), set(theirs.splitlines())
                    order = '' if a != b else ', only the order'
                    print(f'{name}{suffix}: {len(a - b)} lines of {len(b)} differ{order}')
                    for line in sorted(a - b)[:3] + sorted(b - a)[:3]:
                        print(('  got      ' if line in a else '  expected ') +
                              line[:200].decode('utf-8', 'replace'))
    print(f'{nr} files compared, {bad} outputs differ')
    return bad == 0


def make_digests(tool, series):
    image = fetch('image', series)
    files = {'vmlinux': image['vmlinux'], **modules(image)}
    with tempfile.TemporaryDirectory() as tmp:
        for name, path in files.items():
            names = exports(path)
            if names:
                print(image['version'], name, len(names), *digest(*run(tool, path, names, tmp)),
                      flush=True)


# -------------------------------------------------------------- check-kernel

def fixtures(result, skip, build, oracle):
    if not oracle:
        skip('versions: the fixtures against gendwarfksyms', 'no gendwarfksyms')
        return
    env = dict(os.environ, GENDWARFKSYMS=oracle, KSYM_BUILD=build)
    p = subprocess.run([HERE + '/../cli/versions.t'], capture_output=True, text=True, env=env,
                       check=False)
    lines = [line for line in p.stdout.splitlines() if not line.startswith('ok ')]
    nr = len(re.findall(r'^ok .*: as gendwarfksyms does', p.stdout, re.M))
    result(p.returncode == 0 and nr > 25,
           f'versions: {nr} kinds of fixtures against gendwarfksyms, in every mode', '\n'.join(lines))


def digests(result, skip, tool, tmp):
    """Every module that exports, without gendwarfksyms at hand."""
    known = read_digests()
    for series in SAMPLE:
        image = fetch('image', series)
        what = f'versions: debian-{series}'
        want = known.get(image and image['version'])
        if not want:
            skip(f'{what}: all modules', 'versions.digests is of another package: '
                 f'{", ".join(known)}')
            continue
        kos = modules(image)
        kos['vmlinux'] = image['vmlinux']
        wrong, nr = [], 0
        for name, (count, *sums) in want.items():
            names = exports(kos[name])
            nr += len(names)
            got = digest(*run(tool, kos[name], names, tmp))
            if len(names) != count or got != sums:
                wrong.append(f'{name}: {len(names)} symbols, {got}, expected {count}, {sums}')
        result(not wrong, f'{what}: vmlinux and {len(want) - 1} modules, {nr} exports: the '
               'versions and symtypes that gendwarfksyms gave', '\n'.join(wrong))


def live(result, skip, tool, oracle, tmp):
    """Some, whatever version they have, against the program itself."""
    for series, names in SAMPLE.items():
        what = f'versions: debian-{series}'
        if not oracle:
            skip(f'{what}: modules against gendwarfksyms', 'no gendwarfksyms')
            continue
        kos = modules(fetch('image', series))
        paths = [kos[n] for n in names.split() if n in kos]
        p = subprocess.run([COMPARE, '-q', '-m', 'symtypes', tool, oracle, *paths],
                           capture_output=True, text=True, check=False)
        result(p.returncode == 0 and len(paths) > len(names.split()) * 3 // 4,
               f'{what}: {len(paths)} modules against gendwarfksyms', p.stdout + p.stderr)


def whole(result, ksym, tmp):
    """The same bytes whichever way vmlinux is asked."""
    image = fetch('image', '6.1')
    names = exports(image['vmlinux'])
    with open(tmp + '/list', 'wb') as f:
        f.write(b''.join(n + b'\n' for n in names))

    def ask(*options):
        p = subprocess.run([ksym, 'versions', '-q', *options, image['vmlinux']],
                           capture_output=True, check=False)
        if p.returncode:
            raise RuntimeError(f'{options}: {p.returncode}: {p.stderr[-500:]}')
        return p.stdout

    one = ask('-J', '1', '-T', tmp + '/one')
    two = ask('-J', '2', '-T', tmp + '/two')
    with open(tmp + '/one', 'rb') as a, open(tmp + '/two', 'rb') as b:
        result(one == two and a.read() == b.read(), 'versions: one thread and two: same bytes')
    given = ask('--symbols', tmp + '/list')
    result(sorted(given.splitlines()) == sorted(one.splitlines()) and len(names) > 9000,
           f'versions: vmlinux lists its {len(names)} exports itself')


def check(result, skip, build, tmp, parts=()):
    """All of it; @result and @skip say what came of each check."""
    ksym, tool = build + '/ksym', tmp + '/gendwarfksyms'
    os.symlink(ksym, tool)
    oracle = (fetch('gendwarfksyms') or {}).get('gendwarfksyms')
    for part, function in (('fixtures', lambda: fixtures(result, skip, build, oracle)),
                           ('digests', lambda: digests(result, skip, tool, tmp)),
                           ('modules', lambda: live(result, skip, tool, oracle, tmp)),
                           ('vmlinux', lambda: whole(result, ksym, tmp))):
        if not parts or part in parts:
            function()


def main():
    if len(sys.argv) > 3 and sys.argv[1] == '--expected':
        return expected(os.path.abspath(sys.argv[2]), sys.argv[3], sys.argv[4:])
    if len(sys.argv) == 4 and sys.argv[1] == '--digests':
        make_digests(sys.argv[2], sys.argv[3])
        return True
    if len(sys.argv) < 2 or sys.argv[1].startswith('-'):
        print(__doc__)
        sys.exit(0 if '--help' in sys.argv else 2)
    bad = []

    def result(ok, what, detail=''):
        print(('ok - ' if ok else 'not ok - ') + what)
        if not ok:
            bad.append(what)
            print('\n'.join('# ' + line for line in str(detail).splitlines()[:25]))

    with tempfile.TemporaryDirectory() as tmp:
        check(result, lambda what, why: print(f'ok - {what} # SKIP {why}'),
              os.path.abspath(sys.argv[1]), tmp, sys.argv[2:])
    return not bad


if __name__ == '__main__':
    sys.exit(0 if main() else 1)

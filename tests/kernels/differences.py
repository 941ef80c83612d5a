# SPDX-License-Identifier: LGPL-2.1-or-later
"""Why versions differ between two kernels: a part of check-kernel.

That a symbol changed has to be what the two lists of versions say, and its causes those
that a second, plain reading of the symtypes files finds.
"""

import collections
import json
import random
import re


def symtypes(path):
    """A symtypes file: the text of each type and symbol."""
    texts = {}
    with open(path, encoding='utf-8') as f:
        for line in f:
            line = line.rstrip('\n')
            end = line.index("'", 3) + 1 if line[1:3] == "#'" else line.index(' ')
            texts[line[:end]] = line[end + 1:]
    return texts


def closure(texts, refs, symbol):
    """All types that a symbol is made of."""
    seen, todo = set(), [symbol]
    while todo:
        name = todo.pop()
        if name not in refs:
            refs[name] = set(re.findall(r"(?:^| )([suet]#(?:'[^']*'|[^ ]+))", texts.get(name, '')))
        todo += refs[name] - seen
        seen |= refs[name]
    return seen


def crcs(text):
    return dict(line.split()[1:] for line in text.splitlines())


def check(result, run, ksym, images, tmp):
    """What `ksym diff` says of two images, against a plain reading of the lists."""
    name = 'diff'
    files = [f'{tmp}/{i}.symtypes' for i in range(2)]
    lists = [crcs(run(ksym, 'versions', '-q', '-T', f, i)) for f, i in zip(files, images)]
    texts = [symtypes(f) for f in files]
    doc = json.loads(run(ksym, 'diff', '--json', *images, status=1))
    state = {s['name']: s['state'] for s in doc['symbols']}
    plain = {n: 'changed' if n in lists[1] else 'removed' for n, c in lists[0].items()
             if lists[1].get(n) != c}
    plain.update((n, 'added') for n in lists[1] if n not in lists[0])
    result(state == plain and len(plain) > 1000,
           f'{name}: {len(plain)} symbols differ, as the lists of versions tell',
           set(state.items()) ^ set(plain.items()))
    result(all(s.get(key) == crc.get(s['name']) for s in doc['symbols']
               for key, crc in zip(('old_crc', 'new_crc'), lists)),
           f'{name}: with the versions of the lists')
    again = json.loads(run(ksym, 'diff', '--json', *files, status=1))
    result(again['causes'] == doc['causes'], f'{name}: symtypes files tell the same causes')
    indexes = [f'{tmp}/{i}.ksym' for i in range(2)]
    for index, image in zip(indexes, images):
        run(ksym, 'index', '-q', '--versions', '-o', index, image)
    pairs = indexes, (images[0], indexes[1]), (indexes[0], files[1])
    docs = [json.loads(run(ksym, 'diff', '--json', *pair, status=1)) for pair in pairs]
    result(docs[:2] == [doc, doc], f'{name}: indexes, and an image with one, tell all that images do')
    result(docs[2]['causes'] == doc['causes'], f'{name}: an index and a symtypes file tell the same causes')
    result(all(run(ksym, 'versions', '-q', index) == run(ksym, 'versions', '-q', image)
               for index, image in zip(indexes, images)),
           f'{name}: an index prints the versions of its image')
    explain(result, name, doc, texts)


def explain(result, name, doc, texts):
    """Every symbol has a cause, and every cause is real."""
    causes = collections.defaultdict(set)
    for c in doc['causes']:
        for s in c['symbols']:
            causes[s].add((c['kind'], c['name']))
    known = [s for s in doc['symbols'] if s['state'] == 'changed' and
             all(s['name'] in t for t in texts)]
    result(known and all(s['nr_causes'] and causes[s['name']] for s in known),
           f'{name}: each of {len(known)} changed symbols has a cause',
           [s['name'] for s in known if not causes[s['name']]])
    letter = {'struct': 's', 'union': 'u', 'enum': 'e', 'typedef': 't'}
    renamed = {f'{letter[c["kind"]]}#{c["name"]}': f'{letter[c.get("new_kind", c["kind"])]}#{c["new_name"]}'
               for c in doc['causes'] if 'new_name' in c and c['kind'] != 'symbol'}
    refs = [{}, {}]

    def own_text_differs(n):
        old = ' '.join(renamed.get(w, w) for w in texts[0].get(n, '').split(' '))
        return n in renamed or old != texts[1].get(n)

    wrong = []
    for s in random.Random(1).sample(known, min(150, len(known))):
        symbol = s['name']
        reached = [closure(t, r, symbol) for t, r in zip(texts, refs)]
        expected = {n for n in reached[0] if renamed.get(n, n) in reached[1] and own_text_differs(n)}
        told = {f'{letter[k]}#{n}' for k, n in causes[symbol] if k != 'symbol'}
        if told != {n.replace("'", '') for n in expected} or \
                (('symbol', symbol) in causes[symbol]) != own_text_differs(symbol):
            wrong.append((symbol, told ^ expected))
    result(not wrong, f'{name}: of 150 symbols, the causes are the types that differ and that both '
           'sides reach', '\n'.join(map(str, wrong)))

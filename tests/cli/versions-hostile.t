#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""DWARF that means harm, through ksym versions.

Objects of compilers get cut off and single bits flipped.  Others are well-formed but go round in
circles, point nowhere, nest deep or promise huge numbers.  Whatever they are, ksym ends
by itself with status 0, 1 (symbols without information) or 3, in seconds and within memory
that goes with the file's size; with 3 it says why in one line and leaves no file behind.
"""
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("KSYM_BUILD", "build")).resolve()
SOURCE = pathlib.Path(os.environ.get("KSYM_SOURCE",
                                     pathlib.Path(__file__).resolve().parent / "../.."))
FIXTURES = SOURCE / "tests/versions-fixtures"
KSYM = str(BUILD / "ksym")
sys.dont_write_bytecode = True
sys.path.insert(0, str(FIXTURES))
from dwarfwriter import TAG, die, ref, variable, write  # noqa: E402

ENV = dict(os.environ, LC_ALL="C")
for tool in "ASAN", "UBSAN", "LSAN":
    ENV[tool + "_OPTIONS"] = ENV.get(tool + "_OPTIONS", "") + ":exitcode=99:halt_on_error=1"
SANITIZED = bool(re.search(b"__[at]san_init", pathlib.Path(KSYM).read_bytes()))
INT = die(TAG.base_type, "int", name="int", byte_size=4, encoding=5)


def limits(seconds):
    # Of the processor: a busy machine is none slower.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    # Sanitizers reserve terabytes of addresses.
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def run(work, command, seconds=30, stdin=b""):
    """Why a run is not as it has to be, or None; and its exit status."""
    before = set(os.listdir(work))
    try:
        p = subprocess.run([KSYM, "versions", *command], cwd=work, env=ENV, timeout=30 * seconds,
                           input=stdin, capture_output=True, check=False, preexec_fn=lambda: limits(seconds))
    except subprocess.TimeoutExpired:
        return "does not end", None
    left = set(os.listdir(work)) - before
    for name in left:
        (work / name).unlink()
    text = p.stderr.decode("utf-8", "replace")
    lines = [s for s in text.splitlines() if "warning: " not in s]
    told = "-q" in command or any(": no information for symbol " in s for s in lines)
    if p.returncode not in (0, 1, 3) or (p.returncode == 1 and not told):
        return f"exit status {p.returncode}: {text[-2000:]}", p.returncode
    if p.returncode == 3 and (len(lines) != 1 or not lines[0].startswith("ksym: ")):
        return f"expected one line of text, got {text[:2000]!r}", 3
    if p.returncode == 3 and (left or p.stdout):
        return f"fails and leaves {sorted(left)}, {p.stdout[:200]!r}", 3
    if any(not c.isprintable() for s in text.splitlines() for c in s):
        return f"unprintable bytes in {text[:2000]!r}", p.returncode
    if p.returncode == 0 and "--json" in command:
        try:
            json.loads(p.stdout.decode())
        except ValueError as e:
            return f"malformed JSON: {e}", 0
    return None, p.returncode


class Suite:
    def __init__(self):
        self.nr = self.failed = 0

    def report(self, why, text):
        self.nr += 1
        self.failed += bool(why)
        print(f"{'not ' if why else ''}ok {self.nr} - {text}")
        for line in (why or "").splitlines():
            print("#", line)
        sys.stdout.flush()


def mutants(data, nr, seed):
    rng = random.Random(seed)
    for i in range(nr):
        if i % 5 == 0:
            yield f"cut at {i * len(data) // nr}", data[:i * len(data) // nr]
            continue
        copy, places = bytearray(data), []
        for _ in range(rng.randint(1, 4)):
            at, bit = rng.randrange(len(data)), rng.randrange(8)
            copy[at] ^= 1 << bit
            places.append(f"{at}.{bit}")
        yield "flipped " + " ".join(places), bytes(copy)


def altered(suite, work, name, nr, command):
    data = (work / name).read_bytes()
    statuses, bad = {}, None
    for what, mutant in mutants(data, nr, name):
        (work / "altered.o").write_bytes(mutant)
        why, status = run(work, [*command, "altered.o"])
        if why:
            bad = f"{what}: {why}"
            if os.environ.get("KSYM_KEEP"):
                (pathlib.Path(os.environ["KSYM_KEEP"]) / f"altered-{name}").write_bytes(mutant)
            break
        statuses[status] = statuses.get(status, 0) + 1
    counts = ", ".join(f"{n} x {s}" for s, n in sorted(statuses.items()))
    suite.report(bad, f"{nr} altered {name}: {' '.join(command)} (exit status {counts})")


def struct_of(label, name, *members, **more):
    return die(TAG.structure_type, label, members, **({"name": name} if name else {}), **more)


def member(name, kind):
    return die(TAG.member, None, name=name, type=kind)


def circles():
    """Types that consist of themselves.  Only a name ends such a circle."""
    for tag in "pointer_type", "const_type", "array_type", "subroutine_type":
        yield tag, 3, [die(getattr(TAG, tag), "a", type="a"), variable("x", "a")]
    yield "typedef, named", None, [die(TAG.typedef, "a", name="a", type="a"), variable("x", "a")]
    yield "two typedefs", None, [die(TAG.typedef, "a", name="a", type="b"),
                              die(TAG.typedef, "b", name="b", type="a"), variable("x", "a")]
    yield "const and volatile", 3, [die(TAG.const_type, "a", type="b"),
                                    die(TAG.volatile_type, "b", type="a"), variable("x", "a")]
    yield "structure, nameless", 3, [struct_of("a", None, member("m", "a")), variable("x", "a")]
    yield "structure, named", 0, [struct_of("a", "a", member("m", "a")), variable("x", "a")]
    yield "structure, nameless, through a pointer", 3, [
        struct_of("a", None, member("m", "p")), die(TAG.pointer_type, "p", type="a"), variable("x", "a")]
    yield "parameter", 3, [die(TAG.subroutine_type, "a", [die(TAG.formal_parameter, None, type="a")]),
                           variable("x", "a")]
    yield "member as type", None, [struct_of("a", "a", die(TAG.member, "m", name="m", type="m")),
                                   variable("x", "a")]
    yield "variable as type", None, [die(TAG.variable, "x", name="x", type="x")]
    yield "variant", None, [die(TAG.variant_part, "v", [die(TAG.variant, "w", [member("m", "v")])]),
                            variable("x", "w")]
    yield "unit as type", None, [variable("x", ref(12))]
    yield "origin", None, [die(TAG.subprogram, "f", name="x", abstract_origin="f")]
    # Every nesting has the whole once more.
    for n in 30, 64:
        yield f"a text of 2 to the power of {n}", 3, [
            struct_of(f"s{i}", None, member("a", f"s{i + 1}"), member("b", f"s{i + 1}"))
            for i in range(n)] + [struct_of(f"s{n}", None, member("a", "int")), variable("x", "s0"), INT]


def nowhere():
    """References that end outside, in a header, or inside a DIE."""
    for at in 0, 1, 11, 13, 14, 0x7fffffff, 0xffffffff:
        yield f"type at {at}", [INT, die(TAG.pointer_type, "p", type=ref(at)), variable("x", "p")]
        yield f"origin at {at}", [die(TAG.subprogram, None, name="x", abstract_origin=ref(at))]
    for at in 0, 5, 0xfffffff0:
        yield f"far type at {at}", [INT, variable("x", ref(at, far=True))]
    yield "type inside a DIE", [INT, variable("x", ref("int", 2))]
    yield "type at an end of children", [INT, struct_of("s", "s", INT), variable("x", ref("x", -1)),
                                         die(TAG.variable, "x", name="y")]
    for form, data in ((0x20, bytes(8)), (0x1f20, bytes(4)), (0x1c, bytes(4)), (0x15, b"\xff" * 9 + b"\x7f"),
                       (0x0e, b"\xff" * 4), (0x1a, b"\x05"), (0x16, b"\x13\x0c\0\0\0"), (0x16, b"\x16"),
                       (0x7777, b"")):
        yield f"type of form {form:#x}", [INT, variable("x", None, type=(form, data))]
        yield f"name of form {form:#x}", [INT, die(TAG.variable, None, name=(form, data), type="int")]


def nested(n, inner, tag=TAG.namespace, name="n"):
    for _ in range(n):
        inner = [die(tag, None, inner, name=name)]
    return inner


def chain(n, tag):
    return [die(tag, f"c{i}", type=f"c{i + 1}") for i in range(n)] + \
        [die(TAG.base_type, f"c{n}", name="end", byte_size=1), variable("x", "c0")]


def big(n):
    """What takes time or memory of the order of the square of its size, done badly."""
    yield "deep namespaces", nested(n, [variable("x", "int"), INT])
    yield "deep structures", nested(n, [member("m", "int"), INT], TAG.structure_type) + [variable("x", "int")]
    yield "deep namespaces of long names", \
        nested(n // 10, [struct_of("s", "s"), variable("x", "s")], name="n" * 1000)
    yield "deep blocks", [die(TAG.subprogram, None, nested(n, [INT], TAG.lexical_block), name="x", type="int")]
    yield "a chain of pointers", chain(n, TAG.pointer_type)
    yield "a chain of arrays", chain(n, TAG.array_type)
    yield "a chain of types without a name", \
        [struct_of(f"c{i}", None, member("m", f"c{i + 1}")) for i in range(n)] + \
        [struct_of(f"c{n}", None), variable("x", "c0")]
    yield "many dimensions", [INT, die(TAG.array_type, "a", [die(TAG.subrange_type, None, count=1 << 60)
                                                            for _ in range(n)], type="int"), variable("x", "a")]
    yield "many enumerators", [die(TAG.enumeration_type, "e", [
        die(TAG.enumerator, None, name=f"e{i}", const_value=i) for i in range(n)], name="e"), variable("x", "e")]
    yield "many parameters", [INT, die(TAG.subprogram, None, [
        die(TAG.formal_parameter, None, name=f"p{i}", type="int") for i in range(n)], name="x")]
    yield "one long name", [struct_of("s", "n" * 40 * n, member("m" * 40 * n, "s")), variable("x", "s")]
    yield "one name many times", [struct_of(f"s{i}", "s", member("m" * (i % 50), f"s{i * 7 % n}"))
                                  for i in range(n)] + [variable("x", "s0")]


def many(n):
    """Many symbols of which each leads to many types: (title, units, symbols)."""
    names = [f"x{i}" for i in range(n)]
    types = [struct_of(f"s{i}", f"s{i}", member("next", f"s{(i + 1) % n}")) for i in range(n)]
    yield "every symbol leads to every type", [types + [variable(x, f"s{i}") for i, x in enumerate(names)]], \
        names
    yield "all symbols at one address", [[INT, *(variable(x, "int") for x in names)]], [(x, 0) for x in names]
    yield "pointers for all symbols", \
        [[INT, die(TAG.pointer_type, "p", type="int"),
          *(variable("__gendwarfksyms_ptr_" + x, "p") for x in names)]], names
    # As many units as symbols, each unit with the same pointer for all at one address.
    yield "a unit for each symbol", [[die(TAG.base_type, f"i{i}", name="int", byte_size=4),
                                      variable(x, f"i{i}")] for i, x in enumerate(names)], names
    yield "units that refer to the first", [[die(TAG.base_type, "first", name="int", byte_size=4)]] + \
        [[variable(x, ref("first", far=True))] for x in names], names


def rules(work, suite):
    good = b"1\0byte_size\0s\x004\0"
    for title, data, status in (
            ("empty", b"", None), ("not ended", b"1\0declonly\0s", 3), ("one byte", b"\0", 3),
            ("another version", b"2\0declonly\0s\0\0", 3), ("no such rule", b"1\0no\0s\0\0", 3),
            ("cut in an entry", good + b"1\0declonly\0", 3), ("nothing but zeros", bytes(4096), 3),
            ("not a number", b"1\0byte_size\0s\0x\0", 3), ("too big a number", b"1\0byte_size\0s\0" + b"9" * 30 + b"\0", 3),
            ("an empty text", b"1\0type_string\0s#s\0\0", 3),
            ("an open quote", b"1\0type_string\0s#s\0t#'x\0", 3),
            ("no name", b"1\0type_string\0s#s\0t# \0", 3),
            ("an unknown type", b"1\0type_string\0s#s\0t#x\0", 3),
            ("itself", b"1\0type_string\0s#s\0s#s s#s\0", 0),
            ("many", good * 20000, 0),
            ("a chain", b"".join(b"1\0type_string\0s#s%d\0s#s%d s#s%d\0" % (i, i + 1, i + 1)
                                 for i in range(20000)) + b"1\0type_string\0s#s20000\0end\0"
             b"1\0type_string\0s#s\0s#s0\0", 0)):
        write(work / "rules.o", [[INT, struct_of("s", "s", member("m", "int"), byte_size=8), variable("x", "s")]],
              ["x"], [(".discard.gendwarfksyms.kabi_rules", data)])
        why, got = run(work, ["--stable", "-T", "st", "--symbols", "x.list", "rules.o"])
        if not why and status is not None and got != status:
            why = f"exit status {got}, expected {status}"
        suite.report(why, f"rules: {title}")


def unions(work, suite, nr):
    """Each stands for the next one."""
    dies = [die(TAG.union_type, f"u{i}", [member("__kabi_reserved0", f"u{i + 1}")]) for i in range(nr)]
    write(work / "unions.o", [[*dies, die(TAG.base_type, f"u{nr}", name="end", byte_size=1),
                               variable("x", "u0")]], ["x"])
    why, _ = run(work, ["--stable", "-T", "st", "--symbols", "x.list", "unions.o"],
                 30 if SANITIZED else 3)
    suite.report(why, f"rules: {nr} unions that stand for each other")


def exports(work, suite):
    """The sections that list what is exported."""
    for title, data in (("empty", b""), ("no end", b"GPL"), ("zeros", bytes(65536)),
                        ("ones", b"\xff" * 65536)):
        for section in ".export_symbol", "__ksymtab", "__ksymtab_gpl", "___ksymtab+x", "__ksymtab_strings":
            write(work / "x.o", [[INT, variable("x", "int")]], ["x", "__export_symbol_x", "__ksymtab_x"],
                  [(section, data)])
            why, _ = run(work, ["x.o"])
            if why:
                break
        suite.report(why, f"sections of exports: {title}" + (f", {section}" if why else ""))


def lists(work, suite):
    write(work / "x.o", [[INT, variable("x", "int")]], ["x"])
    for title, data in (("nothing", b""), ("zero bytes", b"x\0y\n\0\n"), ("one long line", b"x" * 3000000),
                        ("many names", b"".join(b"n%d\n" % i for i in range(100000))),
                        ("one name often", b"x\n" * 300000), ("unprintable", bytes(range(1, 256)) + b"\n")):
        why, _ = run(work, ["-q", "--symbols", "-", "x.o"], stdin=data)
        suite.report(why, f"list of symbols: {title}")


def main():
    suite = Suite()
    nr = 20000
    with tempfile.TemporaryDirectory() as tmp:
        work = pathlib.Path(tmp)
        (work / "x.list").write_text("x\n")
        for name in "aggregates", "exports", "kabi":
            subprocess.run(["gcc", "-w", "-g", "-O2", "-c", FIXTURES / f"{name}.c", "-o", work / f"{name}.o"],
                           check=True)
        subprocess.run(["clang", "-w", "-gdwarf-4", "-O2", "-c", FIXTURES / "aggregates.c", "-o",
                        work / "clang.o"], check=False)
        altered(suite, work, "aggregates.o", 200, ["-T", "st"])
        altered(suite, work, "exports.o", 100, ["--json"])
        altered(suite, work, "kabi.o", 150, ["--stable", "-T", "st"])
        if (work / "clang.o").exists():
            altered(suite, work, "clang.o", 100, ["--dump-versions"])
        for title, status, dies in circles():
            write(work / "circle.o", [dies], ["x"])
            why, got = run(work, ["-T", "st", "--symbols", "x.list", "circle.o"])
            if not why and status is not None and got != status:
                why = f"exit status {got}, expected {status}"
            suite.report(why, f"circle: {title}")
        for title, dies in nowhere():
            write(work / "nowhere.o", [dies], ["x", "y"])
            why, _ = run(work, ["-T", "st", "--symbols", "x.list", "nowhere.o"])
            suite.report(why, f"nowhere: {title}")
        for title, dies in big(nr):
            write(work / "big.o", [dies], ["x"])
            why, _ = run(work, ["-T", "st", "--symbols", "x.list", "big.o"])
            suite.report(why, f"big: {title}")
        for title, units, symbols in many(nr // 4):
            write(work / "many.o", units, symbols)
            (work / "many.list").write_text("".join(
                (s if isinstance(s, str) else s[0]) + "\n" for s in symbols))
            why, _ = run(work, ["-T", "st", "--symbols", "many.list", "many.o"])
            suite.report(why, f"many: {title}")
        rules(work, suite)
        unions(work, suite, 5 * nr)
        exports(work, suite)
        lists(work, suite)
    print(f"1..{suite.nr}")
    sys.exit(suite.failed != 0)


main()

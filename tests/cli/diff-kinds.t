#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One change at a time: small objects before and after it, and what `ksym diff` has to say.

Each case has two texts of C, the cause it must find (one, unless it says otherwise) with
its changes - kind, class, where, and any further values - and the symbols that it changed;
none besides may change.  The objects are made by the compiler here.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

KSYM = pathlib.Path(os.environ.get("KSYM_BUILD", "build")).resolve() / "ksym"
CC = os.environ.get("CC", "gcc")

EXPORT = """
typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long u64;
#define EXPORT(x) asm(".pushsection \\".export_symbol\\",\\"a\\"\\n" \\
	"__export_symbol_" #x ":\\n.asciz \\"\\"\\n.asciz \\"\\"\\n.balign 8\\n.quad " #x "\\n.popsection");
"""
# Users of struct s: by pointer, through another structure, and not at all.
USERS = """
struct outer { int n; struct s *p; };
int direct(struct s *x) { return !x; } EXPORT(direct)
int through(struct outer *o) { return !o; } EXPORT(through)
int other(int a) { return a; } EXPORT(other)
"""
ENUM_USERS = """
int direct(enum e x) { return x; } EXPORT(direct)
int other(int a) { return a; } EXPORT(other)
"""
FUNCTION = " EXPORT(f)\nint other(int a) { return a; } EXPORT(other)\n"

BOTH = ["direct", "through"]
CASES = []


def case(name, old, new, cause, changes, symbols, **more):
    """changes: (kind, class, where, {other values}); more: values of the cause."""
    CASES.append((name, old, new, cause, changes, symbols, more))


def struct(name, old, new, changes, **more):
    case(name, "struct s { %s };" % old + USERS, "struct s { %s };" % new + USERS,
         ("struct", "s"), changes, BOTH, **more)


def enum(name, old, new, changes, **more):
    case(name, "enum e { %s };" % old + ENUM_USERS, "enum e { %s };" % new + ENUM_USERS,
         ("enum", "e"), changes, ["direct"], **more)


def function(name, old, new, changes, **more):
    case(name, old + FUNCTION, new + FUNCTION, ("symbol", "f"), changes, ["f"], **more)


C, D, I = "compatible", "depends", "incompatible"

# ---- structures
struct("a member at the end", "int a; long b;", "int a; long b; int c;",
       [("member-added", D, "c", {"new_bit_offset": 128, "new_bits": 32, "new": "int"}),
        ("size", D, None, {"old_bits": 128, "new_bits": 192})],
       old_size=16, new_size=24)
struct("a member in a hole", "int a; long b;", "int a; int c; long b;",
       [("member-added", D, "c", {"new_bit_offset": 32,
                                  "note": "in a hole: layout of existing members unchanged"})],
       old_size=16, new_size=16)
struct("a member in front of others", "int a, b, d;", "int a, c, b, d;",
       [("member-moved", I, "b", {"last": "d", "number": 2, "old_bit_offset": 32,
                                  "new_bit_offset": 64}),
        ("member-added", D, "c", {"new_bit_offset": 32}),
        ("size", I, None, {"old_bits": 96, "new_bits": 128})])
struct("a member removed", "int a; long b; int c;", "int a; long b;",
       [("member-removed", I, "c", {"old_bit_offset": 128, "old_bits": 32, "old": "int"}),
        ("size", I, None, {})])
struct("a member renamed", "int a; long b;", "int a; long c;",
       [("member-renamed", C, "b", {"becomes": "c", "old_bit_offset": 64})])
struct("members that change places", "int a; int b;", "int b; int a;",
       [("member-moved", I, "a", {"old_bit_offset": 0, "new_bit_offset": 32}),
        ("member-moved", I, "b", {"old_bit_offset": 32, "new_bit_offset": 0})])
struct("a member of another size", "int a; int b;", "int a; long b;",
       [("member-retyped", I, "b", {"old": "int", "new": "long int", "old_bits": 32,
                                    "new_bits": 64}),
        ("member-moved", I, "b", {"old_bit_offset": 32, "new_bit_offset": 64}),
        ("size", I, None, {})])
struct("a member of another sign", "int a;", "unsigned int a;",
       [("member-retyped", D, "a", {"old": "int", "new": "unsigned int"})])
struct("a member of the same kind of number", "unsigned long a;", "unsigned long long a;",
       [("member-retyped", C, "a", {})])
struct("a typedef in front of a member", "unsigned int a;", "u32 a;",
       [("member-retyped", C, "a", {"old": "unsigned int", "new": "u32"})])
struct("a qualifier on what a member points to", "char *a;", "const char *a;",
       [("member-retyped", C, "a", {"old": "char *", "new": "const char *"})])
struct("a pointer to something else", "struct x *a;", "struct y *a;",
       [("member-retyped", D, "a", {"old": "struct x *", "new": "struct y *"})])
struct("a pointer that was to void", "void *a;", "struct y *a;", [("member-retyped", D, "a", {})])
struct("a member replaced", "long a; void *b;", "long a; unsigned long c;",
       [("member-replaced", D, "b", {"becomes": "c", "old": "void *",
                                     "new": "long unsigned int", "old_bit_offset": 64})])
struct("a member put into a union", "long a; long b;", "long a; union { long b; void *c; };",
       [("member-regrouped", C, "b", {}),
        ("member-added", D, "c", {"new_bit_offset": 64,
                                  "note": "shares the place of another: layout of existing members unchanged"})])
struct("a bit field of another width", "int a:3; int b:5;", "int a:3; int b:6;",
       [("bit-field", I, "b", {"old_bits": 5, "new_bits": 6})])
struct("bit fields that move", "int a:3; int b:5; int c:1;", "int a:4; int b:5; int c:1;",
       [("bit-field", I, "a", {}),
        ("member-moved", I, "b", {"last": "c", "number": 2, "old_bit_offset": 3,
                                  "new_bit_offset": 4})])
struct("a bit field that becomes a member", "unsigned int a:8; int b;", "unsigned char a; int b;",
       [("member-retyped", D, "a", {})])
struct("an array of another length", "int a[4];", "int a[5];",
       [("member-retyped", I, "a", {"old": "int[4]", "new": "int[5]", "old_bits": 128,
                                    "new_bits": 160}), ("size", I, None, {})])
struct("a flexible array", "int a; int b[0];", "int a; int b[];", [("member-retyped", C, "b", {})])
case("an alignment", "struct s { long a; };" + USERS,
     "struct s { long a; } __attribute__((aligned(8)));" + USERS, ("struct", "s"),
     [("alignment", D, None, {"old_bits": 0, "new_bits": 64})], BOTH)
case("packed", "struct s { char a; int b; };" + USERS,
     "struct s { char a; int b; } __attribute__((packed));" + USERS, ("struct", "s"),
     [("member-moved", I, "b", {"old_bit_offset": 32, "new_bit_offset": 8}),
      ("size", I, None, {"old_bits": 64, "new_bits": 40})], BOTH)
struct("a member of an inner structure without name", "int a; struct { int x; int y; } in;",
       "int a; struct { int x; int z; } in;",
       [("member-renamed", C, "in.y", {"becomes": "in.z", "old_bit_offset": 32})])
struct("a type that is the same but named", "int a; enum { P, Q } b;", "int a; enum q { P, Q } b;",
       [("member-retyped", D, "b", {})])

# ---- function pointers
struct("a parameter of a function pointer", "int (*open)(int x);", "int (*open)(int x, long y);",
       [("parameter-added", I, "open(2)", {"new_position": 2, "new": "long int"})])
struct("what a function pointer returns", "int (*open)(int x);", "long (*open)(int x);",
       [("return-type", I, "open()", {"old": "int", "new": "long int"})])
struct("a parameter inside an array of structures",
       "struct { void (*f)(int, void *); } ops[2];", "struct { void (*f)(int, const char *); } ops[2];",
       [("parameter-retyped", D, "ops.f(2)", {"old": "void *", "new": "const char *"})])

# ---- unions
case("a member of a union", "union s { long a; };" + USERS.replace("struct s", "union s"),
     "union s { long a; int b; };" + USERS.replace("struct s", "union s"), ("union", "s"),
     [("member-added", C, "b", {"new_bit_offset": 0})], BOTH)
case("a union that grew", "union s { int a; };" + USERS.replace("struct s", "union s"),
     "union s { int a; long b; };" + USERS.replace("struct s", "union s"), ("union", "s"),
     [("member-added", D, "b", {}), ("size", D, None, {})], BOTH)
case("a union in another order", "union s { int a; int b; };" + USERS.replace("struct s", "union s"),
     "union s { int b; int a; };" + USERS.replace("struct s", "union s"), ("union", "s"),
     [("text", C, None, {})], BOTH)

# ---- visibility, names, kinds
case("a declaration that became a definition", "struct s;" + USERS, "struct s { int a; };" + USERS,
     ("struct", "s"), [("became-defined", C, None, {})], BOTH)
case("a definition that became a declaration", "struct s { int a; };" + USERS, "struct s;" + USERS,
     ("struct", "s"), [("became-undefined", C, None, {})], BOTH)
case("a structure renamed, which points to itself", "struct s { struct s *next; int a; };" + USERS,
     "struct t { struct t *next; int a; };" + USERS.replace("struct s", "struct t"),
     ("struct", "s"), [("type-renamed", C, None, {"becomes": "t"})], BOTH, new_name="t")
case("two structures renamed, which point to each other",
     "struct b; struct s { struct b *b; long x; }; struct b { struct s *s; };" + USERS,
     "struct d; struct t { struct d *b; long x; }; struct d { struct t *s; };" +
     USERS.replace("struct s", "struct t"),
     [("struct", "s"), ("struct", "b")], [("type-renamed", C, None, {"becomes": "t"})], BOTH)
case("a structure that became a union", "struct s { int a; };" + USERS,
     "union s { int a; };" + USERS.replace("struct s", "union s"), ("struct", "s"),
     [("type-kind", D, None, {})], BOTH, new_kind="union")
case("another structure in place of one", "struct s { int a; };" + USERS,
     "struct t { long b; };" + USERS.replace("struct s", "struct t"),
     [("struct", "outer"), ("symbol", "direct")], [("member-retyped", D, "p", {})], ["through"])

# ---- enumerations
enum("an enumerator at the end", "A, B", "A, B, C",
     [("enumerator-added", C, "C", {"new_value": 2})])
enum("an enumerator removed", "A, B, C", "A, B", [("enumerator-removed", I, "C", {"old_value": 2})])
enum("an enumerator in front of others", "A, B, C, D", "A, X, B, C, D",
     [("enumerator-renumbered", I, "B", {"last": "D", "number": 3, "old_value": 1, "new_value": 2}),
      ("enumerator-added", C, "X", {"new_value": 1})])
enum("an enumerator in front of the end", "A, B, MAX", "A, B, C, MAX",
     [("enumerator-renumbered", D, "MAX", {"old_value": 2, "new_value": 3}),
      ("enumerator-added", C, "C", {"new_value": 2})])
enum("an enumerator renamed", "A, B", "A, C", [("enumerator-renamed", C, "B", {"becomes": "C"})])
enum("an enumeration of another size", "A, B", "A, B, C = 0x100000000",
     [("enumerator-added", C, "C", {}), ("size", I, None, {"old_bits": 32, "new_bits": 64})])

# ---- functions, variables, typedefs
function("a parameter added", "int f(int a) { return a; }", "int f(int a, long b) { return a + !b; }",
         [("parameter-added", I, "(2:b)", {"new_position": 2, "new": "long int"})])
function("a parameter added in front", "int f(long b) { return !b; }",
         "int f(int a, long b) { return a + !b; }", [("parameter-added", I, "(1:a)", {})])
function("a parameter removed", "int f(int a, long b) { return a + !b; }", "int f(int a) { return a; }",
         [("parameter-removed", I, "(2:b)", {"old_position": 2})])
function("a parameter of another size", "int f(int a) { return a; }", "int f(long a) { return !a; }",
         [("parameter-retyped", I, "(1:a)", {"old": "int", "new": "long int"})])
function("a parameter renamed", "int f(int a) { return a; }", "int f(int b) { return b; }",
         [("parameter-renamed", C, "(1:a)", {"becomes": "(1:b)"})])
function("what a function returns", "int f(void) { return 0; }", "long f(void) { return 0; }",
         [("return-type", I, "()", {"old": "int", "new": "long int"})])
function("a function that returns something now", "void f(void) { }", "int f(void) { return 0; }",
         [("return-type", D, "()", {"old": "void"})])
function("a function that returns nothing now", "int f(void) { return 0; }", "void f(void) { }",
         [("return-type", I, "()", {"new": "void"})])
function("the type of a variable", "int f;", "long f;",
         [("variable-type", I, None, {"old": "int", "new": "long int"})])
function("a constant variable", "int f = 1;", "const int f = 1;", [("variable-type", C, None, {})])
case("what a typedef stands for", "typedef int t; int f(t a) { return !a; }" + FUNCTION,
     "typedef long t; int f(t a) { return !a; }" + FUNCTION, ("typedef", "t"),
     [("typedef-target", I, None, {"old": "int", "new": "long int", "old_bits": 32,
                                   "new_bits": 64})], ["f"])
case("a member of a structure without name behind a typedef",
     "typedef struct { int a; } t; int f(t *a) { return !a; }" + FUNCTION,
     "typedef struct { int a; int b; } t; int f(t *a) { return !a; }" + FUNCTION, ("typedef", "t"),
     [("member-added", D, "b", {"new_bit_offset": 32}), ("size", D, None, {})], ["f"])

# ---- several types
case("what follows from a structure that grew",
     "struct a { int x; }; struct s { struct a a; int y; };" + USERS,
     "struct a { int x; int z; }; struct s { struct a a; int y; };" + USERS,
     [("struct", "a"), ("struct", "s")],
     [("member-added", D, "z", {}), ("size", D, None, {})], BOTH,
     followed_by=[{"kind": "struct", "name": "s"}], **{"class": I})
case("what follows through a typedef and an array",
     "typedef struct a { int x; } a_t; struct s { a_t a[3]; int y; };" + USERS,
     "typedef struct a { int x; int z; } a_t; struct s { a_t a[3]; int y; };" + USERS,
     [("struct", "a"), ("struct", "s")],
     [("member-added", D, "z", {}), ("size", D, None, {})], BOTH,
     followed_by=[{"kind": "struct", "name": "s"}])
case("a structure that is only pointed to does not make others follow",
     "struct a { int x; }; struct s { struct a *a; int y; };" + USERS,
     "struct a { int x; int z; }; struct s { struct a *a; int y; };" + USERS,
     ("struct", "a"), [("member-added", D, "z", {}), ("size", D, None, {})], BOTH, followed_by=[])
case("a cause of one symbol only",
     "struct a { int x; }; int f(struct a *a) { return !a; } EXPORT(f)\nstruct s { int x; };" + USERS,
     "struct a { int y; }; int f(struct a *a) { return !a; } EXPORT(f)\nstruct s { int x; };" + USERS,
     ("struct", "a"), [("member-renamed", C, "x", {"becomes": "y"})], ["f"], nr_alone=1)
case("what a new definition leads to is no cause",
     "struct b { int x; }; struct s; int f(struct b *b) { return !b; } EXPORT(f)\n" + USERS,
     "struct b { int y; }; struct s { struct b b; }; int f(struct b *b) { return !b; } EXPORT(f)\n" + USERS,
     [("struct", "s"), ("struct", "b")], [("became-defined", C, None, {})], BOTH)


def compile_text(text, path):
    """A file of the same name, so that nothing but the text can differ."""
    subprocess.run([CC, "-g", "-O1", "-c", "-x", "c", "-", "-o", str(path)], input=EXPORT + text,
                   text=True, check=True)


def diff(old, new, *options):
    done = subprocess.run([KSYM, "diff", "--json", *options, old, new], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def problems(doc, cause, changes, symbols, more):
    """What is not as it should be."""
    names = cause if isinstance(cause, list) else [cause]
    found = [(c["kind"], c["name"]) for c in doc["causes"]]
    if sorted(found) != sorted(names):
        yield f"causes {found}, expected {names}"
        return
    first = next(c for c in doc["causes"] if (c["kind"], c["name"]) == names[0])
    got = sorted((c["kind"], c["class"], c.get("where") or "") for c in first["changes"])
    want = sorted((c[0], c[1], c[2] or "") for c in changes)
    if got != want:
        yield f"changes {got}, expected {want}"
        return
    for kind, _, where, values in changes:
        change = next(c for c in first["changes"]
                      if c["kind"] == kind and c.get("where") == where)
        for key, value in values.items():
            if change.get(key) != value:
                yield f"{kind}: {key} is {change.get(key)!r}, expected {value!r}"
    for key, value in more.items():
        if first.get(key) != value:
            yield f"{key} is {first.get(key)!r}, expected {value!r}"
    if first["symbols"] != sorted(symbols):
        yield f"symbols {first['symbols']}, expected {sorted(symbols)}"
    changed = sorted(s["name"] for s in doc["symbols"])
    reached = sorted({s for c in doc["causes"] for s in c["symbols"]})
    if changed != reached:
        yield f"changed {changed}, explained {reached}"
    if isinstance(cause, tuple) and changed != sorted(symbols):
        yield f"changed {changed}, expected {sorted(symbols)}"


def check(directory, name, old, new, cause, changes, symbols, more):
    files = [directory / "old.o", directory / "new.o"]
    for text, path in zip((old, new), files):
        compile_text(text, path)
    status, doc = diff(*files)
    if status != 1:
        yield f"exit status {status}: {doc}"
        return
    yield from problems(doc, cause, changes, symbols, more)
    # The same from symtypes files, and nothing when there is no change.
    for path in files:
        subprocess.run([KSYM, "versions", "-q", "-T", f"{path}.st", path], check=True,
                       stdout=subprocess.DEVNULL)
    again = diff(f"{files[0]}.st", f"{files[1]}.st")
    if again != (status, doc):
        yield "symtypes files give something else than the objects"
    if diff(files[1], files[1])[0] != 0:
        yield "an object differs from itself"


def main():
    failures = 0
    print(f"1..{len(CASES)}")
    for nr, (name, *rest) in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as directory:
            try:
                found = list(check(pathlib.Path(directory), name, *rest))
            except (subprocess.CalledProcessError, json.JSONDecodeError, StopIteration) as e:
                found = [repr(e)]
        failures += bool(found)
        print(f"{'not ok' if found else 'ok'} {nr} - {name}")
        for line in found:
            print(f"# {line}")
    return 1 if failures else 0


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Altered inputs, through the command.

The sample kernel's image, module, index, map and lists are cut off and get single bits
flipped, always the same ones.  Whatever that does, ksym ends by itself with status 0, 1
or 3; with 3 it says why in one line of printable text and leaves no file behind.

Then come files that are well-formed but made to take time or memory that grows with the
square of their size.  They must not: a megabyte or two is dealt with in seconds.
"""
import json
import os
import pathlib
import random
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get("KSYM_BUILD", "build")).resolve()
SOURCE = pathlib.Path(os.environ.get("KSYM_SOURCE",
                                     pathlib.Path(__file__).resolve().parent / "../.."))
KSYM = str(BUILD / "ksym")

# Reports of sanitizers must not look like an ordinary status.
ENV = dict(os.environ, LC_ALL="C")
for tool in "ASAN", "UBSAN", "LSAN":
    ENV[tool + "_OPTIONS"] = ENV.get(tool + "_OPTIONS", "") + ":exitcode=99:halt_on_error=1"


def mutants(data, nr, seed):
    """@nr variants, a quarter of them truncated; the rest have one to three bits flipped."""
    rng = random.Random(seed)
    for i in range(nr):
        if i % 4 == 0:
            yield f"cut at {i * len(data) // nr}", data[:i * len(data) // nr]
            continue
        copy, places = bytearray(data), []
        for _ in range(rng.randint(1, 3)):
            # The start has the headers: half of the flips go there.
            at = rng.randrange(min(len(data), 256) if rng.random() < 0.5 else len(data))
            bit = rng.randrange(8)
            copy[at] ^= 1 << bit
            places.append(f"{at}.{bit}")
        yield "flipped " + " ".join(places), bytes(copy)


def complaint(result, directory, before):
    """What is wrong with a finished run, or None."""
    text = result.stderr.decode("utf-8", "replace")
    lines = [s for s in text.splitlines() if not s.startswith("ksym: warning: ")]
    if result.returncode not in (0, 1, 3):
        return f"exit status {result.returncode}: {text[-2000:]}"
    if result.returncode == 3 and (len(lines) != 1 or not lines[0].startswith("ksym: ")):
        return f"expected one line of text, got {text!r}"
    if result.returncode == 0 and lines:
        return f"success, and still {text!r}"
    if result.returncode < 2 and "--json" in result.args:
        try:
            json.loads(result.stdout.decode())  # which also refuses what is not UTF-8
        except ValueError as e:
            return f"malformed JSON: {e}"
    if any(not c.isprintable() for s in lines for c in s):
        return f"unprintable bytes in {text!r}"
    if result.returncode == 3 and set(os.listdir(directory)) != before:
        return f"left {sorted(set(os.listdir(directory)) - before)} behind"
    return None


def cpu_seconds(n):
    """Of the processor, so that a busy machine is none slower: then it is killed."""
    resource.setrlimit(resource.RLIMIT_CPU, (n, n))


class Suite:
    def __init__(self):
        self.nr = self.failed = 0

    def report(self, ok, text, why=""):
        self.nr += 1
        self.failed += not ok
        print(f"{'' if ok else 'not '}ok {self.nr} - {text}")
        for line in why.splitlines():
            print("#", line)
        sys.stdout.flush()

    def run(self, title, work, name, data, nr, command):
        """Replace @name in @work by mutants of @data; run @command in it each time."""
        statuses, bad = {}, None
        for n, (what, mutant) in enumerate(mutants(data, nr, title)):
            (work / name).write_bytes(mutant)
            before = set(os.listdir(work))
            try:
                result = subprocess.run([KSYM, *command], cwd=work, env=ENV, timeout=900,
                                        stdin=subprocess.DEVNULL, capture_output=True,
                                        check=False, preexec_fn=lambda: cpu_seconds(60))
            except subprocess.TimeoutExpired:
                bad = f"mutant {n}, {what}: does not end"
                break
            why = complaint(result, work, before)
            if why:
                bad = f"mutant {n}, {what}: {why}"
                if os.environ.get("KSYM_KEEP"):
                    shutil.copy(work / name, os.environ["KSYM_KEEP"])
                break
            statuses[result.returncode] = statuses.get(result.returncode, 0) + 1
            for left in set(os.listdir(work)) - before:
                (work / left).unlink()
        (work / name).write_bytes(data)
        counts = ", ".join(f"{n} x {s}" for s, n in sorted(statuses.items()))
        self.report(not bad, f"{title} (exit status {counts})", bad or "")


class Image:
    """An x86-64 vmlinux that is all text, of symbols, STT_FILE groups and units."""
    FILE, FUNC = 4, 2
    TEXT_VA = 0x1000

    def __init__(self):
        self.strings, self.offs, self.syms = bytearray(b"\0"), {}, [bytes(24)]
        self.sections = [(b".text", 8, 6, self.TEXT_VA, 1 << 28)]

    def symbol(self, name, kind, n=0, size=8):
        """@name may be an offset into the strings, so that names share bytes."""
        off = name
        if not isinstance(name, int):
            off = self.offs.setdefault(name, len(self.strings))
            if off == len(self.strings):
                self.strings += name.encode() + b"\0"
        func = kind == self.FUNC
        self.syms.append(struct.pack("<IBBHQQ", off, kind, 0, 1 if func else 0xfff1,
                                     self.TEXT_VA + n * 16 if func else 0, size if func else 0))

    def units(self, strings, offsets):
        """One empty compilation unit for each of the offsets, where its name is."""
        unit = struct.pack("<IHIBB", 12, 4, 0, 8, 1)
        info = b"".join(unit + struct.pack("<I", o) for o in offsets)
        self.sections += [(b".debug_info", 1, 0, 0, info), (b".debug_str", 1, 0, 0, strings),
                          (b".debug_abbrev", 1, 0, 0, bytes([1, 17, 0, 3, 14, 0, 0, 0]))]

    def data(self):
        nr = len(self.sections)
        sections = [(b"", 0, 0, 0, b""), *self.sections, (b".strtab", 3, 0, 0, self.strings),
                    (b".symtab", 2, 0, 0, b"".join(self.syms))]
        names = b"\0" + b"".join(s[0] + b"\0" for s in sections[1:]) + b".shstrtab\0"
        sections.append((b".shstrtab", 3, 0, 0, names))
        out, headers = bytearray(64), b""
        for name, kind, flags, va, body in sections:
            symtab = name == b".symtab"
            size = body if isinstance(body, int) else len(body)
            headers += struct.pack("<IIQQQQIIQQ", names.index(name + b"\0") if name else 0, kind,
                                   flags, va, len(out) if name else 0, size,
                                   nr + 1 if symtab else 0, int(symtab), int(name != b""),
                                   24 if symtab else 0)
            out += b"" if isinstance(body, int) else body
        out[:64] = struct.pack("<4s12BHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, *bytes(9), 2, 62, 1, 0,
                               0, len(out), 0, 64, 0, 0, 64, len(sections), len(sections) - 1)
        return bytes(out) + headers


def greedy_images(nr):
    """Images that would take time or memory of the order of the square of @nr."""
    groups, units, padding, long_units, long_files, same, far, plain = (Image() for _ in range(8))
    names = [b"u%06d.c\0" % i for i in range(nr)]
    deep = "a/" * 400000 + "x.c"
    groups.units(names[0], [0])
    units.units(b"".join(names), [i * len(names[0]) for i in range(nr)])
    long_units.units(deep.encode() + b"\0", [2 * i for i in range(nr)])
    long_files.symbol(deep, Image.FILE)
    for i in range(nr):
        for image in groups, units:
            image.symbol(f"f{i}.c", Image.FILE)
            image.symbol(f"s{i}", Image.FUNC, i)
        padding.symbol(f"__pfx_{i}", Image.FUNC, i, 1 << 40)
        long_files.symbol(1 + 2 * i, Image.FILE)
        long_files.symbol(f"s{i}", Image.FUNC, i)
        same.symbol("s", Image.FUNC)
        plain.symbol(f"s{i}", Image.FUNC, i)
    long_units.symbol("s", Image.FUNC)
    far.sections = [(b".text", 8, 6, Image.TEXT_VA, 1 << 46)]
    far.symbol("s", Image.FUNC)
    return {"source files without a unit": groups, "units without symbols": units,
            "padding that reaches far": padding, "long names of units": long_units,
            "long names of source files": long_files, "one name at one address": same,
            "a section that reaches far": far,
            "": plain}


def greedy_texts(work, nr):
    """Files about the plain image, of the same kind; options that name them."""
    head = "Linker script and memory map\n\n.text  0x{:016x} 0x10000000\n"
    (work / "outer.map").write_text(head.format(0x1000) + "".join(
        f" .text  0x{0x1000 + i * 16:016x} 0x100000 vmlinux.o\n" for i in range(nr)))
    (work / "inner.map").write_text(head.format(0) + "".join(
        f" .text  0x{i * 16:016x} 0x10 d/o{i}.o\n" for i in range(nr)))
    (work / "ranges").write_text(".text 00000000-00000000 = _text\n" + "".join(
        f".text {i:08x}-0fffffff m{i}\n" for i in range(nr)))
    (work / "objs").write_text("".join(f"m{i}.o: d/o.o d/p{i}.o\n" for i in range(nr)))
    return {"parts of vmlinux.o that overlap": ["--map", "outer.map", "--map", "inner.map"],
            "ranges that overlap": ["--builtin", "ranges"],
            "an object in many modules": ["--builtin", "objs"]}


def run_greedy(suite, work, what, command):
    limits = [(resource.RLIMIT_CPU, 30)]
    # Sanitizers reserve terabytes of addresses.
    if not re.search(b"__[at]san_init", pathlib.Path(KSYM).read_bytes()):
        limits.append((resource.RLIMIT_AS, 2 << 30))
    before = set(os.listdir(work))
    try:
        result = subprocess.run([KSYM, *command], cwd=work, env=ENV, timeout=900, check=False,
                                stdin=subprocess.DEVNULL, capture_output=True,
                                preexec_fn=lambda: [resource.setrlimit(k, (v, v))
                                                    for k, v in limits])
        why = complaint(result, work, before) or ""
    except subprocess.TimeoutExpired:
        why = "does not end"
    for left in set(os.listdir(work)) - before:
        (work / left).unlink()
    suite.report(not why, f"{what}: ksym {' '.join(command)}", why)


def prepare(work):
    """The sample kernel and what belongs to it, in @work."""
    tree = work / "tree"
    env = dict(os.environ, CFLAGS="-O2 -g")
    subprocess.run([SOURCE / "sample/build", tree, "gcc"], env=env, check=True,
                   capture_output=True)
    for name in "vmlinux", "vmlinux.map", "modules.builtin":
        shutil.copy(tree / name, work)
    shutil.copy(tree / "drivers/net/liquidio/lio_main.o", work / "lio.ko")
    # Mostly names of symbols and files, for these reach the output as they are.
    many = "\n".join(f".globl a_name_of_{i:03}_{'x' * 40}\na_name_of_{i:03}_{'x' * 40}:\nret"
                     for i in range(100))
    subprocess.run(["gcc", "-c", "-x", "assembler", "-", "-o", work / "names"], check=True,
                   input=(many + "\n").encode())
    subprocess.run([KSYM, "index", "-q", "-o", "sample.ksym", "--build-tree", "tree", "vmlinux"],
                   cwd=work, check=True)
    (work / "modules.builtin.objs").write_bytes(subprocess.run(
        [KSYM, "objs", "--build-tree", "tree"], cwd=work, check=True, capture_output=True).stdout)
    (work / "modules.builtin.ranges").write_bytes(subprocess.run(
        [KSYM, "ranges", "--build-tree", "tree"], cwd=work, check=True,
        capture_output=True).stdout)


def main():
    suite = Suite()
    no_search = "--no-debug-search"
    image = ["vmlinux", no_search]
    with tempfile.TemporaryDirectory() as tmp:
        work = pathlib.Path(tmp)
        prepare(work)
        at = ["0x40100040", "start_kernel+4"]
        plan = [
            ("vmlinux", 200, ["index", *image]),
            ("vmlinux", 100, ["index", *image, "--select", "all", "--map", "vmlinux.map"]),
            ("vmlinux", 60, ["show", *image]),
            ("vmlinux", 60, ["show", *image, "--json"]),
            ("names", 40, ["show", "names", no_search, "--json", "--select", "all"]),
            ("vmlinux", 100, ["at", *image, *at]),
            ("vmlinux", 40, ["find", *image, "s_next"]),
            ("vmlinux", 40, ["check", *image]),
            ("lio.ko", 200, ["index", "lio.ko", no_search]),
            ("lio.ko", 60, ["at", "lio.ko", no_search, "10"]),
            ("sample.ksym", 40, ["show", "sample.ksym"]),
            ("sample.ksym", 40, ["at", "sample.ksym", *at]),
            ("sample.ksym", 40, ["find", "sample.ksym", "s_next {seq_file.o}"]),
            ("sample.ksym", 40, ["check", "sample.ksym"]),
            ("vmlinux.map", 100, ["index", *image, "--map", "vmlinux.map"]),
            ("vmlinux.map", 60,
             ["ranges", "--build-tree", "tree", "modules.builtin", "vmlinux.map"]),
            ("modules.builtin", 60,
             ["ranges", "--build-tree", "tree", "modules.builtin", "vmlinux.map"]),
            ("modules.builtin", 60, ["index", *image, "--builtin", "modules.builtin"]),
            ("modules.builtin.objs", 60, ["index", *image, "--builtin", "modules.builtin.objs"]),
            ("modules.builtin.ranges", 60,
             ["index", *image, "--builtin", "modules.builtin.ranges"]),
        ]
        images, texts = greedy_images(20000), greedy_texts(work, 20000)
        plain = images.pop("")
        print(f"1..{len(plan) + len(images) + len(texts) + 5}")
        for name, nr, command in plan:
            suite.run(f"{nr} altered {name}: ksym {' '.join(command)}", work, name,
                      (work / name).read_bytes(), nr, command)
        (work / "dump").write_text("[ 1.0]  s+0x0/0x8\n" * 2000)
        for what, image in images.items():
            (work / "greedy").write_bytes(image.data())
            run_greedy(suite, work, what, ["index", "greedy", no_search])
            if what.endswith("far"):
                run_greedy(suite, work, what, ["sizes", "greedy", no_search])
            if what.startswith("one name"):
                for command in (["check", "greedy", no_search], ["find", "greedy", no_search, "s"],
                                ["decode", "greedy", no_search, "dump"]):
                    run_greedy(suite, work, what, command)
        (work / "greedy").write_bytes(plain.data())
        for what, options in texts.items():
            run_greedy(suite, work, what, ["index", "greedy", no_search, *options])
    sys.exit(suite.failed != 0)


main()

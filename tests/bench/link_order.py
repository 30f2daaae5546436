#!/usr/bin/env python3
"""Writes src/link_order.ld: what every start of the program uses, for the linker to put side by side.

    link_order.py TOOLKIT MAP OUTPUT    the release, the map that the linker wrote, src/link_order.ld

The executable is 7 MB, of which a supervised job touches some 400 KB, scattered among OpenSSL and all that
other commands need. The kernel maps 64 KiB around each page that is touched (fault-around), so that without
an order a supervisor's resident memory is half as large again, and each start takes longer. Valgrind's lackey
says which addresses typical command lines use, the map says which input sections those are; what the plainest
command line uses stands together, then what the next one uses beside it. Literals are merged by the linker, so
that no address tells whose they are: those of the code that is used come along.
What a later compiler calls differently is simply not moved; run `make link-order` from time to time.
"""
import bisect
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

REGIONS = ("text", "rodata", "data", "bss")
# Valgrind hides the vDSO, which libc looks up at every start, and newer processors, for which libc has variants.
FOR_VDSO = ("dl-lookup.o", "dl-object.o", "dl-setup_hash.o")
VARIANT = re.compile(r"libc\.a\((\w+)-(evex|avx|sse)(512)?")
LITERALS = re.compile(r"\.rodata\..*\b(?:str|cst)[\d.]+$")
HEAD = """/* Written by tests/bench/link_order.py (make link-order): the input sections that every start uses. */
"""
SECTION = re.compile(r"^ (\.\S+)(?:\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*))?$")
REST = re.compile(r"^\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$")
ACCESS = re.compile(r"^(?:I | L| S| M)\s*([0-9a-f]+),")

Section = collections.namedtuple("Section", "start size name file")


def command_lines(folder):
    """The plainest first."""
    job = ["--log", f"{folder}/log", "--name", "job", "--state-dir", f"{folder}/state"]
    return [["run", "-q", "--", "/bin/true"],
            ["run", "-q", *job, "--", "/bin/true"],
            ["run", *job, "--pid-file", f"{folder}/pid", "--", "sh", "-c", "seq 2000; exit 3"],
            ["run", "--console", "prefixed", "--log-format", "json", "--", "sh", "-c", "echo out; echo err >&2"],
            ["run", "--grace", "1s", *job, "--", "sh", "-c", "kill -TERM $PPID; sleep 5"],
            ["wait", "--timeout", "1s", "file:/", "job:job"]]


def addresses_used(toolkit):
    """For each address the number of the first command line that uses it."""
    used = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, words in enumerate(command_lines(folder)):
            trace = pathlib.Path(folder, f"trace.{number}")
            subprocess.run(["valgrind", "--tool=lackey", "--trace-mem=yes", f"--log-file={trace}", toolkit, *words],
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            with open(trace, errors="replace") as lines:
                for match in map(ACCESS.match, lines):
                    if match:
                        used.setdefault(int(match[1], 16), number)
    return used


def input_sections(map_file, region):
    """Those of .text or .rodata, and of what an earlier order has put before them."""
    found, name, inside = [], None, False
    for line in map_file.read_text(errors="replace").splitlines():
        if re.match(r"^\S", line):
            inside = re.match(rf"^\.{region}(\.often)?\s", line + " ") is not None
        if not inside:
            continue
        match = SECTION.match(line)
        if match:
            name = match[1]
            parts = match.groups()[1:]
        else:
            rest = REST.match(line)
            parts = rest.groups() if rest and name else (None,) * 3
        if name and parts[0] and int(parts[1], 16):
            found.append(Section(int(parts[0], 16), int(parts[1], 16), name, parts[2].strip()))
            name = None
    return sorted(found)


def archived(file):
    """`*libc.a:malloc.o`"""
    archive = re.match(r"^(?:.*/)?([^/]+\.a)\(([^)]+)\)$", file)
    return f"*{archive[1]}:{archive[2]}" if archive else "*" + file.rsplit("/", 1)[-1]


def of_file(section):
    return "*" if "._Z" in section.name else archived(section.file)  # where the section's name says enough


def chosen(sections, used):
    starts = [section.start for section in sections]
    first_use = {}
    for address, number in used.items():
        index = bisect.bisect_right(starts, address) - 1
        if index >= 0 and address < sections[index].start + sections[index].size:
            first_use[index] = min(number, first_use.get(index, number))
    return [sections[i] for i in sorted(first_use, key=lambda i: (first_use[i], i))]


def with_unseen(sections, picked):
    """What valgrind does not see stands beside what it sees in its place, or at the front."""
    newer = collections.defaultdict(list)
    for section in sections:
        found = VARIANT.search(section.file)
        if found and (found[2] == "evex" or found[3]):
            newer[found[1]].append(section)
    result = [section for section in sections if section.file.endswith(tuple(f"({name})" for name in FOR_VDSO))]
    for section in picked:
        found = VARIANT.search(section.file)
        result += [section, *(newer[found[1]] if found else [])]
    return list(dict.fromkeys(result))


def line_of(section):
    return f"    {of_file(section)}({section.name})"


def literals_of(code):
    """One line a file: a compiler lays a literal beside whichever function of the file has it first."""
    files = dict.fromkeys(archived(section.file) for section in code)
    return [f"    {name}(.rodata*.str* .rodata*.cst*)" for name in files]


def main():
    toolkit, map_file, output = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    used = addresses_used(toolkit)
    text, code = HEAD, []
    for region in REGIONS:
        present = input_sections(map_file, region)
        sections, lines = chosen(present, used), []
        if not sections:
            sys.exit(f"link_order: nothing of .{region} is used: is {map_file} the map of {toolkit}?")
        if region == "text":
            sections = code = with_unseen(present, sections)
        elif region == "rodata":
            sections = [section for section in sections if not LITERALS.match(section.name)]
            lines = literals_of(code)
        lines = dict.fromkeys([*lines, *map(line_of, sections)])
        text += f"SECTIONS\n{{\n  .{region}.often :\n  {{\n" + "\n".join(lines) + f"\n  }}\n}}\nINSERT BEFORE .{region};\n"
        print(f".{region}: {len(sections)} sections, {sum(section.size for section in sections) >> 10} KiB")
    output.write_text(text)


main()

#!/usr/bin/env python3
"""What weighs in the executable, by the map of its linker: libraries, and our own code by its archive members.

  sizes.py BUILD [MEMBERS]     with the heaviest MEMBERS too
"""
import collections
import pathlib
import re
import signal
import sys

NOT_LOADED = (".debug", ".bss", ".tbss", ".comment", ".symtab", ".strtab", ".shstrtab")


def weights(text):
    """Bytes in the file by (archive, member)."""
    result = collections.Counter()
    section = ""
    for line in text.partition("Linker script and memory map")[2].splitlines():
        if re.match(r"^\.\S", line):
            section = line.split()[0]
        found = re.match(r"^ (?:(?!\*)\S+)?\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+(/?\S+?\.[ao])(?:\((\S+)\))?$", line)
        if found and section and not section.startswith(NOT_LOADED):
            result[found.group(2).rpartition("/")[2], found.group(3) or ""] += int(found.group(1), 16)
    return result


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `head` has read enough: no traceback
    build = pathlib.Path(sys.argv[1])
    by_member = weights((build / "toolkit.map").read_text(errors="replace"))
    by_archive = collections.Counter()
    for (archive, _), size in by_member.items():
        by_archive[archive] += size
    print(f"{(build / 'toolkit').stat().st_size:>10}  {build / 'toolkit'}")
    for archive, size in by_archive.most_common(12):
        print(f"{size:>10}    {archive}")
    for (archive, member), size in by_member.most_common(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        print(f"{size:>10}      {archive}({member})")


if __name__ == "__main__":
    main()

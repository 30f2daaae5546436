#!/usr/bin/env python3
"""What the release may not do before main(), by the map that its linker wrote.

Every start pays for it: a CPUID instruction, which a virtual machine hands to its host, takes 2 to 5 µs, and
libgcc executes a dozen for __builtin_cpu_supports; libc's readlink of /proc/self/exe takes 25 to 45 µs.
"""
import os
import pathlib
import re
import sys

MAP = pathlib.Path(os.environ["TOOLKIT_BINARY"]).parent / "toolkit.map"
CONSTRUCTOR = r"^ \.init_array\S*\s+0x0*[1-9a-f]\S*\s+\S+\s+\S*"
UNWANTED = {
    r"libgcc\.a\(cpuinfo\.o\)": "libgcc's cpuinfo.o: something uses __builtin_cpu_supports, __builtin_cpu_is or target_clones",
    r"libc\.a\(dl-origin\.o\)": "libc's dl-origin.o, which src/thirdparty/libc_start.cpp is to replace",
    CONSTRUCTOR + r"libpugixml\.a": "pugixml's constructor, which src/thirdparty/pugixml_start.ld is to leave out",
}

if not MAP.exists():
    print("skipped: only a static build writes a map")
    sys.exit(77)
text = MAP.read_text(errors="replace")
found = [words for pattern, words in UNWANTED.items() if re.search(pattern, text, re.MULTILINE)]
sys.exit("linked in: " + "; ".join(found) if found else 0)

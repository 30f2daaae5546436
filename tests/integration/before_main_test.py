#!/usr/bin/env python3
"""What the release may not do before main(): ask the processor what it can do, beyond what libc asks.

A virtual machine hands each CPUID instruction to its host, 2 to 5 µs; libgcc's constructor behind
__builtin_cpu_supports executes a dozen at every start, for one question that may never be put. The linker's
map says whether it is in.
"""
import os
import pathlib
import sys

MAP = pathlib.Path(os.environ["TOOLKIT_BINARY"]).parent / "toolkit.map"

if not MAP.exists():
    print("skipped: only a static build writes a map")
    sys.exit(77)
if "libgcc.a(cpuinfo.o)" in MAP.read_text(errors="replace"):
    sys.exit("libgcc's cpuinfo.o is in: something uses __builtin_cpu_supports, __builtin_cpu_is or target_clones")

"""The licences of everything linked in, as one text: what each package's own copyright file says."""
import fnmatch
import pathlib
import re

COMMON = pathlib.Path("/usr/share/common-licenses")

LICENCES = {
    "boost1.*": "BSL-1.0",
    "c-ares": "MIT",
    "cli11": "BSD-3-Clause",
    "cross-toolchain-base": "LGPL-2.1-or-later",
    "fmtlib": "MIT",
    "gcc-*": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "libssh": "LGPL-2.1-or-later",
    "libzstd": "BSD-3-Clause",
    "linux": "GPL-2.0-only WITH Linux-syscall-note",
    "nlohmann-json3": "MIT",
    "openssl": "Apache-2.0",
    "pugixml": "MIT",
    "spdlog": "MIT",
    "tl-expected": "CC0-1.0",
    "xxhash": "BSD-2-Clause",
    "zlib": "Zlib",
}

HEAD = """\
toolkit is one static executable. It is licensed under the Apache License 2.0 (the file LICENSE of its source), and
contains code of the packages below, each under its own licence.

Libraries under the LGPL (libssh, the GNU C library) are linked statically. Their licence wants that whoever has the
executable can link it again with a changed library: the whole source of toolkit is free, its README says how it is
built, and `cmake --build build/release --target toolkit` takes whichever libssh.a and libc.a the machine has. The
sources of the libraries are the Debian or Ubuntu source packages named here, in exactly these versions.
The GNU C++ library and libgcc are under the GPL 3 with the GCC Runtime Library Exception, which lets programs that
were compiled with GCC carry them under any terms.
"""


def licence_of(source):
    for pattern, licence in LICENCES.items():
        if fnmatch.fnmatchcase(source, pattern):
            return licence
    raise SystemExit(f"package: {source} is linked in, and its licence is not in tests/setup/package/notices.py")


def concerns(pattern, headers):
    """Whether a pattern of a copyright file, which speaks of the source's folders, means one of these headers."""
    tail = pattern.rpartition("include/")[2]
    return pattern == "*" or any(fnmatch.fnmatchcase(header, "/usr/include/" + tail) for header in headers)


def only_used(text, headers):
    """Boost's file has 50,000 lines, nearly all about what is not in here: the paragraphs of these headers, and the
    licences that they name."""
    kept, names, standing = [], set(), {}
    for paragraph in re.split(r"\n(?:[ \t]*\n)+", text):
        files = re.search(r"^Files:((?:.|\n )*)", paragraph, re.MULTILINE)
        licence = re.search(r"^License: *(.*)", paragraph, re.MULTILINE)
        if files and any(concerns(pattern, headers) for pattern in files.group(1).split()):
            shortened = "\n".join(paragraph.splitlines()[len(files.group(0).splitlines()):])
            if shortened not in kept:
                kept.append(shortened)
                names |= set(re.split(r" and | or |, ", licence.group(1))) if licence else set()
        elif licence and not files:
            standing.setdefault(licence.group(1), paragraph)
    return "\n\n".join(kept + [standing[name] for name in sorted(names) if name in standing])


def text_of(package):
    text = package.copyright.read_text(errors="replace")
    return only_used(text, package.headers) if text.count("\n") > 5000 else text


def notices(packages):
    """Packages of one source with the same words are one chapter; texts that Debian only refers to come last."""
    chapters = {}
    for package in packages:
        key = (package.source, package.source_version, text_of(package))
        chapters.setdefault(key, []).append(package.name.split(":")[0])
    line = "=" * 100
    parts = [HEAD]
    parts += [f"{source} {version}: {licence_of(source)}" for source, version, _ in chapters]
    for (source, version, text), names in chapters.items():
        parts.append(f"\n{line}\n{source} {version} ({', '.join(sorted(set(names)))})\n{line}\n{text.strip()}")
    everything = "\n".join(parts)
    for name in sorted(set(re.findall(r"/usr/share/common-licenses/([\w.-]*\w)", everything))):
        if (COMMON / name).exists():
            text = (COMMON / name).read_text(errors="replace").strip()
            everything += f"\n\n{line}\n{COMMON / name}\n{line}\n{text}"
    return everything + "\n"

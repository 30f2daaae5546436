"""What a build has linked in or compiled in, by the map of its linker and the headers that ninja noted.

Nothing is listed by hand, so that nothing can be forgotten: whatever package owns one of these files is part of
the executable.
"""
import collections
import os
import pathlib
import re
import subprocess

Package = collections.namedtuple("Package", "name version source source_version copyright headers archives")

OBJECTS = r"CMakeFiles/toolkit(_core|_thirdparty|_gssapi_absent)?\.dir/"


def archives(build):
    """The archives of which the linker has taken a member, and the start files."""
    text = (build / "toolkit.map").read_text(errors="replace")
    found = set(re.findall(r"^(/\S+\.(?:a|o))(?:\(|$)", text, re.MULTILINE))
    found |= set(re.findall(r"^LOAD (/\S+\.o)$", text, re.MULTILINE))
    return {os.path.realpath(path) for path in found}


def headers(build):
    """The headers outside of the tree that went into the objects of the executable."""
    words = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found, wanted = set(), False
    for line in words.splitlines():
        if line and not line.startswith(" "):
            wanted = re.search(OBJECTS, line) is not None
        elif wanted and line.strip().startswith("/usr/"):
            found.add(os.path.realpath(line.strip()))
    return found


def owners(paths):
    """Package name by path. dpkg knows a file by the name it was unpacked under, which may be /lib for /usr/lib."""
    result = {}
    ordered = sorted(paths)
    for begin in range(0, len(ordered), 500):
        words = subprocess.run(["dpkg-query", "-S", *ordered[begin:begin + 500]], capture_output=True, text=True,
                               check=False, env={**os.environ, "LC_ALL": "C"}).stdout
        for line in words.splitlines():
            names, _, path = line.rpartition(": ")
            if not line.startswith("diversion"):
                result[path] = names.split(",")[0]
    missing = [path for path in ordered if path not in result]
    if missing:
        raise SystemExit(f"package: no package owns {missing[0]}: its licence cannot be told")
    return result


def copyright_of(name):
    plain = name.split(":")[0]
    path = pathlib.Path("/usr/share/doc") / plain / "copyright"
    if not path.exists():
        raise SystemExit(f"package: {path} is missing: were the documents of packages left out?")
    return path


def linked_packages(build):
    used_archives, used_headers = archives(build), headers(build)
    if not used_archives or not used_headers:
        raise SystemExit(f"package: {build} has no map or no notes of headers: is it a static release?")
    by_path = owners(used_archives | used_headers)
    result = []
    for name in sorted(set(by_path.values())):
        form = "${Version}\n${source:Package}\n${source:Version}"
        version, source, source_version = subprocess.run(["dpkg-query", "-W", "-f", form, name], capture_output=True,
                                                         text=True, check=True).stdout.split("\n")
        mine = sorted(path for path, owner in by_path.items() if owner == name)
        result.append(Package(name, version, source, source_version, copyright_of(name),
                              [path for path in mine if path in used_headers],
                              [path for path in mine if path in used_archives]))
    return result

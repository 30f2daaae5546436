#!/usr/bin/env python3
"""Holds the include lines of the tree against the arrows of the layout.

A part may include itself and what ARROWS gives it; a third-party header stays behind the part that owns
it, because of what it costs every file that includes it. Run with the tree's root; the first thing it
does is to prove on a made-up tree that it can fail.
"""
import pathlib
import re
import sys
import tempfile

PARTS = {"base", "cli", "process", "output", "job", "cgroup", "machine", "cluster", "advice", "environment", "condition", "net", "rendezvous",
         "probe", "waiting", "store", "selection", "sync", "supervise", "gpu", "diagnosis", "commands"}
ARROWS = {
    "main": {"commands", "cli", "base"},
    "commands": PARTS,
    "cli": {"base"},
    "process": {"base"},
    "output": {"base"},
    "job": {"base"},
    "cgroup": {"base"},
    "machine": {"base"},
    "cluster": {"base"},
    "gpu": {"machine", "cgroup", "process", "base"},
    "diagnosis": {"gpu", "base"},
    "advice": {"cluster", "cgroup", "machine", "base"},
    "environment": {"base"},
    "condition": {"base"},
    "net": {"base"},
    "rendezvous": {"net", "base"},
    "probe": {"condition", "net", "rendezvous", "process", "job", "cgroup", "gpu", "base"},
    "waiting": {"condition", "probe", "process", "base"},
    "store": {"net", "process", "base"},
    "selection": {"store", "base"},
    "sync": {"selection", "store", "waiting", "condition", "probe", "net", "process", "base"},
    "supervise": {"diagnosis", "gpu", "sync", "selection", "store", "waiting", "condition", "probe", "process", "output", "job", "cgroup", "machine", "cluster", "advice", "environment", "base"},
    "base": set(),
    "thirdparty": set(),
}
# Header pattern, who may include it (part, or a file), what to say.
THIRD_PARTY = [
    (r"CLI/", {"cli", "commands"}, "CLI11 belongs to cli and commands"),
    (r"boost/", {"process", "net"}, "Boost belongs to process and net"),
    (r"openssl/", {"net"}, "OpenSSL belongs to net"),
    (r"ares", {"net"}, "c-ares belongs to net"),
    (r"spdlog/", {"src/base/log.cpp", "thirdparty"}, "spdlog belongs to src/base/log.cpp"),
    (r"libssh/", {"src/store/ssh_channel.cpp", "src/store/ssh_login.cpp", "thirdparty"},
     "libssh belongs to ssh_channel.cpp and ssh_login.cpp of src/store"),
    (r"pugixml", {"src/store/s3_xml.cpp"}, "pugixml belongs to src/store/s3_xml.cpp"),
    (r"xxhash", {"src/sync/fingerprint.cpp", "src/sync/wide_hash.cpp"}, "xxhash belongs to fingerprint.cpp and wide_hash.cpp of src/sync"),
    (r"doctest/", set(), "doctest belongs to the tests"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def part_of(path: pathlib.PurePath) -> str:
    """src/job/store.cpp and include/toolkit/job/store.hpp are of the part job."""
    names = path.parts
    if names[0] == "commands":
        return "commands"
    inside = names[2:] if names[0] == "include" else names[1:]
    return inside[0] if len(inside) > 1 else "main"


def target_part(path: pathlib.PurePath, form: str, header: str) -> str:
    """The part that a header of ours belongs to; empty for one that is not ours."""
    for pattern in (r"toolkit/([a-z_]+)/", r"src/([a-z_]+)/", r"(commands)/"):
        if match := re.match(pattern, header):
            return match[1]
    if form == '"':  # beside the file, or by a way up out of its folder
        inside = [name for name in pathlib.PurePath(*path.parts[1:-1], header).parts if name != "."]
        while ".." in inside:
            at = inside.index("..")
            del inside[max(at - 1, 0):at + 1]
        if path.parts[0] == "commands":
            return "commands"
        return inside[0] if len(inside) > 1 else part_of(path)
    return ""


def complaints_about(path: pathlib.PurePath, form: str, header: str):
    part = part_of(path)
    target = target_part(path, form, header)
    if target and target != part and target not in ARROWS.get(part, set()):
        yield f"{part} may not include {target}"
    if target and re.match(r"src/", header) and target != part:
        yield f"a private header of {target}"
    for pattern, owners, text in THIRD_PARTY:
        if re.match(pattern, header) and not owners & {part, str(path)}:
            yield text
    if header == "nlohmann/json.hpp" and path.suffix != ".cpp":
        yield "the whole JSON header belongs in sources only; headers have json_fwd.hpp"


def check(root: pathlib.Path):
    """All complaints about a tree, as text, and how many files were read."""
    complaints = []
    files = [file for folder in ("src", "include", "commands") for file in sorted((root / folder).rglob("*"))
             if file.suffix in (".cpp", ".hpp", ".in") and file.is_file()]
    for file in files:
        path = file.relative_to(root)
        if part_of(path) not in ARROWS:
            complaints.append(f"{path}: no part of this name is in the layout")
        text = file.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            for complaint in complaints_about(path, match[1], match[2]):
                complaints.append(f"{path}:{line}: {match[2]}: {complaint}")
    return complaints, len(files)


# A made-up tree: path, an include line, and whether it must be refused.
SELF_TEST = [
    ("src/job/store.cpp", "#include <toolkit/job/store.hpp>", False),
    ("src/job/store.cpp", "#include <toolkit/base/file.hpp>", False),
    ("src/job/store.cpp", "#include <toolkit/process/child.hpp>", True),
    ("include/toolkit/base/file.hpp", "#include <toolkit/cli/option.hpp>", True),
    ("src/base/file.cpp", "  #  include <toolkit/job/store.hpp>", True),
    ("src/cli/words.cpp", '#include "words.hpp"', False),
    ("src/cli/words.cpp", '#include "../process/entry.hpp"', True),
    ("src/cli/words.cpp", "#include <CLI/CLI.hpp>", False),
    ("src/process/child.cpp", "#include <CLI/CLI.hpp>", True),
    ("src/process/child.cpp", "#include <boost/process/v2.hpp>", False),
    ("src/output/tee.cpp", "#include <boost/asio.hpp>", True),
    ("src/base/log.cpp", "#include <spdlog/spdlog.h>", False),
    ("src/base/file.cpp", "#include <spdlog/spdlog.h>", True),
    ("src/thirdparty/spdlog_impl.cpp", "#include <spdlog/spdlog.h>", False),
    ("src/job/record.cpp", "#include <nlohmann/json.hpp>", False),
    ("include/toolkit/job/record.hpp", "#include <nlohmann/json.hpp>", True),
    ("include/toolkit/job/record.hpp", "#include <nlohmann/json_fwd.hpp>", False),
    ("src/supervise/run.cpp", "#include <toolkit/output/tee.hpp>", False),
    ("src/supervise/run.cpp", "#include <toolkit/cli/option.hpp>", True),
    ("commands/run.cpp", "#include <toolkit/supervise/run.hpp>", False),
    ("commands/run.cpp", '#include "run.hpp"', False),
    ("src/main.cpp", "#include <commands/commands.hpp>", False),
    ("src/main.cpp", "#include <toolkit/job/store.hpp>", True),
    ("src/horoscope/stars.cpp", "#include <vector>", True),
    ("src/base/file.cpp", "#include <doctest/doctest.h>", True),
]


def self_test() -> int:
    wrong = 0
    for name, line, refused in SELF_TEST:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, name)
            file.parent.mkdir(parents=True)
            file.write_text(f"// made up\n{line}\n", encoding="utf-8")
            complaints, _ = check(pathlib.Path(folder))
        if bool(complaints) != refused:
            wrong += 1
            print(f"self-test: {name} with {line!r}: {complaints or 'no complaint'}")
    return wrong


def main() -> int:
    if self_test():
        return 1
    complaints, files = check(pathlib.Path(sys.argv[1]))
    print("\n".join(complaints) or f"{files} files keep to the arrows")
    return 1 if complaints or not files else 0


if __name__ == "__main__":
    sys.exit(main())

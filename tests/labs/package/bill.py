#!/usr/bin/env python3
"""A bill of materials and the notices against the command that linked the executable.

  bill.py BUILD SPDX TARBALL
The rules of SPDX 2.3 that are checked are those a reader depends on: there is no package with its schema.
"""
import hashlib
import json
import re
import subprocess
import sys
import tarfile

build, bill, tarball = sys.argv[1:]
document = json.load(open(bill, encoding="utf-8"))
packages = {package["SPDXID"]: package for package in document["packages"]}
wrong = []


def expect(what, true):
    if not true:
        wrong.append(what)


def content(name):
    with tarfile.open(tarball) as archive:
        member = next(member for member in archive.getmembers() if member.name.endswith("/" + name))
        return archive.extractfile(member).read()


expect("it is SPDX 2.3", document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0")
expect("its name space is a URI", re.match(r"https://\S+$", document["documentNamespace"]))
expect("its time is UTC", re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", document["creationInfo"]["created"]))
expect("identifiers are unique", len(packages) == len(document["packages"]))
for identifier, package in packages.items():
    expect(f"{identifier} is an identifier", re.match(r"SPDXRef-[A-Za-z0-9.-]+$", identifier))
    expect(f"{identifier} has a version and a licence", package["versionInfo"] and package["licenseDeclared"])
ends = {end for relation in document["relationships"] for end in (relation["spdxElementId"], relation["relatedSpdxElement"])}
expect("relations lead somewhere", ends == set(packages) | {"SPDXRef-DOCUMENT"})
digest = packages["SPDXRef-toolkit"]["checksums"][0]["checksumValue"]
expect("its checksum is that of the executable", digest == hashlib.sha256(content("bin/toolkit")).hexdigest())

command = subprocess.run(["ninja", "-C", build, "-t", "commands", "toolkit"], capture_output=True, text=True,
                         check=True).stdout.strip().splitlines()[-1]
notices = content("THIRD-PARTY-NOTICES").decode()
map_ = open(f"{build}/toolkit.map", encoding="utf-8", errors="replace").read()
for archive in re.findall(r"(/usr/\S+/lib\S+\.a)", command) + ["libc.a", "libstdc++.a", "libgcc.a"]:
    if f"{archive}(" not in map_:
        continue  # offered to the linker, and nothing was taken
    found = re.search(rf"\S*{re.escape(archive)}(?=\()", map_).group(0)
    path = subprocess.run(["realpath", found], capture_output=True, text=True, check=True).stdout.strip()
    owner = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True, check=True).stdout.split(": ")[0]
    source = subprocess.run(["dpkg-query", "-W", "-f", "${source:Package} ${source:Version}", owner],
                            capture_output=True, text=True, check=True).stdout
    listed = any(f"{package['name']} {package['versionInfo']}" == source for package in packages.values())
    expect(f"{archive} of {source} is in the bill", listed)
    expect(f"{archive} of {source} is in the notices", f"\n{source}: " in notices)
expect("the text of the LGPL is there", "GNU LESSER GENERAL PUBLIC LICENSE" in notices)
expect("the runtime exception is there", "GCC Runtime Library Exception" in notices)
for what in wrong:
    print("  WRONG  not true of the bill:", what)
sys.exit(1 if wrong else 0)

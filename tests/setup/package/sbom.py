"""The software bill of materials: SPDX 2.3 as JSON, from the packages that are really linked in."""
import datetime
import hashlib
import json
import pathlib
import re
import urllib.parse

from notices import licence_of


def distribution():
    return re.search(r"^ID=\"?(\w+)", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE).group(1)


def identifier(words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", words)


def described(name, source, version):
    return {
        "SPDXID": identifier(f"{source}-{version}"),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence_of(source),
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": f"pkg:deb/{distribution()}/{source}@{urllib.parse.quote(version)}?arch=source",
        }],
    }


def bill(version, architecture, executable, epoch, packages):
    digest = hashlib.sha256(executable.read_bytes()).hexdigest()
    ours = {
        "SPDXID": "SPDXRef-toolkit",
        "name": "toolkit",
        "versionInfo": version,
        "packageFileName": "toolkit",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
    }
    parts, relations = {}, {}
    for package in packages:
        part = described(package.source, package.source, package.source_version)
        parts[part["SPDXID"]] = part
        # A library of headers only is in the executable too, compiled.
        if package.archives or part["SPDXID"] not in relations:
            relations[part["SPDXID"]] = "STATIC_LINK" if package.archives else "CONTAINS"
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"toolkit-{version}-{architecture}",
        "documentNamespace": f"https://spdx.org/spdxdocs/toolkit-{version}-{architecture}-{digest}",
        "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: toolkit-package"]},
        "packages": [ours, *parts.values()],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
             "relatedSpdxElement": "SPDXRef-toolkit"},
            *({"spdxElementId": "SPDXRef-toolkit", "relationshipType": how, "relatedSpdxElement": part}
              for part, how in relations.items()),
        ],
    }
    return json.dumps(document, indent=1) + "\n"

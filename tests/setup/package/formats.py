"""The three forms of a release: a tarball, a Debian package and an RPM, each with the same bytes every time."""
import email.utils
import gzip
import os
import shutil
import subprocess
import tarfile

import tree

MAINTAINER = "toolkit maintainers <maintainers@toolkit.invalid>"
SUMMARY = "one static executable for training containers"
WORDS = """\
It supervises the training process with its real exit code, waits for what
the process needs, tells it who it is in the job, brings its logs to safety
while they grow, and says whether the GPUs can be used."""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: toolkit
Comment: The libraries that are linked in have their own licences, all of them in THIRD-PARTY-NOTICES.gz beside this
 file, and by package and version in toolkit.spdx.json.gz.

Files: *
Copyright: 2026 toolkit maintainers
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0.
"""
# Static on purpose: it has to run in images of any distribution, and in those that have nothing else.
OVERRIDES = """\
toolkit: statically-linked-binary [usr/bin/toolkit]
toolkit: embedded-library zlib [usr/bin/toolkit]
"""


def tarball(root, build, executable, release, out):
    name = f"toolkit-{release.version}-linux-{release.machine}"
    base = tree.fresh(out / "stage" / name)
    tree.install(build, base, executable)
    tree.documents(root, base, {key: text for key, text in release.texts.items() if key != "copyright"})
    tree.settle(base, release.epoch)
    path = out / f"{name}.tar.gz"
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=release.epoch) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for entry in [base, *sorted(base.rglob("*"))]:
            info = archive.gettarinfo(entry, str(entry.relative_to(base.parent)))
            info.uid = info.gid = 0
            info.uname = info.gname = "root"
            if info.isdir():
                archive.addfile(info)
            else:
                with open(entry, "rb") as content:
                    archive.addfile(info, content)
    return path


def deb(build, executable, release, out):
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[release.machine]
    base = tree.fresh(out / "stage/deb" / architecture)
    tree.install(build, base / "usr", executable)
    date = email.utils.formatdate(release.epoch)
    changelog = (f"toolkit ({release.version}) stable; urgency=medium\n\n  * Release {release.version}; its source's"
                 f" CHANGELOG.md says what is new.\n\n -- {MAINTAINER}  {date}\n")
    tree.debian_documents(base / "usr", release.texts, changelog, OVERRIDES)
    size = sum(path.stat().st_size for path in base.rglob("*") if path.is_file()) // 1024
    words = "\n".join(f" {line}" for line in WORDS.splitlines())
    tree.settle(base, release.epoch)
    control = base / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(
        f"Package: toolkit\nVersion: {release.version}\nArchitecture: {architecture}\nMaintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\nSection: admin\nPriority: optional\nDescription: {SUMMARY}\n{words}\n")
    sums = [path for path in sorted((base / "usr").rglob("*")) if path.is_file()]
    (control / "md5sums").write_text(subprocess.run(["md5sum", *(str(path.relative_to(base)) for path in sums)],
                                                    cwd=base, capture_output=True, text=True, check=True).stdout)
    tree.settle(control, release.epoch)
    path = out / f"toolkit_{release.version}_{architecture}.deb"
    # Packed by xz, which Debian 11 knows too; one thread, since others cut the stream elsewhere.
    subprocess.run(["dpkg-deb", "-Zxz", "--threads-max=1", "--root-owner-group", "--build", base, path], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch)})
    return path


def rpm(root, build, executable, release, out):
    """None where rpmbuild is not installed."""
    if not shutil.which("rpmbuild"):
        return None
    base = tree.fresh(out / "stage/rpm" / release.machine)
    content, top = base / "content", base / "top"
    tree.install(build, content / "usr", executable)
    texts = {key: text for key, text in release.texts.items() if key != "copyright"}
    tree.documents(root, content / "usr/share/doc/toolkit", texts)
    tree.settle(content, release.epoch)
    files = sorted(f"/{path.relative_to(content)}" for path in content.rglob("*") if path.is_file())
    listed = "\n".join(f"%doc {name}" if "/doc/" in name else name for name in files)
    (base / "toolkit.spec").write_text(
        f"Name: toolkit\nVersion: {release.version}\nRelease: 1\nSummary: {SUMMARY}\nLicense: Apache-2.0\n"
        f"AutoReqProv: no\n%description\n{WORDS}\n%install\ncp -a {content}/. %{{buildroot}}/\n%files\n"
        f"%dir /usr/share/doc/toolkit\n%dir /usr/share/toolkit\n%dir /usr/share/toolkit/schemas\n{listed}\n")
    settings = {"_topdir": top, "_rpmdir": top / "RPMS", "_buildhost": "localhost", "_binary_payload": "w9.gzdio",
                "use_source_date_epoch_as_buildtime": 1, "clamp_mtime_to_source_date_epoch": 1,
                "_build_id_links": "none", "__os_install_post": "%{nil}", "debug_package": "%{nil}",
                "_dbpath": base / "db"}
    defines = [word for key, value in settings.items() for word in ("--define", f"{key} {value}")]
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--target", f"{release.machine}-linux", *defines,
                    base / "toolkit.spec"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**os.environ, "SOURCE_DATE_EPOCH": str(release.epoch)})
    built = next((top / "RPMS").rglob("*.rpm"))
    path = out / built.name
    shutil.move(built, path)
    return path

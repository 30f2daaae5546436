"""The installed tree in the layouts of a tarball, Debian and RPM, with the documents that a release carries."""
import gzip
import os
import pathlib
import shutil
import subprocess

# Debian's zsh does not look into site-functions below /usr; that of others does.
ZSH = ("share/zsh/site-functions", "share/zsh/vendor-completions")


def compress(path):
    with open(f"{path}.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(path.read_bytes())
    path.unlink()


def install(build, prefix, executable=None):
    """What `make install` puts there; the executable may be that of another folder."""
    environment = {**os.environ, "DESTDIR": ""}
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, env=environment,
                   stdout=subprocess.DEVNULL)
    if executable:
        shutil.copy(executable, prefix / "bin/toolkit")


def documents(root, folder, texts):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(root / name, folder / name)
    for name, text in texts.items():
        (folder / name).write_text(text)


def settle(folder, epoch):
    """Same modes and times wherever it was made."""
    for path in [folder, *sorted(folder.rglob("*"))]:
        executable = path.is_dir() or os.access(path, os.X_OK) and path.parent.name == "bin"
        path.chmod(0o755 if executable else 0o644)
        os.utime(path, (epoch, epoch))


def debian_documents(usr, texts, changelog, overrides):
    """Where Debian's policy wants them, packed as it wants them."""
    folder = usr / "share/doc/toolkit"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "copyright").write_text(texts["copyright"])
    for name in ("THIRD-PARTY-NOTICES", "toolkit.spdx.json"):
        (folder / name).write_text(texts[name])
        compress(folder / name)
    (folder / "changelog").write_text(changelog)
    compress(folder / "changelog")
    for page in sorted((usr / "share/man/man1").glob("*.1")):
        compress(page)
    zsh = usr / ZSH[1]
    (usr / ZSH[0]).rename(zsh)
    named = usr / "share/lintian/overrides/toolkit"
    named.parent.mkdir(parents=True, exist_ok=True)
    named.write_text(overrides)


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return pathlib.Path(path)

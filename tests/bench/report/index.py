"""The page over all pages: every bar of every command, gathered from what the last runs have written.
    index.py [FOLDER]    writes FOLDER/README.md; alone or at the end of bench.py"""
import pathlib
import re
import sys

COMMANDS = ["run", "sync", "wait", "env", "check-gpu"]


def cells_of(row):
    """The cells of a Markdown row, in which a bar of its own is `\\|`."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def bars_of(text):
    """The rows of the first table, which is that of the bars."""
    rows = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append(cells_of(line))
        elif rows:
            break
    return rows[2:]


def machine_of(text):
    return [line[2:] for line in text.splitlines() if line.startswith("- ") and not line.startswith("- peers")]


def section(command, text):
    bars = bars_of(text)
    kept = sum(bar[-1] == "pass" for bar in bars)
    rows = ["| " + " | ".join(bar) + " |" for bar in bars]
    return [f"## `toolkit {command}`: {kept} of {len(bars)} bars kept", "", *(f"- {line}" for line in machine_of(text)), "",
            "| what | bar | toolkit | peer | ratio |  |", "| --- | --- | --- | --- | --- | --- |", *rows, "",
            f"![the bars as a chart]({command}.svg)", "", f"What each was measured from: [{command}.md]({command}.md).", ""]


def write(folder):
    pages = {command: folder / f"{command}.md" for command in COMMANDS}
    there = {command: path.read_text(encoding="utf-8") for command, path in pages.items() if path.exists()}
    missed = sum(bar[-1] != "pass" for text in there.values() for bar in bars_of(text))
    lines = ["# Every bar against its peers", "", "Written by `make bench` from the pages beside it, each of its own run and "
             f"machine, named below. Bars that were missed ({missed}) say **short**.", ""]
    for command, text in there.items():
        lines += section(command, text)
    (folder / "README.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1] / "results"))

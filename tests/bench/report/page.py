"""The report as Markdown: the bars first, then what was measured for each."""
import os
import subprocess
import time

PEERS = ["tini", "dumb-init", "catatonit", "s6", "runit", "daemontools", "moreutils", "coreutils",
         "wait-for-it", "rsync", "rclone", "curl", "openssh-client", "openssh-server", "radosgw"]


def output_of(*words):
    try:
        return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    except OSError:
        return ""


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return os.uname().machine


def gibibytes():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30))


def loads(load):
    return " ".join(f"{value:.2f}" for value in load)


def machine(context, load_before):
    versions = output_of("dpkg-query", "-W", "-f", "${Package} ${Version}, ", *PEERS).rstrip(", ")
    busy = ["**the machine was busy: these figures are not final**"] if max(load_before[0], load_before[1]) > 1 else []
    return [f"{cpu_model()}, {os.cpu_count()} cores, {gibibytes()} GiB, Linux {os.uname().release}",
            f"{time.strftime('%Y-%m-%d', time.gmtime())}, {output_of(context.toolkit, '--version').splitlines()[0]}, "
            f"{context.counts} counts",
            f"load average before {loads(load_before)}, after {loads(os.getloadavg())}",
            f"peers: {versions}", *busy]


def table(columns, rows):
    rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return ["| " + " | ".join(cells) + " |" for cells in [columns, ["---"] * len(columns), *rows]]


def details(result):
    """What a terminal shows."""
    widths = [max(len(row[i]) for row in [result.columns, *result.rows]) for i in range(len(result.columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in [result.columns, *result.rows]]
    return lines + result.remarks


def write(command, results, machine_lines):
    bars = [[bar.what, bar.promise, bar.ours, bar.peer, bar.ratio, "pass" if bar.kept else "**short**"]
            for result in results for bar in result.bars]
    lines = [f"# `toolkit {command}` against its peers", "", "Written by `make bench`; how each is measured is said in "
             f"`tests/bench/bars/{command}/`. Ratios are of medians, with 95 % bootstrap intervals in brackets.", ""]
    lines += [f"- {line}" for line in machine_lines] + [""]
    lines += table(["what", "bar", "toolkit", "peer", "ratio", ""], bars) + ["", f"![the same as a chart]({command}.svg)", ""]
    for result in results:
        lines += [f"## {result.title}", ""] + table(result.columns, result.rows) + [""]
        lines += [line for remark in result.remarks for line in (remark, "")]
    return "\n".join(lines).rstrip() + "\n"

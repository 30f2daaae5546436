"""How fast output gets through, to the console raw and into a stamped file on disk.

The child writes 1 GiB of log lines of 98 bytes as fast as it can (`cat` of a file that is in memory).
`toolkit run --log OUT -- cat in.log >/dev/null` against `cat in.log | tee OUT >/dev/null`, which does not
stamp, and the stampers, which do not copy; those get 128 MiB, for they would take minutes, and rates are
compared. Each round begins with no file and a quiet disk (sync). CPU seconds are the tool's own: a meter
around `toolkit run` (wait4 counts its child too) less a meter around the child; for a filter, a meter
around the filter.
"""
import subprocess

from context import Bar, Panel, Result, quartiles, ratio_interval, ratio_text

LARGE, SMALL = 1024, 128  # MiB

# Name: (MiB, what the output is read by; OUT is a file or a folder that does not exist).
FILTERS = {
    "tee": (LARGE, "@tool tee OUT >/dev/null"),
    "cat, no copy": (LARGE, "@tool cat >OUT"),
    "s6-log": (SMALL, "@tool s6-log n9 s268435455 T OUT"),
    "multilog": (SMALL, "@tool multilog t s16777215 n9 OUT"),
    "svlogd": (SMALL, "mkdir OUT && echo s268435455 >OUT/config && @tool svlogd -tt OUT"),
    "ts": (SMALL, "@tool ts >OUT"),
}


class Rates:
    def __init__(self):
        self.mb_per_second, self.cpu_per_gib, self.peak_kib = [], [], []

    def add(self, mebibytes, wall, cpu, peak_kib):
        self.mb_per_second.append((mebibytes << 20) / wall / 1e6)
        self.cpu_per_gib.append(cpu * 1024 / mebibytes)
        self.peak_kib.append(peak_kib)


def cpu(measured):
    return measured["user"] + measured["system"]


def run_toolkit(context, rates, mebibytes):
    out = context.fresh(context.disk / "out")
    source = context.input_log(mebibytes)
    measured = context.shell(f"@all {context.toolkit} run -q --log {out} -- @child cat {source} >/dev/null")
    whole, child = measured["all"], measured["child"]
    rates.add(mebibytes, whole["wall"], cpu(whole) - cpu(child), whole["peak_kib"])
    return source, out


def run_filter(context, rates, mebibytes, words):
    out = context.fresh(context.disk / "out")
    reader = words.replace("OUT", str(out))
    tool = context.shell(f"cat {context.input_log(mebibytes)} | {{ {reader}; }}")["tool"]
    rates.add(mebibytes, tool["wall"], cpu(tool), tool["peak_kib"])


def count_lines(path):
    return int(subprocess.run(["wc", "-l", path], stdout=subprocess.PIPE, check=True).stdout.split()[0])


def check_whole(source, out):
    """A fast log that lacks lines would be no log. The tool's own lines may be among them."""
    if count_lines(out) < count_lines(source):
        raise SystemExit(f"bench: {out} has {count_lines(out)} lines of {count_lines(source)}")


def collect(context):
    rates = {name: Rates() for name in ["toolkit", *FILTERS]}
    for number in range(context.scaled(9, 25)):
        source, out = run_toolkit(context, rates["toolkit"], LARGE)
        if number == 0:
            check_whole(source, out)
        for name, (mebibytes, words) in FILTERS.items():
            if mebibytes == LARGE or number % 4 == 0:
                run_filter(context, rates[name], mebibytes, words)
    context.fresh(context.disk / "out")
    return rates


def measure(context):
    rates = collect(context)
    median = {name: quartiles(rate.mb_per_second)[1] for name, rate in rates.items()}
    cpu_median = {name: quartiles(rate.cpu_per_gib)[1] for name, rate in rates.items()}

    def bar(peer, limit):
        interval = ratio_interval(rates["toolkit"].mb_per_second, rates[peer].mb_per_second)
        return Bar("raw console and stamped file", f"≥ {limit} × {peer}", f"{median['toolkit']:.0f} MB/s",
                   f"{median[peer]:.1f} MB/s", ratio_text(interval), interval[0] >= limit)

    own = cpu_median["toolkit"]
    return Result(
        title="Throughput, 1 GiB of 98-byte lines to a file on disk",
        bars=[bar("tee", 0.95), bar("s6-log", 8), bar("ts", 80),
              Bar("CPU of the tool itself", "≤ 1.6 s per GiB", f"{own:.2f} s", f"tee {cpu_median['tee']:.2f} s",
                  f"{own / cpu_median['tee']:.2f}", own <= 1.6)],
        panels=[Panel("Throughput to console and file", "MB/s", list(median.items()), 0.95 * median["tee"],
                      "0.95 × tee", 0),
                Panel("CPU per GiB", "s", list(cpu_median.items()), 1.6, "1.6 s")],
        columns=["command", "rounds", "MB/s", "quartiles", "CPU s per GiB", "peak RSS KiB"],
        rows=[[name, str(len(rate.mb_per_second)), f"{median[name]:.1f}",
               "{:.1f} to {:.1f}".format(*quartiles(rate.mb_per_second)[::2]), f"{cpu_median[name]:.2f}",
               str(max(rate.peak_kib))] for name, rate in rates.items()],
        remarks=["toolkit and tee write to two places; s6-log, multilog, svlogd and ts to the file only.",
                 "Only tee and cat do not stamp: the stamped file is 1.3 times as large as theirs."])

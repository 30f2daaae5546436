"""A composed line against `run` alone: when the child's first word comes, and from SIGTERM to the end with 10 MB
still to send to S3 (a real gateway without TLS, where it is installed), beside the peak RSS of that.

The GPU check is told to expect none: a machine without a driver has none to ask, so its cost is not in here.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from context import Bar, Panel, Result, quartiles

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sync"))
import grounds  # noqa: E402

CHECK = ["--check-gpu", "--check-gpu-expect", "0"]
PHASES = ["--wait", "file:/proc", "--with-env"]
OWN_SHUTDOWN = 0.3  # of the child, after its signal


def line(context, *options):
    return [context.toolkit, "run", "-q", "--name", "bench", "--state-dir", f"{context.memory}/state", *options, "--"]


def start(words, variables=None):
    return subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=dict(os.environ, **(variables or {})))


def first_word(words):
    began = time.monotonic()
    run = start([*words, "echo", "up"])
    run.stdout.read(3)
    took = time.monotonic() - began
    run.communicate()
    return took * 1e3


def starts(context):
    logs = context.memory / "composed"
    logs.mkdir(exist_ok=True)
    composed = [*PHASES, "--sync", f"{logs}/={context.memory}/copy/"]
    lines = {"run alone": line(context), "all but --check-gpu": line(context, *composed),
             "all phases": line(context, *CHECK, *composed)}
    times = {name: [] for name in lines}
    for _ in range(context.scaled(60, 400)):
        for name, words in lines.items():
            times[name].append(first_word(words))
    return times


def peak_kib(pid):
    """VmHWM: ru_maxrss would begin with the size of this interpreter. None when the process has gone."""
    try:
        words = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").split()
        return int(words[words.index("VmHWM:") + 1])
    except (OSError, ValueError):
        return None


def stop(context, place):
    """Seconds from SIGTERM to our end, and our peak in MiB; the child writes 10 MB, then takes its time."""
    logs = context.memory / "stopped"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    script = f"trap 'head -c 10000000 /dev/urandom >{logs}/last.ckpt; sleep {OWN_SHUTDOWN}; exit 0' TERM; echo up; " \
             "while :; do sleep 0.01; done"
    run = start(line(context, "--grace", "20s", "--sync", f"{logs}/={place.target('stopped/')}") + ["sh", "-c", script],
                place.environment())
    run.stdout.readline()
    time.sleep(0.5)
    began = time.monotonic()
    run.send_signal(signal.SIGTERM)
    peak = 0
    while run.poll() is None:
        peak = peak_kib(run.pid) or peak
        time.sleep(0.005)
    took = time.monotonic() - began
    run.stdout.close()
    place.remove("stopped/last.ckpt")
    if run.returncode != 0:
        sys.exit(f"bench: the stopped line ended with {run.returncode}")
    return took, peak / 1024


def measure(context):
    times = starts(context)
    medians = {name: quartiles(all_)[1] for name, all_ in times.items()}
    alone = medians["run alone"]
    bars = [Bar(f"composed start, {name}: first word after `run` alone", "≤ 10 ms", f"{medians[name] - alone:.2f} ms", "no peer",
                f"{(medians[name] - alone) / 10:.2f} of the bar", medians[name] - alone <= 10)
            for name in ("all but --check-gpu", "all phases")]
    rows = [[name, str(len(all_)), f"{quartiles(all_)[1]:.2f} ms", "{:.2f} to {:.2f}".format(*quartiles(all_)[::2])]
            for name, all_ in times.items()]
    if place := grounds.place(context, grounds.S3):
        stops = [stop(context, place) for _ in range(context.scaled(5, 20))]
        worst, peak = max(took for took, _ in stops) - OWN_SHUTDOWN, max(peak for _, peak in stops)
        bars += [Bar("composed stop: after the child's own shutdown, 10 MB to S3", "≤ 1 s, every time", f"worst {worst:.2f} s", "no peer",
                     f"{len(stops)} rounds", worst <= 1),
                 Bar("peak RSS with --sync to S3, no TLS", "≤ 16 MiB", f"{peak:.1f} MiB", "no peer", f"{peak / 16:.2f} of the bar",
                     peak <= 16)]
        rows.append(["stop with 10 MB to S3, all of it", str(len(stops)), f"{quartiles([one for one, _ in stops])[1]:.3f} s",
                     "{:.3f} to {:.3f}".format(*quartiles([one for one, _ in stops])[::2])])
    return Result(title="A composed line", bars=bars,
                  panels=[Panel("First word of the child", "ms", list(medians.items()), alone + 10, "10 ms over", 2)],
                  columns=["what", "rounds", "median", "quartiles"], rows=rows)

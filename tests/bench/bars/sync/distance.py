"""32 MiB by SFTP to a server that is 50 ms away, there and back, against OpenSSH's sftp with the same cipher.

A proxy (delay.py) holds every byte for 25 ms, each way. Connecting and the keys are part of it for both.
"""
import pathlib
import subprocess
import sys

from context import Panel, Result
from bars.sync import grounds

EACH_WAY = 25  # ms
DELAY = pathlib.Path(__file__).with_name("delay.py")


def far_port(context, port):
    proxy = subprocess.Popen([sys.executable, DELAY, str(EACH_WAY), str(port)], stdout=subprocess.PIPE, text=True)
    context.at_end.callback(proxy.wait)
    context.at_end.callback(proxy.kill)
    return int(proxy.stdout.readline())


def measure(context):
    sftp = grounds.place(context, grounds.Sftp)
    if not sftp:
        return Result(title="A server 50 ms away", bars=[], panels=[], remarks=["Not measured: there is no sshd."])
    port = far_port(context, sftp.server.port)
    sftp.trust(port)
    race, file, state = grounds.Race(context), grounds.random_file(context.memory / "far.pt", 32), context.memory / "state"

    def prepare():
        context.fresh(state)
        sftp.clear()

    commands = {
        "toolkit": (grounds.ours(context, sftp, file, sftp.target("", port), state), prepare),
        "OpenSSH's sftp": (sftp.openssh(file, "far.pt", port), prepare),
    }
    for _ in range(context.scaled(5, 15)):
        race.round(commands)
    return Result(
        title="A server 50 ms away",
        bars=[race.ratio("32 MiB by SFTP, 50 ms away", 1.0, "toolkit", "OpenSSH's sftp")],
        panels=[Panel("32 MiB by SFTP, 50 ms away", "s", [(name, race.median(name)) for name in race.measured],
                      race.median("OpenSSH's sftp"), "1.00 × sftp")],
        columns=race.COLUMNS,
        rows=race.rows())

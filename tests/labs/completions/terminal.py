"""A shell on a pseudo terminal, typed at like a person would."""

import os
import pty
import select
import signal
import time


class Terminal:
    def __init__(self, argv, environment, folder):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, environment)
        self.screen = b""

    def type(self, text):
        os.write(self.master, text.encode())

    def look(self, seconds=0.01):
        """Reads what the shell shows, so that it never blocks on a full terminal."""
        while select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # EIO: the shell is gone
                return
            if not data:
                return
            self.screen = (self.screen + data)[-65536:]
            seconds = 0

    def wait_for_file(self, path, seconds=20):
        """The text of a file that the shell is to write whole (by rename)."""
        limit = time.monotonic() + seconds
        while not os.path.exists(path):
            self.look()
            if time.monotonic() > limit:
                raise TimeoutError(f"no {path}; the screen:\n{self.screen.decode(errors='replace')}")
        with open(path) as file:
            text = file.read()
        os.unlink(path)
        return text

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.master)
        os.waitpid(self.pid, 0)

"""Files that grow while somebody copies them: written by threads, with every byte known."""
import pathlib
import random
import threading
import time

BLOCK = 4096


class GrowingFile:
    """A log whose bytes can be told from its length alone, so that any prefix can be judged."""

    def __init__(self, path, seed):
        self.path = pathlib.Path(path)
        self.block = random.Random(seed).randbytes(BLOCK - 8)
        self.size = 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()

    def part(self, start, end):
        """Its bytes from start to end: blocks that each begin with their number, or a copy that lost one
        would look whole."""
        first = start // BLOCK
        out = b"".join(number.to_bytes(8, "little") + self.block for number in range(first, end // BLOCK + 1))
        return out[start - first * BLOCK:end - first * BLOCK]

    def grow(self, count):
        with open(self.path, "ab") as file:
            file.write(self.part(self.size, self.size + count))
        self.size += count

    def is_prefix(self, path):
        """Whether what lies there is a beginning of this file; what is not there is one."""
        try:
            there = pathlib.Path(path).read_bytes()
        except FileNotFoundError:
            return True
        return there == self.part(0, len(there))


class Writer:
    """Lets files grow by so many bytes a second in all, until it is stopped."""

    def __init__(self, files, rate, seed):
        self.files = files
        self.rate = rate
        self.random = random.Random(seed)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.over.set()
        self.thread.join()

    def _run(self):
        pause = 0.02
        while not self.over.is_set():
            some = self.random.sample(self.files, max(1, len(self.files) // 4))
            for file in some:
                file.grow(max(1, int(self.rate * pause / len(some))))
            time.sleep(pause)

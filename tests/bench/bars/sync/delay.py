#!/usr/bin/env python3
"""delay.py MILLISECONDS TO_PORT: a proxy that passes every byte on so much later, each way. Prints its port.

Nothing is limited but time: a line of any width.
"""
import collections
import socket
import sys
import threading
import time

PIECE = 1 << 18


class Line:
    """One way of one connection: what comes is kept until it is due."""

    def __init__(self, source, sink, seconds):
        self.source, self.sink, self.seconds = source, sink, seconds
        self.pieces, self.changed = collections.deque(), threading.Condition()
        for part in (self.take, self.give):
            threading.Thread(target=part, daemon=True).start()

    def take(self):
        data = b"-"
        while data:
            try:
                data = self.source.recv(PIECE)
            except OSError:
                data = b""
            with self.changed:
                self.pieces.append((time.monotonic() + self.seconds, data))
                self.changed.notify()

    def next(self):
        with self.changed:
            while not self.pieces:
                self.changed.wait()
            return self.pieces.popleft()

    def give(self):
        while True:
            due, data = self.next()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if not data:
                    self.sink.shutdown(socket.SHUT_WR)
                    return
                self.sink.sendall(data)
            except OSError:
                return


def main():
    seconds, port = int(sys.argv[1]) / 1000, int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client = listener.accept()[0]
        server = socket.create_connection(("127.0.0.1", port))
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Line(client, server, seconds)
        Line(server, client, seconds)


if __name__ == "__main__":
    main()

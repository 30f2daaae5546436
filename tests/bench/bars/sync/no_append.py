#!/usr/bin/env python3
"""no_append.py TO_PORT: a proxy in front of an S3 server that refuses native appends, as most do. Prints its port.

Everything else goes through as it is, the Host field too, which is signed.
"""
import http.client
import http.server
import sys

REFUSAL = b"<Error><Code>NotImplemented</Code></Error>"


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "append" in self.path.partition("?")[2].split("&")[0]:
            self.answer(501, [], REFUSAL)
            return
        server = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
        server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in ("connection", "expect"):
                server.putheader(name, value)
        server.endheaders(body)
        answer = server.getresponse()
        self.answer(answer.status, answer.getheaders(), answer.read())
        server.close()

    def answer(self, status, fields, body):
        self.send_response_only(status)
        given = {"content-length": str(len(body)), **{name.lower(): value for name, value in fields}}
        for name, value in given.items():
            if name not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

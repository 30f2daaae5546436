"""Peers that do not finish what they begin: they live as threads of the lab, in a network and mount namespace of
its own."""
import ctypes
import os
import socket
import ssl
import struct
import subprocess
import threading
import time

HOLE = "10.9.0.2"  # frames to it go out and nobody takes them
LIBC = ctypes.CDLL(None, use_errno=True)


def make_hole():
    for words in ("link set lo up", "link add hole type veth peer name end", "addr add 10.9.0.1/24 dev hole",
                  "link set hole up", "link set end up", f"neigh add {HOLE} lladdr 02:00:00:00:00:09 dev hole"):
        subprocess.run(["ip", *words.split()], check=True)


def in_thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def server(talk):
    """A port where `talk(connection)` is said to each that comes; the connection stays open."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    kept = []

    def attend(connection):
        try:
            talk(connection)
        except OSError:
            pass

    def accept():
        while True:
            connection, _ = listener.accept()
            kept.append(connection)
            in_thread(attend, connection)

    in_thread(accept)
    return listener.getsockname()[1]


def silence(_):
    time.sleep(1000)


def drip(text, seconds):
    """`text` at once, then a byte now and then, without end."""
    def talk(connection):
        connection.sendall(text)
        while True:
            time.sleep(seconds)
            connection.sendall(b"x")
    return talk


def half_a_hello(connection):
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(20))  # ServerHello, 31 of 127 bytes
    time.sleep(1000)


def tls(folder, talk):
    """The same behind a real handshake."""
    key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
    if not os.path.exists(certificate):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=localhost", "-days", "2", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    kept = []

    def shake(connection):
        kept.append(context.wrap_socket(connection, server_side=True))
        talk(kept[-1])
    return shake


def full_backlog():
    """A port whose queue is full: the kernel drops the SYNs of all others."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    full_backlog.kept = getattr(full_backlog, "kept", []) + [(listener, fillers)]
    return listener.getsockname()[1]


def silent_name_server(port=0):
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(("127.0.0.1", port))
    silent_name_server.kept = getattr(silent_name_server, "kept", []) + [asked]
    return asked.getsockname()[1]


def truncating_name_server():
    """Says "too long for UDP, ask by TCP", and is silent there."""
    port = server(silence)
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(("127.0.0.1", port))

    def answer():
        while True:
            question, peer = asked.recvfrom(4096)
            asked.sendto(question[:2] + b"\x83\x80" + question[4:6] + bytes(6) + question[12:], peer)
    in_thread(answer)
    return port


def mount_fuse(path):
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if LIBC.mount(b"hanging", os.fsencode(path), b"fuse", 6, options) != 0:  # nosuid, nodev
        raise OSError(ctypes.get_errno(), "mount of fuse")
    return device


def stuck_directory(path):
    """A file system whose server is stopped: questions wait, and SIGKILL ends who waits."""
    os.mkdir(path)
    stuck_directory.kept = mount_fuse(path)
    return path


def holding_directory(path):
    """A file system whose server has taken each question and hangs: who asked sleeps beyond SIGKILL."""
    os.mkdir(path)
    device = mount_fuse(path)

    def serve():
        while True:
            request = os.read(device, 1 << 20)
            opcode, unique, minor = *struct.unpack_from("<4xIQ", request), 31
            if opcode == 26:  # FUSE_INIT
                body = struct.pack("<IIIIHHIIHH", 7, minor, 65536, 0, 12, 9, 65536, 1, 0, 0) + bytes(32)
                os.write(device, struct.pack("<IiQ", 16 + len(body), 0, unique) + body)
    in_thread(serve)
    return path, device

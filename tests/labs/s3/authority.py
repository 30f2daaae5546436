"""A certificate authority of a lab's own, by the openssl command."""
import os
import subprocess

DAYS = ("-days", "2")


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.certificate, self.key = self.path(name, "pem"), self.path(name, "key")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", *DAYS, "-subj", f"/CN={name}", "-keyout", self.key,
                     "-out", self.certificate)

    def path(self, name, ending):
        return os.path.join(self.folder, f"{name}.{ending}")

    @staticmethod
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=60)

    def issue(self, name, names):
        """The paths of a certificate for these names, "IP:127.0.0.1,DNS:db", and of its key."""
        certificate, key, request, fields = (self.path(name, ending) for ending in ("pem", "key", "csr", "ext"))
        with open(fields, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={names}\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        self.openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", *DAYS,
                     "-extfile", fields, "-out", certificate)
        return certificate, key

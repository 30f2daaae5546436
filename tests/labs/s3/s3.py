"""The few S3 requests that a lab makes by itself, signed by hand (Signature Version 4)."""
import datetime
import hashlib
import hmac
import http.client
import urllib.parse


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Client:
    def __init__(self, port, access, secret):
        self.host = f"127.0.0.1:{port}"
        self.access, self.secret = access, secret

    def request(self, method, path, query=None, body=b"", headers=None):
        """(status, headers in lower case, body)"""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        payload = hashlib.sha256(body).hexdigest()
        quoted = urllib.parse.quote(path, safe="/~")
        text = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote, safe="~")
        fields = {"host": self.host, "x-amz-date": now, "x-amz-content-sha256": payload, **(headers or {})}
        names = sorted(fields)
        canonical = "\n".join([method, quoted, text, *(f"{name}:{fields[name]}" for name in names), "", ";".join(names), payload])
        scope = f"{now[:8]}/us-east-1/s3/aws4_request"
        key = sign(sign(sign(sign(("AWS4" + self.secret).encode(), now[:8]), "us-east-1"), "s3"), "aws4_request")
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        fields["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.access}/{scope}, SignedHeaders={';'.join(names)}, "
                                   f"Signature={sign(key, to_sign).hex()}")
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, quoted + ("?" + text if text else ""), body=body, headers=fields)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def put(self, path, body, **more):
        status, _, answer = self.request("PUT", path, body=body, **more)
        if status != 200:
            raise RuntimeError(f"PUT {path}: {status} {answer!r}")

    def get(self, path):
        """The bytes, or None when it is not there."""
        status, _, body = self.request("GET", path)
        if status == 404:
            return None
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {body!r}")
        return body

    def head(self, path):
        status, fields, _ = self.request("HEAD", path)
        return fields if status == 200 else None

"""A push service on loopback, over TLS: it reads what it is sent as a browser would, with code of its own."""

import base64
import http.server
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from clinic.webpush import Browser

CURVE = ec.SECP256R1()


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def data(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "==")


def point(key: Any) -> bytes:
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    return bytes(key.public_key().public_bytes(encoding, form))


def hmac_of(key: bytes, message: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(message)
    return mac.finalize()


def open_message(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """As RFC 8291, section 3.4, writes it down: by HMAC alone. Raises what cryptography raises."""
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    assert size >= len(sealed)
    assert length == 65
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    info = b"WebPush: info\x00" + point(key) + theirs
    secret = hmac_of(hmac_of(auth, shared), info + b"\x01")
    pseudo_random = hmac_of(salt, secret)
    content_key = hmac_of(pseudo_random, b"Content-Encoding: aes128gcm\x00\x01")[:16]
    nonce = hmac_of(pseudo_random, b"Content-Encoding: nonce\x00\x01")[:12]
    padded = AESGCM(content_key).decrypt(nonce, sealed, None)
    message, mark = padded.rstrip(b"\x00")[:-1], padded.rstrip(b"\x00")[-1:]
    assert mark == b"\x02"
    return message


def check_sender(header: str, *, audience: str) -> tuple[dict[str, Any], str]:
    """The claims of a VAPID header whose signature is right, and the key that it was made with."""
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    head, claims, signature = parts["t"].split(".")
    raw = data(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data(parts["k"]))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(data(head)) == {"typ": "JWT", "alg": "ES256"}
    said = json.loads(data(claims))
    assert said["aud"] == audience
    return said, parts["k"]


@dataclass
class Phone:
    """A browser's side of a subscription."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = b"sixteen secrets!"

    @property
    def browser(self) -> Browser:
        return Browser(self.endpoint, text(point(self.key)), text(self.auth))


@dataclass
class PushService:
    """`answer` is the status of the next answers, `waits` how long each takes."""

    url: str
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answer: int = 201
    location: str = ""
    waits: float = 0

    def phone(self, name: str = "one") -> Phone:
        return Phone(f"{self.url}/{name}?of=somebody")

    def read(self, phone: Phone, number: int = -1) -> dict[str, Any]:
        """The message that a phone was sent, its sender checked."""
        path, headers, body = self.received[number]
        assert phone.endpoint == self.url + path
        assert headers["content-encoding"] == "aes128gcm"
        check_sender(headers["authorization"], audience=self.url)
        return dict(json.loads(open_message(body, phone.key, phone.auth)))


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    """Its certificate is `folder / "cert.pem"`: name it in SSL_CERT_FILE to trust it."""
    write_certificate(folder)
    service = PushService("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.received.append((self.path, headers, body))
            time.sleep(service.waits)
            self.send_response(service.answer)
            if service.location:
                self.send_header("Location", service.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def write_certificate(folder: Path) -> None:
    key, now = ec.generate_private_key(CURVE), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push service")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))

"""Web Push: a message that only one browser can read (RFC 8291), from a sender that it knows (VAPID, RFC 8292).

Addresses are given by browsers, and so by anybody: only https, never an address inside the network, no redirects.
"""

import base64
import http.client
import ipaddress
import json
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils.translation import gettext_lazy as _

TIMEOUT = 10  # seconds
VALID = timedelta(hours=12)
RECORD_SIZE = 4096
MOST_BYTES = 3000
LONGEST_ADDRESS = 1000
CURVE = ec.SECP256R1()
# Addresses that stand for others, which may be inside (IPv6 made of IPv4), and those of a site.
NEVER = [
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
]


class NotPushed(Exception):
    """The push service did not take it. `code` is its answer, 0 without one; `unknown`: it may have taken it."""

    def __init__(self, why: str, *, code: int = 0, unknown: bool = False):
        super().__init__(why)
        self.code, self.unknown = code, unknown

    @property
    def is_gone(self) -> bool:
        """The browser has taken its subscription back."""
        return self.code in {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE}


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser is reached and what only it can decrypt, as its subscription says: base64url."""

    endpoint: str
    p256dh: str
    auth: str


def check_browser(browser: Browser) -> None:
    """Raises ValidationError for what can't be a subscription. Its address is looked up each time that it is used."""
    try:
        _target(browser.endpoint)
        _their_key(browser), _auth(browser)
    except ValueError as error:
        raise ValidationError(_("This browser's address for messages makes no sense.")) from error


def public_key() -> str:
    """What a browser needs to know of the sender; empty where no key is set, and nothing is pushed."""
    return encode(_point(_own_key().public_key())) if settings.VAPID_PRIVATE_KEY else ""


def push(browser: Browser, payload: dict[str, str], *, now: datetime, ttl: timedelta, topic: str) -> None:
    """Hand a message over; the push service keeps it for `ttl` at most, one for each topic. Raises NotPushed."""
    try:
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(ttl.total_seconds())),
            "Topic": topic,
            "Urgency": "normal",
            "Authorization": authorization(browser.endpoint, now=now),
        }
        body = encrypt(browser, json.dumps(payload).encode(), salt=os.urandom(16), key=ec.generate_private_key(CURVE))
        _post(browser.endpoint, body, headers)
    except ValueError as error:
        raise NotPushed(str(error), code=http.HTTPStatus.BAD_REQUEST) from error


def encrypt(browser: Browser, text: bytes, *, salt: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """RFC 8291: one record of aes128gcm, its key made from both sides' keys and the browser's secret."""
    if len(text) > MOST_BYTES:
        raise ValueError("A push message has at most 3000 bytes.")
    theirs, ours = _their_key(browser), _point(key.public_key())
    shared = key.exchange(ec.ECDH(), theirs)
    secret = _hkdf(shared, _auth(browser), b"WebPush: info\0" + _point(theirs) + ours, 32)
    content_key = _hkdf(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _hkdf(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_SIZE.to_bytes(4) + len(ours).to_bytes(1) + ours
    return header + AESGCM(content_key).encrypt(nonce, text + b"\2", None)


def authorization(endpoint: str, *, now: datetime) -> str:
    """RFC 8292: a token for this push service, signed with our key."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + VALID).timestamp()),
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    token = ".".join(encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    signature = _own_key().sign(token.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = (number.to_bytes(32) for number in decode_dss_signature(signature))
    return f"vapid t={token}.{encode(r + s)}, k={public_key()}"


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _own_key() -> ec.EllipticCurvePrivateKey:
    try:
        return ec.derive_private_key(int(settings.VAPID_PRIVATE_KEY, 16), CURVE)
    except ValueError:
        raise ImproperlyConfigured("VAPID_PRIVATE_KEY is 64 hexadecimal digits: openssl rand -hex 32") from None


def _their_key(browser: Browser) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(browser.p256dh))


def _auth(browser: Browser) -> bytes:
    secret = decode(browser.auth)
    if len(secret) != 16:
        raise ValueError("The secret of a subscription has 16 bytes.")
    return secret


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


def _target(endpoint: str) -> tuple[str, int, str]:
    """Host, port and path. Raises ValueError unless it is a plain https address."""
    parts = urlsplit(endpoint)
    if len(endpoint) > LONGEST_ADDRESS or not endpoint.isascii() or any(char <= " " for char in endpoint):
        raise ValueError("The address of a subscription is not written like one.")
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("The address of a subscription begins with https:// and names a host.")
    port = parts.port or 443
    if port != 443 and not settings.PUSH_TO_LOOPBACK:
        raise ValueError("The address of a subscription has no port of its own.")
    return parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _post(endpoint: str, body: bytes, headers: dict[str, str]) -> None:
    host, port, path = _target(endpoint)
    connection = OutsideConnection(host, port, timeout=TIMEOUT)
    try:
        connection.connect()
    except (OSError, UnicodeError) as error:
        raise NotPushed(f"{host}: {error!r}") from error
    try:
        connection.request("POST", path, body, headers)
        code = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotPushed(f"{host}: {error!r}", unknown=True) from error
    finally:
        connection.close()
    if not 200 <= code < 300:
        raise NotPushed(f"{host} answered {code}", code=code)


class OutsideConnection(http.client.HTTPSConnection):
    """Connects to the very address that was checked: asked twice, a name could give another one the second time."""

    def connect(self) -> None:
        addresses = list(_addresses(self.host, self.port))
        for address in addresses:
            if not _is_outside(address):
                raise OSError(f"{address} is inside the network")
        plain = socket.create_connection((addresses[0], self.port), self.timeout)
        try:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _addresses(host: str, port: int) -> Iterator[str]:
    for *_rest, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        yield str(address[0])


def _is_outside(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return _is_outside(str(ip.ipv4_mapped))
        if any(ip in network for network in NEVER):
            return False
    if ip.is_loopback and settings.PUSH_TO_LOOPBACK:
        return True
    return ip.is_global and not ip.is_multicast

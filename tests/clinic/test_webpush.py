"""Web Push against the numbers of its RFC, and against a push service on loopback."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured, ValidationError

from clinic import webpush
from clinic.webpush import Browser, NotPushed
from tests.push_service import CURVE, Phone, PushService, check_sender, data, open_message, push_service, text

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def keys(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = "c9f58f89813e9f8e872e71f42aa64e1757c9254dcc62b72ddc010bb4043ea11c"


@pytest.fixture
def service(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    settings.PUSH_TO_LOOPBACK = True
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    with push_service(tmp_path) as running:
        yield running


def push(browser: Browser, **said: str) -> None:
    webpush.push(browser, said or {"title": "Time?"}, now=NOW, ttl=HOUR, topic="reminder")


class TestTheNumbersOfTheRfc:
    """RFC 8291, appendix A."""

    ours = ec.derive_private_key(int.from_bytes(data("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), CURVE)
    theirs = ec.derive_private_key(int.from_bytes(data("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), "big"), CURVE)
    auth = data("BTBZMqHH6r4Tts7J_aSIgg")
    sealed = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    message = b"When I grow up, I want to be a watermelon"

    def test_sealed_as_it_says(self) -> None:
        browser = Phone("https://push.example/", self.theirs, self.auth).browser
        assert browser.p256dh == (
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        )
        salt = data("DGv6ra1nlYgDCS1FRnbzlw")
        assert text(webpush.encrypt(browser, self.message, salt=salt, key=self.ours)) == self.sealed

    def test_the_service_of_these_tests_reads_it(self) -> None:
        assert open_message(data(self.sealed), self.theirs, self.auth) == self.message
        with pytest.raises(InvalidTag):
            open_message(data(self.sealed)[:-1] + b"x", self.theirs, self.auth)


class TestSending:
    def test_a_browser_reads_what_nobody_else_can(self, service: PushService) -> None:
        phone = service.phone()
        push(phone.browser, title="Time for your exercises?")
        assert service.read(phone) == {"title": "Time for your exercises?"}
        (_path, headers, body) = service.received[0]
        assert b"exercises" not in body
        assert (headers["ttl"], headers["topic"], headers["urgency"]) == ("3600", "reminder", "normal")
        with pytest.raises(InvalidTag):
            open_message(body, service.phone().key, phone.auth)

    def test_the_sender_signs_for_this_service_and_half_a_day(self, service: PushService, settings: Any) -> None:
        push(service.phone().browser)
        claims, key = check_sender(service.received[0][1]["authorization"], audience=service.url)
        assert claims["sub"] == "mailto:knee@steady.example"
        assert claims["exp"] == int((NOW + timedelta(hours=12)).timestamp())
        assert key == webpush.public_key()

    def test_each_message_is_sealed_anew(self, service: PushService) -> None:
        for _again in range(2):
            push(service.phone().browser)
        first, second = (body for _path, _headers, body in service.received)
        assert first[:16] != second[:16]
        assert first[21:86] != second[21:86]

    @pytest.mark.parametrize(("code", "gone"), [(404, True), (410, True), (400, False), (429, False), (503, False)])
    def test_what_the_service_answers(self, service: PushService, code: int, gone: bool) -> None:
        service.answer = code
        with pytest.raises(NotPushed) as refused:
            push(service.phone().browser)
        assert (refused.value.code, refused.value.is_gone, refused.value.unknown) == (code, gone, False)

    def test_it_is_not_led_elsewhere(self, service: PushService) -> None:
        service.answer, service.location = 307, f"{service.url}/inside"
        with pytest.raises(NotPushed):
            push(service.phone().browser)
        assert len(service.received) == 1

    def test_a_service_that_is_silent_is_left(self, service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
        assert webpush.TIMEOUT == 10
        monkeypatch.setattr(webpush, "TIMEOUT", 0.3)
        service.waits = 2
        with pytest.raises(NotPushed) as silent:
            push(service.phone().browser)
        assert silent.value.unknown

    def test_a_service_that_nobody_vouches_for(self, service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(NotPushed) as refused:
            push(service.phone().browser)
        assert "CERTIFICATE" in str(refused.value)
        assert service.received == []

    def test_too_much_to_say(self, service: PushService) -> None:
        with pytest.raises(NotPushed) as refused:
            push(service.phone().browser, title="x" * 3000)
        assert refused.value.code == 400


class TestNeverInside:
    @pytest.mark.parametrize(
        "host",
        [
            *["127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254"],
            *["100.64.0.1", "224.0.0.1", "255.255.255.255", "2130706433", "0x7f.1", "127.1"],
            *["[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fec0::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]"],
            *["[64:ff9b::a00:1]", "[2002:a00:1::]", "[ff02::1]"],
        ],
    )
    def test_addresses(self, host: str) -> None:
        with pytest.raises(NotPushed, match="inside the network"):
            push(Phone(f"https://{host}/x").browser)

    def test_what_answers_there_hears_nothing(self, service: PushService, settings: Any) -> None:
        settings.PUSH_TO_LOOPBACK = False
        connection = webpush.OutsideConnection("127.0.0.1", int(service.url.rpartition(":")[2]), timeout=5)
        with pytest.raises(OSError, match="inside the network"):
            connection.connect()
        assert service.received == []

    def test_a_name_with_one_address_inside(self, settings: Any) -> None:
        """As a name server could answer: the connection goes to what was checked, and nothing is asked twice."""
        inside = {address for *_rest, (address, *_more) in socket.getaddrinfo("localhost", 443)}
        assert inside <= {"127.0.0.1", "::1"}
        with pytest.raises(NotPushed, match="inside the network"):
            push(Phone("https://localhost/").browser)

    @pytest.mark.parametrize(
        "endpoint",
        [
            *["", "x", "http://push.example/", "ftp://push.example/", "//push.example/", "https://", "https:///x"],
            *["https://push.example:8443/", "https://user@push.example/", "https://push.example/#x"],
            *["https://push.example/\r\nHost: inside", "https://push.example/ x", "https://pürsh.example/"],
            *["https://push.example:port/", "https://push.example/" + "x" * 1000, "https://[::1/"],
        ],
    )
    def test_what_is_no_address(self, endpoint: str) -> None:
        browser = Browser(endpoint, Phone("").browser.p256dh, Phone("").browser.auth)
        with pytest.raises(ValidationError):
            webpush.check_browser(browser)
        with pytest.raises(NotPushed) as refused:
            push(browser)
        assert refused.value.code == 400

    @pytest.mark.parametrize("p256dh", ["", "x", "AAAA", "é", text(b"\4" + b"\1" * 64)])
    def test_what_is_no_key(self, p256dh: str) -> None:
        with pytest.raises(ValidationError):
            webpush.check_browser(Browser("https://push.example/", p256dh, text(b"sixteen secrets!")))

    @pytest.mark.parametrize("auth", ["", "AAAA", "not base64!", text(b"x" * 17)])
    def test_what_is_no_secret(self, auth: str) -> None:
        with pytest.raises(ValidationError):
            webpush.check_browser(Browser("https://push.example/", Phone("").browser.p256dh, auth))

    def test_what_is_right(self) -> None:
        webpush.check_browser(Phone("https://push.example/send/a?b=c").browser)


class TestOwnKey:
    def test_without_one_there_is_no_push(self, settings: Any) -> None:
        settings.VAPID_PRIVATE_KEY = ""
        assert webpush.public_key() == ""

    def test_the_public_part_is_a_point(self) -> None:
        assert webpush.public_key() == (
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
        )

    @pytest.mark.parametrize("key", ["x", "0" * 64, "f" * 64])
    def test_one_that_is_none_is_said(self, settings: Any, key: str) -> None:
        settings.VAPID_PRIVATE_KEY = key
        with pytest.raises(ImproperlyConfigured, match="64 hexadecimal digits"):
            webpush.public_key()

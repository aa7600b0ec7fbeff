"""Keys derived from the one secret, one per purpose, and what is done with them.

A key for one purpose tells nothing about another: each is BLAKE2b (RFC 7693) of the secret under
its own personalisation string. Contacts are sealed with AES-256-GCM (NIST SP 800-38D).
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DIGEST_BYTES = 16
_NONCE_BYTES = 12


class Keys:
    """The installation's keys; never printed.

    ``previous`` are secrets that were in use before: they open what was sealed with them, and the numbers
    they gave digests of are still recognised. Nothing new is made with them.
    """

    def __init__(self, secret: str, previous: Sequence[str] = ()) -> None:
        self._secret = hashlib.blake2b(secret.encode(), digest_size=64).digest()
        self.token = self._derive(b"token")
        self.token_digest = self._derive(b"token-digest")
        self._digests = {
            purpose: self._derive(purpose.encode())
            for purpose in (
                "officer",
                "api-key",
                "receipt",
                "transaction",
                "idempotency",
                "phone",
                "callback",
                "sampling",
            )
        }
        self._previous = [Keys(old) for old in previous]

    @cached_property
    def _contact(self) -> "AESGCM":
        # Loaded with the first number: many installations only print their links.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derive(b"contact"))

    @cached_property
    def _text(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derive(b"text"))

    def __repr__(self) -> str:
        return "Keys(…)"

    def _derive(self, purpose: bytes) -> bytes:
        return hashlib.blake2b(self._secret, digest_size=32, person=purpose[:16]).digest()

    def digest(self, purpose: str, *parts: str) -> bytes:
        """Keyed digest (16 bytes) of the parts for one purpose; equal parts give equal digests."""
        mac = hashlib.blake2b(key=self._digests[purpose], digest_size=DIGEST_BYTES)
        for part in parts:
            encoded = part.encode()
            mac.update(len(encoded).to_bytes(4, "big"))
            mac.update(encoded)
        return mac.digest()

    def phone_digests(self, phone: str) -> list[bytes]:
        """Digests of a telephone number (E.164): under the secret in use, then under earlier ones."""
        return [keys.digest("phone", phone) for keys in (self, *self._previous)]

    def seal_contact(self, phone: str) -> bytes:
        """Encrypt a telephone number (E.164) for the life of its invitation."""
        return _seal(self._contact, phone)

    def open_contact(self, sealed: bytes) -> str:
        """Decrypt a telephone number.

        Raises:
            ValueError: the bytes were not sealed with this installation's secret.
        """
        return _open([keys._contact for keys in (self, *self._previous)], sealed, "this contact")

    def seal_text(self, text: str) -> bytes:
        """Encrypt a text that is kept for a while: a message, a draft, what a provider told."""
        return _seal(self._text, text)

    def open_text(self, sealed: bytes) -> str:
        """Decrypt what ``seal_text`` encrypted.

        Raises:
            ValueError: the bytes were not sealed with this installation's secret.
        """
        return _open([keys._text for keys in (self, *self._previous)], sealed, "this text")


def _seal(cipher: "AESGCM", text: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text.encode(), None)


def _open(ciphers: "Sequence[AESGCM]", sealed: bytes, what: str) -> str:
    from cryptography.exceptions import InvalidTag

    for cipher in ciphers:
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()
        except InvalidTag:
            continue
    raise ValueError(f"{what} was sealed with another PERCAYA_SECRET")

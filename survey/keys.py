"""Keys derived from the one secret, one per purpose, and what is done with them.

A key for one purpose tells nothing about another: each is BLAKE2b (RFC 7693) of the secret under
its own personalisation string. Contacts are sealed with AES-256-GCM (NIST SP 800-38D).
"""

import hashlib
import os
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DIGEST_BYTES = 16
_NONCE_BYTES = 12


class Keys:
    """The installation's keys; never printed."""

    def __init__(self, secret: str) -> None:
        self._secret = hashlib.blake2b(secret.encode(), digest_size=64).digest()
        self.token = self._derive(b"token")
        self.token_digest = self._derive(b"token-digest")
        self._digests = {
            purpose: self._derive(purpose.encode())
            for purpose in ("officer", "api-key", "receipt", "transaction", "idempotency")
        }

    @cached_property
    def _contact(self) -> "AESGCM":
        # Loaded with the first number: many installations only print their links.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derive(b"contact"))

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

    def seal_contact(self, phone: str) -> bytes:
        """Encrypt a telephone number (E.164) for the life of its invitation."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._contact.encrypt(nonce, phone.encode(), None)

    def open_contact(self, sealed: bytes) -> str:
        """Decrypt a telephone number.

        Raises:
            ValueError: the bytes were not sealed with this installation's secret.
        """
        from cryptography.exceptions import InvalidTag

        try:
            return self._contact.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()
        except InvalidTag:
            raise ValueError("this contact was sealed with another PERCAYA_SECRET") from None

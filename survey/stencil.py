"""A page with one gap, kept compressed: filling the gap costs no compressing.

A gzip file (RFC 1952) is a row of deflate blocks (RFC 1951) between a head and a checksum. What stands
before and after the gap is compressed once; what fills it goes between them as a stored block.
"""

import zlib

_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # deflate, no name, no time, smallest, unknown system
_RAW = -zlib.MAX_WBITS


class Stencil:
    """A page whose one gap is filled for each person.

    Raises:
        ValueError: the gap does not stand in the page exactly once.
    """

    def __init__(self, page: bytes, gap: bytes) -> None:
        if page.count(gap) != 1:
            raise ValueError("a stencil needs its gap exactly once")
        self._before, _, self._after = page.partition(gap)
        before = zlib.compressobj(9, wbits=_RAW)
        # A flush ends on a whole byte, so that the next block can be put behind it.
        self._head = _HEAD + before.compress(self._before) + before.flush(zlib.Z_SYNC_FLUSH)
        after = zlib.compressobj(9, wbits=_RAW)
        self._tail = after.compress(self._after) + after.flush()
        self._checksum = zlib.crc32(self._before)

    def plain(self, text: bytes) -> bytes:
        """The page with its gap filled."""
        return self._before + text + self._after

    def gzip(self, text: bytes) -> bytes:
        """The page with its gap filled, as a gzip file; ``text`` has at most 65,535 bytes."""
        length = len(text)
        stored = b"\0" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + text
        checksum = zlib.crc32(self._after, zlib.crc32(text, self._checksum))
        size = len(self._before) + length + len(self._after)
        return b"".join(
            (self._head, stored, self._tail, checksum.to_bytes(4, "little"), size.to_bytes(4, "little"))
        )

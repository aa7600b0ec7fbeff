"""A page with a gap: filled, it is the page; compressed, any reader of gzip gets the very same page."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.stencil import Stencil


@given(before=st.binary(max_size=500), after=st.binary(max_size=500), text=st.binary(max_size=300))
def test_the_compressed_page_unpacks_to_the_plain_one(before: bytes, after: bytes, text: bytes) -> None:
    gap = b"(the gap)"
    if (before + gap + after).count(gap) != 1:
        return
    stencil = Stencil(before + gap + after, gap)
    assert stencil.plain(text) == before + text + after
    assert gzip.decompress(stencil.gzip(text)) == stencil.plain(text)


def test_filling_again_leaves_nothing_of_the_last_filling() -> None:
    stencil = Stencil(b"receipt: GAP.", b"GAP")
    stencil.gzip(b"AAAA")
    assert gzip.decompress(stencil.gzip(b"BBBB")) == b"receipt: BBBB."


@pytest.mark.parametrize("page", [b"no gap here", b"GAP and GAP"])
def test_a_page_without_exactly_one_gap_is_refused(page: bytes) -> None:
    with pytest.raises(ValueError, match="exactly once"):
        Stencil(page, b"GAP")

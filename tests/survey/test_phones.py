"""Telephone numbers: the short way for numbers already written as E.164 agrees with the library."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.intake import read_phone


def _by_the_library(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@settings(max_examples=400)
@given(
    region=st.sampled_from(["ID", "US", "AR", "IT", "RU", "SG", "MX", "DE"]),
    start=st.sampled_from(["+62", "+628", "+6281", "+1", "+54", "+39", "+7", "+65", "+49", "08", "0062", ""]),
    digits=st.text("0123456789", min_size=0, max_size=13),
)
def test_every_number_is_read_as_the_library_reads_it(region: str, start: str, digits: str) -> None:
    assert read_phone(start + digits, region) == _by_the_library(start + digits, region)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+6281234567890", "+6281234567890"),
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("+14155552671", "+14155552671"),
        ("12345", None),
        ("+62", None),
        ("not a number", None),
    ],
)
def test_a_number_becomes_e164_or_nothing(text: str, expected: str | None) -> None:
    assert read_phone(text, "ID") == expected

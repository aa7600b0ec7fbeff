"""Telephone numbers: read as the library reads them, short of its traps, and who may be written to."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.phones import reachable, read_phone, read_sender

REGIONS = st.sampled_from(["ID", "US", "AR", "IT", "RU", "SG", "MX", "DE"])
FULL_WIDTH = str.maketrans("0123456789+", "０１２３４５６７８９＋")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


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
    region=REGIONS,
    start=st.sampled_from(["+62", "+628", "+6281", "+1", "+54", "+39", "+7", "+65", "+49", "08", "0062", ""]),
    digits=st.text("0123456789", min_size=0, max_size=13),
)
def test_every_number_is_read_as_the_library_reads_it(region: str, start: str, digits: str) -> None:
    text = start + digits
    meant = "+" + text[2:] if text.startswith("00") else text
    assert read_phone(text, region) == _by_the_library(meant, region)


@given(region=REGIONS, digits=st.text("0123456789 -", min_size=0, max_size=16))
def test_digits_of_other_scripts_are_the_same_digits(region: str, digits: str) -> None:
    assert read_phone(digits.translate(FULL_WIDTH), region) == read_phone(digits, region)
    assert read_phone(digits.translate(ARABIC), region) == read_phone(digits, region)


@given(text=st.text(max_size=80) | st.text("+0062812 ()-.ext;x", max_size=80), region=REGIONS)
def test_whatever_is_written_gives_a_valid_number_or_none(text: str, region: str) -> None:
    for found in (read_phone(text, region), read_sender(text, region)):
        if found is not None:
            assert _by_the_library(found, region) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+6281234567890", "+6281234567890"),
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("62812 3456 7890", "+6281234567890"),
        ("812 3456 7890", "+6281234567890"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("  0812.3456.7890\n", "+6281234567890"),
        ("HP: 0812 3456 7890", "+6281234567890"),
        ("０８１２３４５６７８９０", "+6281234567890"),
        ("＋６２８１２３４５６７８９０", "+6281234567890"),
        ("٠٨١٢٣٤٥٦٧٨٩٠", "+6281234567890"),
        ("+14155552671", "+14155552671"),
        ("12345", None),
        ("+62", None),
        ("99777", None),
        ("+628123456789012345", None),
        ("not a number", None),
        ("", None),
        ("0" * 5000, None),
    ],
)
def test_a_number_becomes_e164_or_nothing(text: str, expected: str | None) -> None:
    assert read_phone(text, "ID") == expected


@pytest.mark.parametrize(
    "text", ["006281234567890", "00 62 812 3456 7890", "(00)62-812-3456-7890", "00 62 (0)812 3456 7890"]
)
@pytest.mark.parametrize("region", ["ID", "US", "DE"])
def test_two_zeros_in_front_mean_a_plus_everywhere(text: str, region: str) -> None:
    """Indonesia dials abroad with 008 and the like, so the library takes 0062 for a number at home."""
    assert read_phone(text, region) == "+6281234567890"


def test_two_zeros_and_an_8_are_not_taken_for_the_prefix_of_a_carrier() -> None:
    """With 008 stripped, somebody in Australia would be written to instead of nobody in China."""
    assert _by_the_library("008610412345678", "ID") == "+61412345678"
    assert read_phone("008610412345678", "ID") is None


@pytest.mark.parametrize("text", ["0812XXXXXXXX", "0812 3456 xxxx", "0812ABCDEFGH", "0812-3456-7890 ext 4"])
def test_letters_behind_digits_are_never_dialled(text: str) -> None:
    """A masked number read by the letters on a dial is the valid number of a stranger."""
    assert _by_the_library(text, "ID") is not None
    assert read_phone(text, "ID") is None
    assert read_sender(text, "ID") is None


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("+6281234567890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("081234567890", "+6281234567890"),
        ("006281234567890", "+6281234567890"),
        ("+60123456789", "+60123456789"),
        ("60123456789", "+60123456789"),
        ("99777", None),
        ("+99777", None),
        ("3636", None),
        ("TELKOMSEL", None),
        ("BRI123456789", None),
        ("HP 081234567890", None),
        ("+62218091234", None),  # a landline of Jakarta
        ("0218091234", None),
        ("08001234567", None),  # toll-free
        ("", None),
        ("+", None),
        ("💌", None),
        ("1" * 5000, None),
    ],
)
def test_a_machine_has_no_number_to_answer(sender: str, expected: str | None) -> None:
    assert read_sender(sender, "ID") == expected


@pytest.mark.parametrize(
    ("phone", "countries", "expected"),
    [
        ("+6281234567890", ("ID",), None),
        ("+62218091234", ("ID",), "landline"),
        ("+628001234567", ("ID",), "not_mobile"),
        ("+60123456789", ("ID",), "foreign"),
        ("+60123456789", ("ID", "MY"), None),
        ("+14155552671", ("US",), None),  # the plan tells mobile from fixed nowhere
        ("+14155552671", ("CA",), "foreign"),  # one country code, two countries
        ("+6281234567890", (), "foreign"),
        ("+88213123456", ("ID",), "foreign"),
        ("", ("ID",), "not_mobile"),
        ("TELKOMSEL", ("ID",), "not_mobile"),
    ],
)
def test_only_mobile_numbers_of_the_allowed_countries_may_be_written_to(
    phone: str, countries: tuple[str, ...], expected: str | None
) -> None:
    assert reachable(phone, countries) == expected

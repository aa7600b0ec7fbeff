import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import analysis.masking.vocabulary as vocabulary_file
from analysis.masking import KINDS, MARKS, Masker, mask, masker
from analysis.masking.runs import is_nik

ROOT = Path(__file__).resolve().parents[2]
PIECES = (
    "pak ", "bu ", "Budi ", "sri ", "petugas ", "a.n. ", "Siti Aminah ", "nama saya ", "dr. ", "H. ", "M. ",
    "0812", "3456", "7890", "3201014101900001", "+62 ", "(021) ", "wa ", "rek bca ", "nik ", "rp ",
    "1.500.000",
    "nol ", "satu ", "delapan ", "@", "a@b.id", " at gmail dot com", "http://", "x.go.id/",
    "wa.me/", "ig: ", "B 1234 XYZ",
    "plat ", "Jl. Mawar No. 12", "RT 03", "/RW 05", "lahir ", "12-03-1990", "4K7P-9MWX-A2CD",
    "[nama]", "[nik]", "[", "]",
    " ", ", ", ". ", "-", "\n", "\u200b", "\u202e", "\ufffc", "é", "🙂", "１２", "lama sekali ", "tolong ",
)  # fmt: skip
comments = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@given(comments)
@example("08123456789 3201014101900001 1234 pak 0812345678 budi")
@example("pak [nama] budi")
@example("[[nik]]3201014101900001")
def test_a_second_masking_changes_nothing_and_counts_nothing(text):
    masked = mask(text).text
    assert mask(masked) == (masked, {})


@given(comments)
def test_what_is_not_masked_stays_character_for_character(text):
    masked, counts = mask(text)
    if not counts:
        assert masked is text
    rest = masked
    for mark in MARKS.values():
        rest = rest.replace(mark, "\0")
    at = 0
    for part in rest.split("\0"):
        at = text.index(part, at) + len(part)


@given(comments)
def test_as_many_marks_are_added_as_findings_are_counted(text):
    masked, counts = mask(text)
    assert set(counts) <= set(KINDS)
    assert all(count > 0 for count in counts.values())
    for kind, mark in MARKS.items():
        assert masked.count(mark) - text.count(mark) <= counts.get(kind, 0)
    marks = sum(masked.count(mark) for mark in MARKS.values())
    before = sum(text.count(mark) for mark in MARKS.values())
    assert marks - before <= sum(counts.values())


@given(
    st.integers(11, 99), st.integers(1, 9999), st.integers(1, 28), st.integers(1, 12), st.integers(1, 9999)
)
def test_a_nik_is_found_however_it_is_written(province, place, day, month, number):
    for sex in (0, 40):
        digits = f"{province}{place:04}{day + sex:02}{month:02}90{number:04}"
        assert is_nik(digits)
        grouped = " ".join(digits[at : at + 4] for at in range(0, 16, 4))
        for written in (digits, grouped, grouped.replace(" ", "-"), "\u200b".join(digits)):
            assert mask(f"data {written} salah") == ("data [nik] salah", {"nik": 1})


@pytest.mark.parametrize(
    "digits", ["3201013213900001", "3201010001900001", "0901014101900001", "3201017201900001"]
)
def test_a_number_without_a_date_or_a_province_is_no_nik_but_is_masked_all_the_same(digits):
    assert not is_nik(digits)
    assert mask(digits) == ("[identitas]", {"identity": 1})


def test_every_finding_is_counted_by_its_kind():
    masked = mask("pak budi 081234567890, bu sri 081234567891, a@b.id")
    assert masked.counts == {"name": 2, "phone": 2, "email": 1}
    assert masked.text == "pak [nama] [telepon], bu [nama] [telepon], [surel]"


def test_what_cannot_be_seen_does_not_hide_a_number():
    assert mask("hp 0\u200b8\u200d1\u20602\ufeff3\u00ad456789\u202e0 ya").text == "hp [telepon] ya"
    assert mask("hp ٠٨١٢٣٤٥٦٧٨٩٠").text == "hp [telepon]"
    assert mask("hp 0️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣").counts == {"phone": 1}
    assert mask("a\u200bb tetap\u00a0utuh") == ("a\u200bb tetap\u00a0utuh", {})


def test_a_free_phone_number_and_a_service_number_are_nobodys():
    for text in ("0800 1234567", "call center 1500454", "112", "14000"):
        assert mask(text) == (text, {})


def test_an_amount_stays_whatever_its_length():
    for text in (
        "Rp 1500000000",
        "rp1.500.000.000",
        "1500000001 rupiah",
        "12.345.678.901",
        "2019-2020-2021-2022",
    ):
        assert mask(text) == (text, {})


def test_a_host_stays_and_what_stands_behind_it_goes():
    assert mask("buka https://lapor.go.id.") == ("buka https://lapor.go.id.", {})
    assert mask("buka https://lapor.go.id/4K7P9MWXA2CD.").text == "buka [tautan]."


def test_the_code_of_a_link_or_a_receipt_is_never_kept():
    for code in ("4K7P9MWXA2CD", "4k7p9mwxa2cd", "4K7P-9MWX-A2CD", "4K7P 9MWX A2CD", "4K7P.9MWX.A2CD"):
        assert mask(f"kode {code} hilang") == ("kode [kode] hilang", {"code": 1})
    assert mask("kode ACDEFHJKMNPR").text == "kode [kode]"
    assert mask("KEKHAWATIRAN") == ("KEKHAWATIRAN", {})


def test_a_comma_or_a_new_line_ends_the_address():
    for text in ("pak, tolong", "terima kasih pak\nSulastri", "terima kasih bu. Sulastri"):
        assert mask(text) == (text, {})


def test_capitals_tell_a_name_behind_an_office_but_not_where_all_is_written_with_them():
    assert mask("petugas Zefanya lambat").counts == {"name": 1}
    assert mask("petugas zefrino lambat").counts == {}
    assert mask("PETUGAS ZEFRINO LAMBAT SEKALI").counts == {}
    assert mask("PAK ZEFRINO LAMBAT SEKALI").counts == {"name": 1}


def test_titles_in_a_row_count_as_the_surest_of_them_unless_one_is_an_office():
    assert mask("pak haji zefrino antre").text == "pak haji [nama] antre"
    assert mask("bapak/kang zefrino antre").text == "bapak/kang [nama] antre"
    for text in ("haji zefrino antre", "pak haji, zefrino antre", "pak satpam zefrino antre"):
        assert mask(text) == (text, {})


def test_an_abbreviation_that_is_also_a_word_counts_only_with_its_full_stop():
    assert mask("ktp an. zefrino salah").text == "ktp an. [nama] salah"
    for text in ("with an Umbrella", "ktp an zefrino salah"):
        assert mask(text) == (text, {})


def test_a_street_or_a_hospital_named_after_somebody_stays():
    for text in ("Jalan Dewi Sartika macet", "RSUD Siti Aminah penuh"):
        assert mask(text) == (text, {})


def test_no_mark_is_a_name_or_a_number_to_a_second_look():
    for mark in MARKS.values():
        for before in ("pak ", "petugas ", "hp ", "rek ", "nama saya "):
            assert mask(before + mark) == (before + mark, {})


def test_a_deployment_adds_words_of_its_own(tmp_path):
    (tmp_path / "ordinary.tsv").write_text("word\tnote\nbudi\there a word\n", encoding="utf-8")
    (tmp_path / "titles.tsv").write_text("word\tkind\tnote\ndatu\ttitle\t\n", encoding="utf-8")
    (tmp_path / "names.tsv").write_text("word\tkind\tnote\nLambat\tname\t\n", encoding="utf-8")
    own = masker(tmp_path)
    assert own is masker(tmp_path)
    assert own.mask("datu zefrino dan pak budi, pak lambat").text == "datu [nama] dan pak budi, pak [nama]"
    assert mask("datu zefrino dan pak budi, pak lambat").text == "datu zefrino dan pak [nama], pak lambat"


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("titles.tsv", "word\tkind\n# a remark\npak\ttitel\n", "titles.tsv, line 3: write one of title"),
        ("names.tsv", "name\tkind\nbudi\tname\n", "names.tsv, line 1: begin with the columns word and kind"),
        ("names.tsv", "word\tkind\nbudi\n", "names.tsv, line 2: write one of name, word"),
        ("ordinary.tsv", "word\tnote\na b c d\t\n", "ordinary.tsv, line 2: write one to three words"),
        ("ordinary.tsv", "word\tnote\n\tnothing\n", "ordinary.tsv, line 2: write one to three words"),
    ],
)
def test_an_error_in_a_file_says_where_it_is_and_what_to_do(tmp_path, name, rows, told):
    (tmp_path / name).write_text(rows, encoding="utf-8")
    with pytest.raises(ValueError, match="^" + told):
        Masker(tmp_path)


def test_no_word_stands_twice_in_a_file_of_ours():
    for path in (Path(vocabulary_file.__file__).parent / "data").glob("*.tsv"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        words = [line.split("\t")[0] for line in lines]
        assert len(words) > 100
        assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "1 2-3.4 5-", "0812 ", "pak ", "bu sri ", "@", "a@b", "a.", "A1", "nol ", "www.", "http://a.",
     "ig:", "RT 1 ", "jl a ", "lahir ", "[nik]", "\u200b", "-", "(021) ", "B 1", "M. ", "aaaa at gmail ",
     "bank 12 ", "pak.pak."],
)  # fmt: skip
def test_the_time_grows_with_the_length_and_no_faster(piece):
    def seconds(size):
        text = piece * (size // len(piece))
        began = process_time()
        mask(text)
        return process_time() - began

    seconds(1_000)
    short = min(seconds(10_000) for _ in range(3))
    # Ten times the length, three times the slack for a busy machine: a square would take a hundred times.
    assert min(seconds(100_000) for _ in range(2)) < 30 * max(short, 0.002)


def test_the_masking_imports_nothing_heavy_and_says_nothing():
    code = (
        "import sys, analysis.masking; print(analysis.masking.mask('pak budi 081234567890').text);"
        "heavy = 'numpy', 'textblob', 'sklearn', 'phonenumbers', 'logging';"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines() == ["pak [nama] [telepon]", "[]"]
    assert done.stderr == ""

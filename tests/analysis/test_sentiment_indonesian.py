"""Comments in Indonesian as citizens write it; the larger list is sentiment_comments.tsv."""

from pathlib import Path

import pytest

from analysis.sentiment import lexicon_analyzer

FILE = Path(__file__).parent / "sentiment_comments.tsv"
COMMENTS = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()[1:]]
FLOOR = 0.95


def read(text):
    return lexicon_analyzer().read(text)


def label(text):
    return read(text).label


def only(text):
    """The one word that decided."""
    (word,) = read(text).words
    return word


def test_of_the_comments_hardly_one_is_labelled_otherwise_than_by_a_reader():
    assert len(COMMENTS) > 250
    found = lexicon_analyzer().label_many([text for text, _, _ in COMMENTS])
    right = sum(one == expected for one, (_, expected, _) in zip(found, COMMENTS, strict=True))
    assert right / len(COMMENTS) >= FLOOR


@pytest.mark.parametrize("expected", ["negative", "neutral", "positive"])
def test_no_label_is_neglected_for_the_others(expected):
    texts = [text for text, one, _ in COMMENTS if one == expected]
    right = lexicon_analyzer().label_many(texts).count(expected)
    assert right / len(texts) >= 0.9


def test_the_comments_are_recognised_as_indonesian():
    known = [read(text).language in (language, "und") for text, _, language in COMMENTS]
    assert sum(known) / len(known) >= 0.97


@pytest.mark.parametrize(
    ("praise", "blame"),
    [
        ("petugasnya ramah", "petugasnya tidak ramah"),
        ("petugasnya ramah", "petugasnya gk ramah"),
        ("petugasnya ramah", "petugasnya nggak begitu ramah"),
        ("pelayanan tidak lama", "pelayanan lama"),
        ("tidak ada pungli", "ada pungli"),
        ("belum pernah dipersulit", "dipersulit"),
        ("tidak pernah dimintai uang", "dimintai uang"),
        ("bersih", "kurang bersih"),
        ("antrinya gak lama", "antrinya lama"),
        ("jalur pengaduan jelas", "jalur pengaduan tidak cukup jelas"),
        ("bisa login, mantap", "tidak bisa login"),
        ("lebih cepat dari dulu", "lebih cepat dulu"),
        ("lebih cepat dari sebelumnya", "lebih cepat waktu masih manual"),
        ("cuma 5 menit", "nunggu 5 jam"),
        ("tidak sampai 10 menit", "sampai 3 jam nunggu"),
        ("petugas membantu", "mohon petugas lebih membantu"),
        ("mantap betul pelayanannya", "mantap betul nunggunya"),
        ("hebat ya petugasnya", "hebat ya, tiga jam"),
        ("sudah selesai 👏", "sudah lapor tiga kali tidak direspon 👏"),
        ("lancar", "tidak pernah lancar"),
        ("luar biasa ramah", "luar biasa buruk"),
        ("bukan main cepatnya", "bukan cuma lama, petugasnya juga kasar"),
    ],
)
def test_a_small_word_turns_a_judgement(praise, blame):
    assert (label(praise), label(blame)) == ("positive", "negative")


@pytest.mark.parametrize("text", ["gk ada pungli, cepat bgt", "antri nya gak lama", "tanpa calo"])
def test_the_absence_of_something_bad_is_praise(text):
    assert label(text) == "positive"


def test_a_negated_bad_word_at_the_end_of_a_clause_turns_strongly():
    assert only("di sini tidak ada pungli").contribution >= 2


def test_a_negator_reaches_over_two_words_but_not_over_a_comma_or_a_reason():
    assert label("tidak terlihat petugas ramah") == "negative"
    assert read("tidak, petugasnya ramah").words[0].text == "ramah"
    assert read("tidak datang karena lambat").polarity < 0


def test_what_cannot_be_done_stays_a_complaint_before_a_bad_word():
    words = {word.text: word.contribution for word in read("tidak bisa login error terus").words}
    assert set(words) == {"tidak bisa", "error terus"}
    assert max(words.values()) < 0


def test_the_negator_is_shown_with_its_word():
    assert only("Petugas Tidak Ramah").text == "Tidak Ramah"
    assert only("sama sekali kurang bersih").text == "kurang bersih"
    assert only("terlalu mahal").text == "terlalu mahal"


def test_too_little_and_too_much_are_complaints():
    assert read("kurang cepat").polarity < 0 < read("cepat").polarity
    assert read("terlalu mahal").polarity < read("mahal").polarity < 0
    assert read("terlalu ramai dan terlalu ketat").polarity < 0


def test_not_too_bad_is_weaker_than_not_bad():
    assert 0 < read("tidak terlalu mahal").polarity < read("tidak mahal").polarity
    assert 0 < read("tidak kelewat mahal").polarity < read("tidak mahal").polarity


@pytest.mark.parametrize(("weaker", "stronger"), [("bagus", "bagus banget"), ("cepat", "sangat cepat")])
def test_degree_words_strengthen_before_and_behind(weaker, stronger):
    assert read(weaker).polarity < read(stronger).polarity


def test_a_degree_word_behind_a_full_stop_strengthens_nothing():
    assert read("mahal. Banget").polarity == read("mahal.").polarity


def test_little_degree_weakens():
    assert read("lambat").polarity < read("agak lambat").polarity < 0


@pytest.mark.parametrize(
    "text",
    [
        "mohon dipercepat",
        "tolong diperbaiki",
        "mohon lebih ramah",
        "semoga tidak lelet lagi",
        "perlu dibenahi",
    ],
)
def test_a_request_is_no_praise(text):
    assert label(text) == "negative"


def test_a_wish_behind_praise_takes_nothing_away():
    assert label("pelayanan bagus, semoga sukses selalu") == "positive"
    assert label("petugas ramah. Semoga lebih baik lagi") == "positive"


def test_what_stands_behind_but_weighs_more():
    assert read("ramah tapi lambat").polarity < 0 < read("lambat tapi ramah").polarity


def test_a_long_time_is_a_complaint_only_where_waiting_is_spoken_of():
    assert label("menunggu 3 jam") == "negative"
    assert read("menunggu 3 jam").polarity < read("menunggu").polarity
    assert label("tiga jam kami menunggu") == "negative"
    assert read("antri 2jam").polarity < read("antri").polarity
    assert label("berlaku 5 tahun") == "neutral"


def test_a_queue_that_goes_fast_is_praised():
    assert label("antriannya cepat") == "positive"
    assert label("antrian panjang") == "negative"


def test_praise_is_mockery_only_beside_a_complaint():
    assert read("hebat ya petugasnya").polarity > 0
    mocked = read("hebat ya, berkas hilang terus")
    assert min(mocked.words, key=lambda word: word.text != "hebat ya").contribution < 0
    assert mocked.label == "negative"


@pytest.mark.parametrize(
    ("emoji", "expected"), [("👍", "positive"), ("😡", "negative"), (":(", "negative"), ("<3", "positive")]
)
def test_emoji_and_emoticons_count(emoji, expected):
    assert label(f"pelayanan {emoji}") == expected


def test_an_emoji_counts_in_whatever_colour():
    assert read("👍🏽").polarity == read("👍").polarity > 0


@pytest.mark.parametrize(
    "text",
    [
        "tidak ada saran",
        "apakah hari sabtu buka?",
        "selamat pagi",
        "surat kehilangan dari polsek",
        "kotak pengaduan di lantai satu",
        "saya dari rumah sakit",
    ],
)
def test_what_judges_nothing_is_neutral(text):
    assert label(text) == "neutral"


def test_who_praises_and_blames_a_lot_has_an_opinion():
    both = "petugas ramah, ruangan bersih, tetapi loket kotor dan antrian lambat sekali"
    assert label(both) != "neutral"


@pytest.mark.parametrize(
    "text",
    ["aplikasi error terus, verifikasi wajah gagal", "gk bs login trus", "otp ga masuk2", "server down"],
)
def test_what_fails_in_an_app_is_a_complaint(text):
    assert label(text) == "negative"


def test_javanese_sundanese_and_english_words_count_in_an_indonesian_comment():
    assert label("petugasnya grapyak dan ruangannya dekat") == "positive"
    assert label("petugas di sana someah dan ruangannya dekat") == "positive"
    assert label("petugas di sini helpful dan ruangannya dekat") == "positive"


def test_textblob_says_the_same_through_its_own_kind_of_analyser():
    from textblob import Blobber, TextBlob

    from analysis.sentiment.indonesian import IndonesianAnalyzer

    text = "Petugas TIDAK ramah, tapi cepat"
    said = TextBlob(text, analyzer=IndonesianAnalyzer()).sentiment
    ours = read(text)
    assert said == (ours.polarity, ours.label, ours.confidence, ours.words)
    assert said._fields == ("polarity", "label", "confidence", "words")
    assert Blobber(analyzer=IndonesianAnalyzer())("buruk sekali").sentiment.label == "negative"

"""Words in all their forms, and the tables they are looked up in."""

import re
import unicodedata

import pytest

from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.analyzer import LexiconAnalyzer
from analysis.sentiment.language import LANGUAGES
from analysis.sentiment.lexicon import KINDS, OURS, DataError, load
from analysis.sentiment.tokens import prepare, spans, tokens

DATA = load()


def value(word):
    """What one word contributes; 0 when it is not known."""
    return sum(found.contribution for found in lexicon_analyzer().read(f"pelayanan {word}").words)


@pytest.fixture
def folder(tmp_path):
    """A deployment's own folder: a function that writes one of its files."""

    def write(name, *rows):
        (tmp_path / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ramahnya", "ramah"),
        ("ramahlah", "ramah"),
        ("ramahh", "ramah"),
        ("lamaaaaaa", "lama"),
        ("LAMAAA", "lama"),
        ("ramah2", "ramah"),
        ("ramah-ramah", "ramah"),
        ("baguuus", "bagus"),
        ("bguss", "bagus"),
        ("jlek", "jelek"),
        ("cpt", "cepat"),
        ("ramahx", "ramah"),
        ("bertele2", "bertele-tele"),
        ("bertele tele", "bertele-tele"),
        ("bolak balik", "bolak-balik"),
        ("m\u0336a\u0301hal", "mahal"),
        ("mahàl", "mahal"),
        ("rama\u200bh", "ramah"),
        ("ｒａｍａｈ", "ramah"),
    ],
)
def test_a_word_is_known_however_it_is_spelt(written, plain):
    assert value(written) == value(plain) != 0


@pytest.mark.parametrize(
    ("derived", "root"),
    [
        ("membodohi", "bodoh"),
        ("menyesatkan", "sesat"),
        ("dimahalkan", "mahal"),
        ("mengotori", "kotor"),
        ("secepat", "cepat"),
        ("membersihkan", "bersih"),
        ("memucat", None),
        ("kebersihannya", "bersih"),
    ],
)
def test_a_derivation_means_what_its_root_means_a_little_less(derived, root):
    if root is None:
        assert value(derived) == 0
    else:
        assert 0 < abs(value(derived)) <= abs(value(root))
        assert (value(derived) > 0) == (value(root) > 0)


def test_a_superlative_means_more():
    assert value("terkotor") < value("kotor") < 0


@pytest.mark.parametrize("word", ["antara", "bekasi", "keterangan", "dimana", "sekolah", "diri", "sore"])
def test_a_word_that_only_looks_derived_means_nothing(word):
    assert value(word) == 0


@pytest.mark.parametrize("word", ["goreng", "padu", "liar"])
def test_a_word_of_a_neighbour_that_means_something_else_here_means_nothing(word):
    assert value(word) == 0


def test_slang_is_read_in_indonesian_only():
    assert value("jlk") < 0
    javanese = lexicon_analyzer().read("omahe kuwi jlk lan adoh banget saka kene")
    assert javanese.language == "jv"
    assert "jlk" not in [word.text for word in javanese.words]


def test_the_longest_phrase_is_found():
    (word,) = lexicon_analyzer().read("otp tidak masuk").words
    assert word.text == "otp tidak masuk"


def test_a_phrase_is_found_in_the_spelling_of_messages():
    (word,) = lexicon_analyzer().read("hrs ke ktr").words
    assert word.text == "hrs ke ktr"


def test_tokens_are_words_numbers_marks_emoticons_and_emoji():
    assert tokens("cepat, 2,5 jam :) tele-tele 3jam!! 👍") == [
        *("cepat", ",", "2,5", "jam", ":)", "tele-tele", "3jam", "!!", "👍")
    ]
    assert tokens("nge-lag :( don't -_-") == ["nge-lag", ":(", "don't", "-_-"]


def test_a_colon_before_a_word_is_no_emoticon():
    assert ":d" not in tokens("catatan:di loket")


def test_plain_and_other_text_are_cut_alike():
    plain = "gk bs login!! (3x) 10.30 :( bertele-tele, 3jam <3"
    assert tokens(plain) == tokens(plain + " é")[:-1]


def test_tags_links_and_control_characters_are_no_words():
    shown = prepare("<b>Bagus</b> https://contoh.id/buruk?x=jelek \x07 ramah").shown
    assert shown.split() == ["Bagus", "ramah"]


@pytest.mark.parametrize("word", ["saé", "sae\u0301", "SAÉ", "rahayu", "perlèn"])
def test_letters_of_javanese_and_sundanese_keep_their_accents(word):
    assert tokens(prepare(word).lower) == [unicodedata.normalize("NFC", word.lower())]


def test_a_span_is_where_the_token_stands():
    prepared = prepare("Loket 2: RAMAH, Bersih 👍🏽")
    assert [prepared.lower[span.start : span.end] for span in spans(prepared.lower)] == tokens(prepared.lower)
    assert len(prepared.shown) == len(prepared.lower)


def test_the_indonesian_lexicon_is_as_large_as_it_should_be():
    assert 1_500 < len(DATA.valences["id"]) < 2_500
    assert len(DATA.slang) > 500


def test_words_of_public_service_are_in_it():
    wanted = ["pungli", "calo", "antre", "berbelit-belit", "ramah", "dipersulit", "dioper-oper", "lemot"]
    assert [word for word in wanted if not DATA.valences["id"].get(word)] == []
    phrases = ["satu pintu", "force close", "server down", "otp tidak masuk", "harus ke kantor"]
    assert [phrase for phrase in phrases if not DATA.valences["id"].get(phrase)] == []


def test_no_phrase_has_a_word_that_slang_would_have_replaced():
    phrases = [word for word in (*DATA.valences["id"], *DATA.modifiers["id"]) if " " in word]
    wrong = [phrase for phrase in phrases for word in phrase.split() if DATA.slang.get(word, word) != word]
    assert wrong == []


def test_slang_means_what_the_tables_know_or_an_ordinary_word():
    assert [meant for meant in DATA.slang.values() if meant in DATA.slang] == []


def test_every_kind_of_modifier_explained_is_used():
    used = {modifier.kind for modifiers in DATA.modifiers.values() for modifier in modifiers.values()}
    assert used == set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_of_praise_and_of_complaint(language):
    values = DATA.valences[language].values()
    assert sum(value > 0 for value in values) > 50
    assert sum(value < 0 for value in values) > 50


def test_a_deployment_adds_overrides_and_removes_rows(folder):
    analyzer = LexiconAnalyzer(
        folder("lexicon.id.tsv", "word\tvalence\tkind", "# ours", "sakpore\t3", "ramah\t0\tadj", "kotor\t2")
    )
    assert analyzer.read("pelayanan sakpore").label == "positive"
    assert analyzer.read("petugas ramah").polarity == 0
    assert analyzer.read("kotor").label == "positive"
    assert lexicon_analyzer().read("petugas ramah").label == "positive"


def test_a_deployment_removes_a_modifier_with_strength_zero(folder):
    assert lexicon_analyzer().read("sangat ramah").words[0].text == "sangat ramah"
    analyzer = LexiconAnalyzer(folder("modifiers.id.tsv", "word\tkind\tstrength", "sangat\tintensifier\t0"))
    assert analyzer.read("sangat ramah").words[0].text == "ramah"


def test_a_deployment_teaches_slang_and_emoji(folder):
    folder("emoji.tsv", "emoji\tvalence", "🦖\t-4")
    analyzer = LexiconAnalyzer(folder("slang.id.tsv", "written\tmeant", "mntpjy\tmantap"))
    assert analyzer.read("pelayanan mntpjy").label == "positive"
    assert analyzer.read("🦖").label == "negative"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("lexicon.jv.tsv", ("word\tvalence", "kata\t1")),
        ("modifiers.su.tsv", ("word\tkind\tstrength", "kata\tnegator\t1")),
        ("slang.id.tsv", ("written\tmeant", "kta\tkata")),
        ("emoji.tsv", ("emoji\tvalence", "🦖\t1")),
        ("function_words.en.tsv", ("word\tweight", "kata\t1")),
    ],
)
def test_any_row_of_any_file_changes_the_version(folder, name, rows):
    version = LexiconAnalyzer(folder(name, *rows)).version
    assert version != lexicon_analyzer().version
    assert re.fullmatch(r"lexicon-\d+\+[0-9a-f]{8}", version)
    assert LexiconAnalyzer(folder(name, *rows)).version == version


@pytest.mark.parametrize(
    ("name", "row", "says"),
    [
        ("lexicon.id.tsv", "kata", "give the valence as a number"),
        ("lexicon.id.tsv", "kata\tbagus", "give the valence as a number"),
        ("lexicon.id.tsv", "kata\tnan", "from -4 to 4"),
        ("lexicon.id.tsv", "kata\t4.5", "from -4 to 4"),
        ("lexicon.id.tsv", "kata\t0.3", "steps of 0.5"),
        ("lexicon.id.tsv", "\t1", "give a word in the first column"),
        ("lexicon.id.tsv", "a b c d e\t1", "at most 4 words"),
        ("modifiers.jv.tsv", "kata\tadverb\t1", "must be one of: negator, intensifier"),
        ("modifiers.jv.tsv", "kata\tnegator\t4", "from 0 to 3"),
        ("slang.id.tsv", "dua kata\tbagus", "must be one word"),
        ("slang.id.tsv", "kata", "say in the second column"),
        ("emoji.tsv", "🦖\t9", "from -4 to 4"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_what_to_do(folder, name, row, says):
    extra = folder(name, "first\tline", "", "# a comment", row)
    with pytest.raises(DataError, match=re.escape(f"{extra / name}, line 4: ") + f".*{re.escape(says)}"):
        load(extra)


def test_a_word_that_stands_twice_is_named_with_its_first_line(folder):
    extra = folder("lexicon.id.tsv", "word\tvalence", "kata\t1", "Kata\t2")
    with pytest.raises(DataError, match='line 3: "kata" stands in line 2 already'):
        load(extra)


def test_a_file_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "lexicon.id.tsv").write_bytes("word\tvalence\ncafé\t1\n".encode("latin-1"))
    with pytest.raises(DataError, match="save this file as UTF-8"):
        load(tmp_path)


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path):
    (tmp_path / "lexicon.id.tsv").write_bytes("word\tvalence\r\nsakpore\t3\r\n".encode("utf-8-sig"))
    assert load(tmp_path).valences["id"]["sakpore"] == 3


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(DataError, match="this is no folder"):
        load(tmp_path / "missing")


def test_our_files_have_headings_that_tell_their_columns():
    headings = {
        "lexicon": ["word", "valence", "kind", "note"],
        "modifiers": ["word", "kind", "strength", "note"],
        "slang": ["written", "meant", "note"],
        "emoji": ["emoji", "valence", "note"],
        "function_words": ["word", "weight", "note"],
    }
    for file in OURS.glob("*.tsv"):
        first = file.read_text(encoding="utf-8").split("\n", 1)[0]
        assert first.split("\t") == headings[file.name.partition(".")[0]]

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sentiment.language import (
    HEAD_START,
    LANGUAGES,
    decide,
    language_of,
    table,
    votes,
)
from analysis.sentiment.tokens import prepare, tokens

COMMENTS = [
    line.split("\t")
    for line in (Path(__file__).parent / "language_comments.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]


def words(text):
    return [token for token in tokens(prepare(text).lower) if token[0].isalpha()]


def language(text, **how):
    return language_of(words(text), **how)


@pytest.mark.parametrize("expected", ["jv", "su", "en"])
def test_comments_are_known_for_their_language(expected):
    found = [language(text) for text, lang, _ in COMMENTS if lang == expected]
    assert len(found) >= 60
    assert found.count(expected) / len(found) >= 0.95


@pytest.mark.parametrize(("expected", "floor"), [("jv", 0.87), ("su", 0.87), ("en", 0.97)])
def test_the_first_six_words_are_mostly_enough(expected, floor):
    found = [language_of(words(text)[:6]) for text, lang, _ in COMMENTS if lang == expected]
    assert found.count(expected) / len(found) >= floor


@pytest.mark.parametrize(
    "text",
    [
        "gk bs login trus",
        "apk nya lemot bgt",
        "udh 2 minggu blm jadi jg",
        "otp ga masuk masuk",
        "server down mulu min",
        "toilet bau pesing",
        "tlg dong di perbaiki",
        "cepet bgt, mantap",
        "aplikasi error terus, verifikasi wajah gagal",
        "sangat membantu",
        "kok ngelag sih",
        "bintang satu aja",
        "good job pak camat",
    ],
)
def test_indonesian_as_written_in_messages_is_indonesian(text):
    assert language(text) == "id"


def test_words_that_tell_nothing_count_as_indonesian():
    assert votes("mantul") is None
    assert language("mantul") == "id"


def test_words_that_tell_nothing_count_as_the_language_of_the_form():
    assert language("mantul", hint="jv") == "jv"


def test_the_language_of_the_form_does_not_outvote_the_words():
    assert language("petugase ramah lan sabar", hint="id") == "jv"
    assert language("sangat membantu sekali", hint="en") == "id"


def test_in_a_tie_the_language_of_the_form_is_believed():
    assert decide((HEAD_START, 0, 0, 0), hint="en") == "en"
    assert decide((0, 0, 0, HEAD_START), hint="id") == "id"


def test_a_hint_of_a_language_that_nobody_knows_is_no_hint():
    assert decide((0, 0, 0, 0), hint="fr") == "id"


def test_without_a_word_the_language_is_undetermined():
    assert language_of([]) == "und"
    assert language("👍👍 12345 !!!") == "und"


def test_of_a_mixed_comment_the_language_of_most_words_counts():
    assert language("the staff were ramah and very helpful") == "en"
    assert language("aplikasinya sudah bagus tapi loading lama sekali") == "id"


def test_votes_are_in_the_order_of_the_languages():
    for place, word in enumerate(("yang", "sing", "anu", "the")):
        found = votes(word)
        assert found is not None
        assert found.index(max(found)) == place
        assert LANGUAGES[place] == decide(found)


def test_a_word_of_two_languages_votes_for_both():
    _, javanese, sundanese, _ = votes("kanggo") or (0, 0, 0, 0)
    assert javanese > 0
    assert sundanese > 0


def test_an_unknown_word_is_told_by_its_ending():
    assert votes("gumbrengkeun") == votes("plokeun")
    assert decide(votes("gumbrengkeun")) == "su"


def test_the_longest_ending_speaks_and_not_those_within_it(tmp_path):
    (tmp_path / "function_words.su.tsv").write_text("word\tweight\n-xun\t9\n-un\t5\n")
    assert votes("blaxun", extra=tmp_path) == (0, 0, 9, 0)


def test_parts_are_not_asked_about_a_word_that_has_a_row():
    # "with" begins like no other word, but it has its own row.
    assert votes("with") == table().words["with"]


def test_an_ending_leaves_at_least_two_letters_over(tmp_path):
    (tmp_path / "function_words.su.tsv").write_text("word\tweight\n-xun\t9\n")
    assert votes("axun", extra=tmp_path) is None
    assert votes("uaxun", extra=tmp_path) == (0, 0, 9, 0)


def test_a_word_is_known_with_the_accents_of_careful_spelling_and_without():
    assert votes("kabèh") == votes("kabeh")
    assert votes("hésé") is not None


def test_letters_without_end_are_no_word():
    assert votes("x" * 100_000 + "keun") is None


def test_one_weak_sign_does_not_make_a_comment_foreign():
    assert HEAD_START == 1
    assert decide((0, 0, 0, HEAD_START)) == "id"
    assert decide((0, 0, 0, HEAD_START + 1)) == "en"


def test_a_deployment_adds_words(tmp_path):
    (tmp_path / "function_words.jv.tsv").write_text("word\tweight\tnote\nblahbloh\t7\tours\n")
    assert votes("blahbloh") is None
    assert votes("blahbloh", extra=tmp_path) == (0, 7, 0, 0)
    assert language_of(["blahbloh"], extra=tmp_path) == "jv"


def test_a_deployment_overrides_and_removes_words(tmp_path):
    (tmp_path / "function_words.en.tsv").write_text("word\tweight\tnote\nthe\t1\t\nvery\t0\t\n")
    assert votes("the", extra=tmp_path) == (0, 0, 0, 1)
    assert votes("very", extra=tmp_path) is None


def test_an_empty_folder_of_a_deployment_changes_nothing(tmp_path):
    assert table(tmp_path) == table()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("anu\t3\n", "line 1: begin with the headings"),
        ("word\tweight\nanu\n", "line 2: give a weight from 0 to 9"),
        ("word\tweight\nanu\t-1\n", "line 2: give a weight from 0 to 9"),
        ("word\tweight\n# remark\n\nanu\t10\n", "line 4: give a weight from 0 to 9"),
        ("word\tweight\nanu\t²\n", "line 2: give a weight from 0 to 9"),
        ("word\tweight\n\t3\n", "line 2: give one word"),
        ("word\tweight\nanu eta\t3\n", "line 2: give one word"),
        ("word\tweight\n-\t3\n", "line 2: give one word"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_file_and_line(tmp_path, content, complaint):
    file = tmp_path / "function_words.su.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint) as raised:
        table(tmp_path)
    assert str(file) in str(raised.value)


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path):
    file = tmp_path / "function_words.su.tsv"
    file.write_bytes("\ufeffword\tweight\tnote\r\nBlahbloh\t4\t\r\n".encode())
    assert votes("blahbloh", extra=tmp_path) == (0, 0, 4, 0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_word_stands_twice_in_a_file(lang):
    file = (
        Path(sys.modules["analysis.sentiment.language"].__file__).parent / f"data/function_words.{lang}.tsv"
    )
    rows = [line.split("\t")[0] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    rows = [row for row in rows if not row.startswith("#")]
    assert len(rows) > 200
    assert sorted(rows) == sorted(set(rows))


def test_the_files_are_read_once():
    assert table() is table()


def test_telling_languages_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from analysis.sentiment.language import language_of\n"
        "assert language_of(['anu', 'eta']) == 'su'\n"
        "print(sorted({'textblob', 'nltk', 'sklearn', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"


@given(st.tuples(*[st.integers(0, 1000)] * 4), st.sampled_from([None, *LANGUAGES]))
def test_the_decision_never_goes_to_a_language_that_is_far_behind(counts, hint):
    decided = decide(counts, hint)
    assert counts[LANGUAGES.index(decided)] >= max(counts) - HEAD_START


@given(
    st.permutations([token for text, _, _ in random.Random(5).sample(COMMENTS, 3) for token in words(text)])
)
def test_the_order_of_the_words_does_not_matter(shuffled):
    assert language_of(shuffled) == language_of(sorted(shuffled))

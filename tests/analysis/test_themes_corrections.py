"""What staff's corrections teach the rules, and when they teach nothing."""

import random

import pytest

from analysis.errors import UnknownKey
from analysis.themes import finder
from analysis.themes.corrections import Correction, learn, rules_of

# "jalur kuning" is known to no rule; "toilet" leads to facilities, though here the office licenses toilets.
ADDED = [
    Correction(f"jalur kuning {word}", ("procedure",))
    for word in ("bikin heran", "parah", "tetap begitu", "kacau", "aneh", "payah")
]
TAKEN = [
    Correction(f"izin toilet umum {word}", ())
    for word in ("untuk warung", "buat pasar", "milik desa", "di terminal", "bagi pedagang", "pinggir jalan")
]
OTHERS = [
    Correction("toiletnya kotor", ("facilities",)),
    Correction("antri lama", ("time",)),
    Correction("mantap", ()),
    Correction("bagus sekali", ()),
    Correction("petugas ramah", ("behaviour",)),
    Correction("syaratnya banyak", ("requirements",)),
    Correction("parkir sempit dan kotor", ("facilities",)),
]


def test_a_phrase_that_the_rules_miss_becomes_a_rule_with_its_evidence() -> None:
    (proposal,) = learn([*ADDED, *OTHERS], finder())
    assert (proposal.effect, proposal.rule.theme) == ("adds", "procedure")
    assert proposal.rule.pattern in ("jalur", "kuning", "jalur kuning")
    assert (proposal.n, proposal.agreeing, proposal.mistakes) == (6, 6, 6)
    # The Wilson lower bound of 6 in 6: 6 / (6 + 1.959964²).
    assert proposal.lower == pytest.approx(6 / (6 + 1.959964**2), abs=1e-6)


def test_a_learned_rule_finds_the_theme_in_comments_nobody_has_corrected() -> None:
    learned = finder().with_rules(rules_of(learn([*ADDED, *OTHERS], finder())))
    assert [one.theme for one in learned.find("di jalur kuning saya heran")] == ["procedure"]
    assert finder().find("di jalur kuning saya heran") == ()
    assert learned.version != finder().version


def test_a_phrase_that_misleads_is_taken_away_and_the_rest_of_the_theme_stays() -> None:
    proposals = learn([*TAKEN, *OTHERS], finder())
    assert {(one.effect, one.rule.theme) for one in proposals} == {("takes away", "facilities")}
    learned = finder().with_rules(rules_of(proposals))
    assert learned.find("izin toilet umum di pasar") == ()
    assert [one.theme for one in learned.find("ruang tunggu kotor")] == ["facilities"]


@pytest.mark.parametrize("few", [0, 1, 4])
def test_too_few_corrections_teach_nothing(few: int) -> None:
    assert learn([*ADDED[:few], *OTHERS], finder()) == ()


def test_staff_who_disagree_teach_nothing() -> None:
    divided = [one._replace(themes=()) if number < 2 else one for number, one in enumerate(ADDED)]
    assert learn([*divided, *OTHERS], finder()) == ()


def test_what_the_rules_find_anyway_is_not_learned_again() -> None:
    confirmed = [
        Correction(f"antri lama {word}", ("time",))
        for word in ("a b", "sekali", "terus", "tadi", "lagi", "ya")
    ]
    assert learn([*confirmed, *OTHERS], finder()) == ()


def test_a_word_of_all_comments_is_not_taken_for_the_cause() -> None:
    everywhere = [Correction(f"kecamatan {one.text}", one.themes) for one in (*ADDED, *OTHERS)]
    assert "kecamatan" not in {one.rule.pattern for one in learn(everywhere, finder())}


def test_a_phrase_that_goes_with_a_theme_no_more_than_other_phrases_do_is_not_learned() -> None:
    # Nearly all that was reviewed is about one theme, with and without "bulak".
    about = [Correction(f"bulak zx{number}", ("procedure",)) for number in range(6)]
    about += [Correction(f"zq{number}", ("procedure",)) for number in range(30)]
    assert learn(about, finder()) == ()


def test_the_order_of_the_corrections_makes_no_difference() -> None:
    corrections = [*ADDED, *TAKEN, *OTHERS]
    expected = learn(corrections, finder())
    assert len(expected) >= 2
    for seed in range(3):
        shuffled = random.Random(seed).sample(corrections, len(corrections))
        assert learn(shuffled, finder()) == expected


def test_no_corrections_teach_nothing() -> None:
    assert learn([], finder()) == ()


def test_a_theme_that_does_not_exist_is_refused_without_quoting_the_comment() -> None:
    with pytest.raises(UnknownKey, match="no theme 'parking'") as refused:
        learn([Correction("rahasia warga", ("parking",))], finder())
    assert "rahasia" not in str(refused.value)

"""Representative comments say what the others say, each something else, whatever the order they come in."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.comments.central import FEWEST_WORDS, MOST_COMMENTS, representatives
from analysis.errors import Malformed, NotACount

# Of waiting: most say that the queue at the counter is long; some say that the system is down; two go astray.
WAITING = [
    "antrean di loket terlalu panjang",
    "antre di loket lama sekali, panjang antreannya",
    "loket cuma satu, antrean panjang sampai luar",
    "panjang antrean loket pendaftaran tidak wajar",
    "antrean loket panjang dan lama",
    "sistem komputer sering rusak jadi menunggu",
    "sistem rusak lagi, menunggu sampai siang",
    "menunggu karena sistem komputer rusak",
    "parkiran sempit banyak motor hilang helm",
    "mushola kotor dan air keran mati",
]


def chosen(texts: list[str], count: int = 3, **options: Any) -> list[str]:
    return [texts[place] for place in representatives(texts, count, **options)]


def by_hand(texts: list[str]) -> int:
    """The comment with the highest mean cosine to the others, from the whole matrix of similarities."""
    words = [text.replace(",", "").split() for text in texts]
    vocabulary = sorted({word for found in words for word in found})
    rows = np.array([[float(word in found) for word in vocabulary] for found in words])
    weights = np.log((1 + len(texts)) / (1 + rows.sum(0))) + 1
    similar = np.zeros((len(texts), len(texts)))
    for i, one in enumerate(rows * weights):
        for j, other in enumerate(rows * weights):
            if i != j:
                similar[i, j] = one @ other / (np.sqrt(one @ one) * np.sqrt(other @ other))
    return int(similar.mean(1).argmax())


def test_the_first_is_the_one_with_the_highest_mean_similarity_to_the_others() -> None:
    assert representatives(WAITING, 1) == [by_hand(WAITING)]
    for size in (5, 7, 9):
        assert representatives(WAITING[-size:], 1) == [by_hand(WAITING[-size:])]


def test_the_second_speaks_for_those_for_whom_the_first_does_not() -> None:
    first, second = chosen(WAITING, 2)
    assert "loket" in first
    assert "sistem" in second
    assert chosen(WAITING, 4)[:2] == [first, second]


@pytest.mark.parametrize("seed", range(12))
def test_each_further_one_adds_most_for_the_comments_not_yet_spoken_for(seed: int) -> None:
    """By trying all that could stand in its place."""
    generator = random.Random(seed)
    texts = [" ".join(generator.sample("abcdefghi", 4)) for _ in range(8)]
    words = [set(text.split()) for text in texts]
    idf = {word: np.log(9 / (1 + sum(word in one for one in words))) + 1 for word in "abcdefghi"}
    length = [sum(idf[word] ** 2 for word in one) ** 0.5 for one in words]

    def similarity(i: int, j: int) -> float:
        return sum(idf[word] ** 2 for word in words[i] & words[j]) / length[i] / length[j]

    def gain(new: int, shown: list[int]) -> float:
        others = [j for j in range(len(words)) if j not in (new, *shown)]
        before = [max((similarity(i, j) for i in shown), default=0.0) for j in others]
        return sum(max(0.0, similarity(new, j) - known) for j, known in zip(others, before, strict=True))

    found = representatives(texts, 3)
    for taken, one in enumerate(found):
        shown = found[:taken]
        could = [
            other
            for other in range(len(words))
            if all(len(words[other] & words[i]) <= len(words[other] | words[i]) / 2 for i in shown)
        ]
        assert one in could
        assert gain(one, shown) == pytest.approx(max(gain(other, shown) for other in could), abs=1e-8)


def test_what_resembles_nothing_else_comes_last_and_near_duplicates_not_at_all() -> None:
    shown = chosen(WAITING, 10)
    assert {text.split()[0] for text in shown[-2:]} == {"parkiran", "mushola"}
    # Four of seven words are those of another comment shown.
    assert set(WAITING) - set(shown) == {"sistem komputer sering rusak jadi menunggu"}


def test_near_duplicates_are_not_shown_side_by_side() -> None:
    same = [f"antrean di loket terlalu panjang {mark}" for mark in ("", "sekali", "banget", "!", "...")]
    assert len(chosen(same * 3, 3)) == 1
    shown = chosen(same * 3 + ["petugas loket ramah dan cepat menjawab"], 3)
    assert len(shown) == 2
    assert shown[1].startswith("petugas")


def test_a_word_said_twice_in_a_comment_says_no_more() -> None:
    stuttering = [*WAITING, "loket loket loket antrean antrean panjang sekali panjang sekali"]
    plain = [*WAITING, "loket antrean panjang sekali"]
    assert representatives(stuttering, 4) == representatives(plain, 4)


def test_short_comments_do_not_win_for_being_short() -> None:
    texts = ["lama", "lama sekali", "lama antre nya"] * 10 + [
        "lama sekali menunggu di loket",
        "menunggu giliran lama di ruang tunggu",
    ]
    for text in chosen(texts):
        assert len(text.split()) >= FEWEST_WORDS
    assert chosen(["baik", "baik sekali", "sangat baik sekali", "baik"], 1) == ["sangat baik sekali"]


def test_four_times_the_same_word_is_a_short_comment() -> None:
    texts = ["lama lama lama lama"] * 9 + ["proses lama di loket", "proses lama menunggu di ruangan"]
    assert chosen(texts, 1) == ["proses lama di loket"]


def test_numbers_and_marks_are_no_words() -> None:
    assert representatives(["123 456 ... !!!", "🙏🙏", "", "   "]) == []
    assert representatives(["1 2 3 4 5 6", "baik"], 2) == [1]
    assert representatives([]) == []


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_comments_changes_nothing(shuffling: random.Random) -> None:
    texts = WAITING.copy()
    shuffling.shuffle(texts)
    assert chosen(texts, 4) == chosen(WAITING, 4)


@pytest.fixture(scope="module")
def many() -> list[str]:
    generator = random.Random(3)
    words = [*"abcdefghijklmn"]
    return [" ".join(generator.sample(words, generator.randint(4, 7))) for _ in range(MOST_COMMENTS + 300)]


def test_of_many_comments_the_same_are_drawn_by_the_same_seed_in_any_order(many: list[str]) -> None:
    shuffled = many.copy()
    random.Random(1).shuffle(shuffled)
    assert chosen(many, seed=7) == chosen(shuffled, seed=7)
    assert len({tuple(chosen(many, seed=seed)) for seed in range(12)}) > 1


def test_what_lies_beyond_the_most_comments_can_be_chosen_too(many: list[str]) -> None:
    assert max(place for seed in range(30) for place in representatives(many, seed=seed)) >= MOST_COMMENTS


def test_up_to_the_most_comments_nothing_is_drawn(many: list[str]) -> None:
    few = many[:MOST_COMMENTS]
    assert len({tuple(representatives(few, seed=seed)) for seed in range(5)}) == 1


def test_of_equal_texts_the_first_is_returned() -> None:
    texts = [*WAITING, *WAITING]
    assert max(representatives(texts, 5)) < len(WAITING)


def test_hostile_comments_are_read_without_harm() -> None:
    texts = ["a" * 100_000, "<b>" * 500, "\x00\u202e\u0301" * 50, "👍" * 3000, "satu dua tiga empat " * 2000]
    assert representatives([*texts, *WAITING], 2) == [place + 5 for place in representatives(WAITING, 2)]


@given(st.lists(st.text(max_size=60), max_size=12), st.integers(1, 4))
def test_whatever_was_written_the_places_are_of_different_comments(texts: list[str], count: int) -> None:
    found = representatives(texts, count)
    assert len(found) <= count
    assert len({texts[place] for place in found}) == len(found)


@pytest.mark.parametrize("count", [0, -1, 1.5, True])
def test_what_is_no_number_of_comments_is_refused(count: Any) -> None:
    with pytest.raises(NotACount):
        representatives(WAITING, count)


def test_what_is_no_seed_is_refused() -> None:
    with pytest.raises(Malformed):
        representatives(WAITING, seed=-1)

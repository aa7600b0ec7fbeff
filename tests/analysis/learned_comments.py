"""Comments to learn from, put together from words of ours, and a model that learned from them."""

import random
from functools import cache

from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.labelled import Labelled
from analysis.sentiment.learned import LearnedAnalyzer
from analysis.sentiment.reading import Label
from analysis.sentiment.training import train

PLACES = [
    *("loket", "kantor", "kelurahan", "petugas", "aplikasi", "antrean"),
    *("ruang", "berkas", "surat", "layanan", "daftar", "parkir"),
]
TIMES = ["kemarin", "tadi", "pagi", "siang", "senin", "selasa", "rabu", "kamis", "jumat", "minggu"]
# Both sides with as many words of the lexicon each: how many there are must not tell the side.
SAID: dict[Label, list[str]] = {
    "positive": [
        "cepat dan ramah",
        "sangat membantu",
        "bagus sekali",
        "puas terima kasih",
        "mudah dan jelas",
        "nyaman bersih",
        "tidak lambat",
    ],
    "negative": [
        "lambat dan ketus",
        "sangat mengecewakan",
        "buruk sekali",
        "kecewa error terus",
        "berbelit dan ribet",
        "kotor panas",
        "tidak ramah",
    ],
    "neutral": [
        "buka jam delapan",
        "di lantai dua",
        "nomor urut tiga",
        "dekat pasar lama",
        "dari dinas ke bank",
        "untuk kartu keluarga",
    ],
}
# Words that no lexicon knows: who has not learned them cannot tell.
INVENTED: dict[Label, list[str]] = {
    "positive": ["zorabing", "kwelapti", "mitrovang"],
    "negative": ["bluzerok", "gandrefik", "phosolun"],
}


def comments(n: int, seed: int, said: dict[Label, list[str]] = SAID) -> list[tuple[str, Label]]:
    """As many comments of each label as of any other, in an order of chance; hardly any two are equal."""
    chance = random.Random(seed)
    made: list[tuple[str, Label]] = []
    for number in range(n):
        label = list(said)[number % len(said)]
        words = [*chance.sample(PLACES, 3), chance.choice(said[label]), *chance.sample(TIMES, 3)]
        made.append((" ".join(words), label))
    chance.shuffle(made)
    return made


def labelled(n: int, seed: int) -> list[Labelled]:
    """Comments that a reader labelled, with neutral ones."""
    return [Labelled(text, label) for text, label in comments(n, seed)]


def rated(n: int, seed: int, said: dict[Label, list[str]] = SAID) -> list[Labelled]:
    """Comments with the writer's own ratings, favourable or not."""
    sides = {label: said[label] for label in ("negative", "positive")}
    return [Labelled(text, label, rated=True) for text, label in comments(n, seed, sides)]


@cache
def from_labels() -> LearnedAnalyzer:
    """What 300 labelled comments teach."""
    return train(labelled(300, seed=1), lexicon_analyzer())


@cache
def from_ratings() -> LearnedAnalyzer:
    """What 200 rated comments with invented words teach."""
    return train(rated(200, 2, INVENTED), lexicon_analyzer())

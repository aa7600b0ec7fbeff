"""The demonstration country: its truth is exact, its journeys are drawn from it, and both can be repeated."""

import re
import statistics
import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from survey.demo.comments import GENERAL, fitting, sentences, write
from survey.demo.country import MARK, Country, country, true_ikm, true_trust_share, truth_table
from survey.demo.journeys import Given, Journey, journeys
from survey.demo.truth import ELEMENTS, TRUST_ITEMS, unit_ikm, working_days

INSTRUMENT = Path(__file__).parent.parent / "instruments" / "skm-2017.1.toml"
FIRST, LAST = date(2025, 1, 1), date(2026, 6, 30)
MONTHS = [*range(202501, 202513), *range(202601, 202607)]


@pytest.fixture(scope="module")
def land() -> Country:
    return country(7)


@pytest.fixture(scope="module")
def all_journeys(land: Country) -> list[Journey]:
    """Eighteen months at the default rate."""
    return list(journeys(land, seed=7, first_day=FIRST, last_day=LAST))


@pytest.fixture(scope="module")
def responses(all_journeys: list[Journey]) -> list[tuple[Journey, Given]]:
    return [(journey, journey.response) for journey in all_journeys if journey.response is not None]


def only(land: Country, agency_code: str, unit_code: str) -> Country:
    """The country with one unit left, so that a great many draws of it are cheap."""
    (agency,) = (agency for agency in land.agencies if agency.code == agency_code)
    (unit,) = (unit for unit in agency.units if unit.code == unit_code)
    return replace(land, agencies=(replace(agency, units=(unit,)),))


def answers_in(land: Country, agency: str, unit: str, month: int, rate: float) -> list[Given]:
    first = date(month // 100, month % 100, 1)
    drawn = journeys(
        only(land, agency, unit), seed=3, first_day=first, last_day=first.replace(day=28), rate=rate
    )
    return [journey.response for journey in drawn if journey.response is not None]


def empirical_ikm(given: list[Given]) -> tuple[float, float]:
    """IKM from the means of the filled answers, and the standard error of its complete-case counterpart."""
    filled = {key: [value for g in given if (value := g.answers[key]) is not None] for key in ELEMENTS}
    ikm = 25 * statistics.fmean(statistics.fmean(values) for values in filled.values())
    means = [statistics.fmean(v for v in g.answers.values() if v is not None) for g in given]
    return ikm, 25 * statistics.stdev(means) / len(means) ** 0.5


# --- the country --------------------------------------------------------------------------------------------


def test_there_are_twelve_agencies_of_ten_units_in_three_time_zones(land: Country) -> None:
    assert [len(agency.units) for agency in land.agencies] == [10] * 12
    zones = {unit.timezone for agency in land.agencies for unit in agency.units}
    assert zones == {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}


def test_every_agency_has_three_to_five_services(land: Country) -> None:
    assert all(3 <= len(agency.services) <= 5 for agency in land.agencies)


def test_codes_are_short_url_safe_and_unique(land: Country) -> None:
    agencies = [agency.code for agency in land.agencies]
    units = [unit.code for agency in land.agencies for unit in agency.units]
    services = [(agency.code, service.code) for agency in land.agencies for service in agency.services]
    for codes in (agencies, units, services):
        assert len(set(codes)) == len(codes)
    for code in [*agencies, *units, *(code for _, code in services)]:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert len(code) <= 24


def test_every_agency_is_marked_as_an_example_in_its_name(land: Country) -> None:
    assert all(agency.name.endswith(MARK) for agency in land.agencies)


def test_shares_of_services_outcomes_channels_and_languages_sum_to_one(land: Country) -> None:
    for truth in land.truth.values():
        assert sum(service.share for service in truth.services) == pytest.approx(1)
        assert sum(truth.channels) == pytest.approx(1)
        assert all(sum(service.outcomes) == pytest.approx(1) for service in truth.services)
        assert all(sum(unit.languages.values()) == pytest.approx(1) for unit in truth.units.values())


def test_the_same_seed_gives_the_same_country_and_another_seed_another_truth() -> None:
    assert country(7) == country(7)
    assert country(7).agencies == country(8).agencies
    assert true_ikm(country(7), "imigrasi", "imi-batam", 202501) != true_ikm(
        country(8), "imigrasi", "imi-batam", 202501
    )


def test_a_story_cannot_begin_in_a_month_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="month"):
        country(7, story_begins=202513)


# --- the truth ----------------------------------------------------------------------------------------------


def test_the_truth_of_an_agency_is_the_volume_weighted_mean_of_its_units(land: Country) -> None:
    units = land.truth["samsat-sulsel"].units
    expected = sum(
        unit.volume * true_ikm(land, "samsat-sulsel", code, 202503) for code, unit in units.items()
    ) / sum(unit.volume for unit in units.values())
    assert true_ikm(land, "samsat-sulsel", None, 202503) == pytest.approx(expected)


def test_a_unit_whose_latent_values_are_far_up_or_down_reaches_the_ends_of_the_scale(land: Country) -> None:
    truth = land.truth["imigrasi"]
    unit = truth.units["imi-batam"]
    top = replace(unit, elements=dict.fromkeys(ELEMENTS, 50.0))
    bottom = replace(unit, elements=dict.fromkeys(ELEMENTS, -50.0))
    assert unit_ikm(truth, top, 202501, 202501) == pytest.approx(100)
    assert unit_ikm(truth, bottom, 202501, 202501) == pytest.approx(25)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_agencies_improve_one_collapses_and_one_has_seasons(seed: int) -> None:
    land = country(seed)

    def change(agency: str, earlier: int, later: int) -> float:
        return true_ikm(land, agency, None, later) - true_ikm(land, agency, None, earlier)

    assert change("dukcapil-nduga", 202501, 202606) > 4
    assert change("samsat-sulsel", 202501, 202606) > 4
    assert change("dpmptsp-bandung", 202511, 202601) < -10
    assert abs(change("dpmptsp-bandung", 202501, 202511)) < 3
    assert change("rsud-yogya", 202501, 202507) > 4
    assert change("rsud-yogya", 202507, 202601) < -4
    assert abs(change("bapenda-surabaya", 202501, 202606)) < 4


def test_the_story_moves_with_the_month_it_begins() -> None:
    early, late = country(7, story_begins=202401), country(7, story_begins=202501)
    agency = "dpmptsp-bandung"
    assert true_ikm(early, agency, None, 202501) == true_ikm(late, agency, None, 202601)
    assert true_ikm(early, agency, None, 202501) < true_ikm(late, agency, None, 202501) - 10


def test_trust_falls_with_the_collapse(land: Country) -> None:
    before = true_trust_share(land, "dpmptsp-bandung", None, 202511)
    assert true_trust_share(land, "dpmptsp-bandung", None, 202602) < before - 0.15


def test_the_truth_table_weights_months_by_their_working_days(land: Country) -> None:
    rows = truth_table(land, MONTHS)
    assert [(row.agency, row.unit) for row in rows] == [
        (agency.code, unit.code) for agency in land.agencies for unit in agency.units
    ]
    row = next(row for row in rows if row.unit == "izin-coblong")
    truth = land.truth["dpmptsp-bandung"]
    days = {month: working_days(truth, month) for month in MONTHS}
    expected = sum(
        days[month] * true_ikm(land, "dpmptsp-bandung", "izin-coblong", month) for month in MONTHS
    ) / sum(days.values())
    assert row.ikm == pytest.approx(expected)


def test_working_days_leave_out_weekends_and_fixed_holidays(land: Country) -> None:
    # January 2025 has 23 weekdays and 4 Saturdays; the first is a Wednesday and a holiday.
    assert working_days(land.truth["imigrasi"], 202501) == 22
    assert working_days(land.truth["samsat-sulsel"], 202501) == 26


def test_a_truth_table_needs_a_month(land: Country) -> None:
    with pytest.raises(ValueError, match="month"):
        truth_table(land, [])


@pytest.mark.parametrize(
    ("agency", "unit", "month"),
    [
        ("imigrasi", "imi-ngurah-rai", 202503),
        ("dukcapil-nduga", "nduga-wosak", 202505),
        ("pertanahan-natuna", "tanah-ranai", 202604),
        ("dpmptsp-bandung", "mpp-bandung", 202602),
    ],
)
def test_many_draws_of_a_unit_agree_with_its_truth_within_sampling_error(
    land: Country, agency: str, unit: str, month: int
) -> None:
    volume = land.truth[agency].units[unit].volume
    given = answers_in(land, agency, unit, month, rate=1000 / volume)
    ikm, error = empirical_ikm(given)
    assert error < 0.3
    assert abs(ikm - true_ikm(land, agency, unit, month)) < 3.5 * error


def test_many_draws_tell_the_month_before_the_collapse_from_the_month_after(land: Country) -> None:
    given = answers_in(land, "dpmptsp-bandung", "mpp-bandung", 202602, rate=50)
    ikm, error = empirical_ikm(given)
    assert abs(ikm - true_ikm(land, "dpmptsp-bandung", "mpp-bandung", 202511)) > 10 * error


def test_many_draws_agree_with_the_true_share_of_trust(land: Country) -> None:
    given = answers_in(land, "samsat-sulsel", "samsat-gowa", 202509, rate=200)
    truth = true_trust_share(land, "samsat-sulsel", "samsat-gowa", 202509)
    asked = [g for g in given if g.mode == "web"]
    share = statistics.fmean(g.trust["trust_level"] >= 4 for g in asked)
    assert abs(share - truth) < 3.5 * (truth * (1 - truth) / len(asked)) ** 0.5


def test_a_unit_has_about_as_many_transactions_as_its_volume_says(land: Country) -> None:
    volume = land.truth["imigrasi"].units["imi-batam"].volume
    drawn = journeys(
        only(land, "imigrasi", "imi-batam"), seed=3, first_day=FIRST, last_day=FIRST.replace(day=31), rate=50
    )
    expected = volume * 50 * working_days(land.truth["imigrasi"], 202501)
    assert abs(sum(1 for _ in drawn) - expected) < 4 * expected**0.5


# --- the journeys -------------------------------------------------------------------------------------------


def test_the_same_seed_gives_identical_journeys_and_another_seed_others(land: Country) -> None:
    def first(seed: int) -> list[Journey]:
        return list(islice(journeys(land, seed=seed, first_day=FIRST, last_day=LAST), 2000))

    assert first(5) == first(5)
    assert first(5) != first(6)


def test_a_day_has_the_same_journeys_whatever_the_window_around_it(land: Country) -> None:
    day = date(2025, 3, 4)
    alone = list(journeys(land, seed=5, first_day=day, last_day=day))
    within = journeys(land, seed=5, first_day=day - timedelta(3), last_day=day + timedelta(2))
    assert alone
    assert alone == [journey for journey in within if "-250304-" in journey.external_ref]


def test_a_window_that_ends_before_it_begins_is_empty(land: Country) -> None:
    assert list(journeys(land, seed=5, first_day=LAST, last_day=FIRST)) == []


def test_a_rate_of_zero_gives_nothing_and_a_negative_one_is_refused(land: Country) -> None:
    assert list(journeys(land, seed=5, first_day=FIRST, last_day=FIRST + timedelta(9), rate=0)) == []
    with pytest.raises(ValueError, match="negative"):
        journeys(land, seed=5, first_day=FIRST, last_day=LAST, rate=-1)


def test_eighteen_months_have_about_120_000_transactions_and_30_000_answers(
    all_journeys: list[Journey], responses: list[tuple[Journey, Given]]
) -> None:
    assert 114_000 < len(all_journeys) < 126_000
    assert 28_000 < len(responses) < 32_000


def test_every_transaction_is_invited_and_has_its_own_reference(all_journeys: list[Journey]) -> None:
    assert all(journey.invited for journey in all_journeys)
    assert len({journey.external_ref for journey in all_journeys}) == len(all_journeys)


def test_every_unit_works_in_its_own_office_hours_on_its_own_working_days(
    land: Country, all_journeys: list[Journey]
) -> None:
    zones = {unit.code: ZoneInfo(unit.timezone) for agency in land.agencies for unit in agency.units}
    for journey in all_journeys:
        assert journey.finished_at.tzinfo is UTC
        local = journey.finished_at.astimezone(zones[journey.unit])
        assert local.hour in (8, 9, 10, 11, 13, 14, 15)
        assert local.weekday() < (6 if land.truth[journey.agency].saturday else 5)
        assert (local.month, local.day) != (8, 17)


def test_journeys_use_only_codes_of_their_agency(land: Country, all_journeys: list[Journey]) -> None:
    units = {agency.code: {unit.code for unit in agency.units} for agency in land.agencies}
    services = {agency.code: {service.code for service in agency.services} for agency in land.agencies}
    assert {journey.unit for journey in all_journeys} == set().union(*units.values())
    for journey in all_journeys:
        assert journey.unit in units[journey.agency]
        assert journey.service in services[journey.agency]
        assert journey.officer in land.truth[journey.agency].units[journey.unit].officers
    assert {journey.channel for journey in all_journeys} == {"counter", "online", "mobile"}
    assert {journey.outcome for journey in all_journeys} == {"approved", "rejected", "pending"}


def test_answers_use_the_keys_and_values_of_the_instrument(responses: list[tuple[Journey, Given]]) -> None:
    instrument = tomllib.loads(INSTRUMENT.read_text(encoding="utf-8"))
    assert {item["key"] for item in instrument["element"]} == set(ELEMENTS)
    assert {item["key"] for item in instrument["trust"]} == set(TRUST_ITEMS)
    profile = {item["key"]: {choice["value"] for choice in item["choices"]} for item in instrument["profile"]}
    seen = defaultdict(set)
    for _, given in responses:
        assert tuple(given.answers) == ELEMENTS
        assert set(given.answers.values()) <= {1, 2, 3, 4, None}
        assert sum(answer is not None for answer in given.answers.values()) >= 5
        assert set(given.trust.values()) <= {1, 2, 3, 4, 5}
        for key, value in given.profile.items():
            seen[key].add(value)
    assert seen == profile


def test_trust_is_asked_by_its_level_and_three_drivers_drawn_evenly(
    responses: list[tuple[Journey, Given]],
) -> None:
    by_web = [given for _, given in responses if given.mode == "web"]
    asked = Counter(item for given in by_web for item in given.trust)
    assert all(len(given.trust) == 4 for given in by_web)
    assert asked["trust_level"] == len(by_web)
    for item in TRUST_ITEMS[1:]:
        assert asked[item] / len(by_web) == pytest.approx(0.5, abs=0.02)


def test_by_sms_neither_trust_nor_the_profile_is_asked_and_a_comment_is_one_sentence(
    responses: list[tuple[Journey, Given]],
) -> None:
    by_sms = [given for _, given in responses if given.mode == "sms"]
    assert len(by_sms) > 1000
    assert not any(given.trust or given.profile for given in by_sms)
    lengths: dict[str, list[int]] = defaultdict(list)
    for _, given in responses:
        if given.comment is not None:
            lengths[given.mode].append(len(given.comment))
    longest = max(len(s.text) for language in ("id", "jv", "su", "en") for s in sentences(language))
    assert max(lengths["sms"]) <= longest < max(lengths["web"])
    assert statistics.fmean(lengths["sms"]) < 0.8 * statistics.fmean(lengths["web"])


def test_the_weaker_the_signal_the_more_answer_by_sms(land: Country) -> None:
    shares = {}
    for agency, unit, signal in (
        ("dukcapil-nduga", "nduga-mbua", "2G"),
        ("dukcapil-nduga", "nduga-kenyam", "3G"),
        ("imigrasi", "imi-batam", "4G"),
    ):
        given = answers_in(land, agency, unit, 202503, rate=2000 / land.truth[agency].units[unit].volume)
        shares[signal] = statistics.fmean(one.mode == "sms" for one in given)
    assert shares == {
        "2G": pytest.approx(0.60, abs=0.03),
        "3G": pytest.approx(0.25, abs=0.03),
        "4G": pytest.approx(0.08, abs=0.02),
    }


def test_people_of_one_unit_judge_alike_whichever_way_they_answer(land: Country) -> None:
    volume = land.truth["dukcapil-nduga"].units["nduga-mbua"].volume
    given = answers_in(land, "dukcapil-nduga", "nduga-mbua", 202503, rate=4000 / volume)
    (by_sms, error), (by_web, other) = (
        empirical_ikm([one for one in given if one.mode == mode]) for mode in ("sms", "web")
    )
    assert max(error, other) < 0.3
    assert abs(by_sms - by_web) < 3.5 * (error**2 + other**2) ** 0.5


def test_how_many_answer_by_sms_changes_nobodys_answer(land: Country) -> None:
    truth = land.truth["imigrasi"]
    never = replace(truth, units={code: replace(unit, by_sms=0.0) for code, unit in truth.units.items()})
    without = replace(land, truth={**land.truth, "imigrasi": never})
    months = [answers_in(one, "imigrasi", "imi-batam", 202503, rate=5) for one in (land, without)]
    assert [{one.mode for one in given} for given in months] == [{"web", "sms"}, {"web"}]
    assert len(set(map(len, months))) == 1
    for one, other in zip(*months, strict=True):
        assert (one.answers, one.day_lag, one.language) == (other.answers, other.day_lag, other.language)
        if one.mode == "web":
            assert one == other


def test_answers_come_within_six_days_and_skip_about_three_in_a_hundred(
    responses: list[tuple[Journey, Given]],
) -> None:
    assert {given.day_lag for _, given in responses} == set(range(7))
    skipped = sum(answer is None for _, given in responses for answer in given.answers.values())
    assert skipped / (9 * len(responses)) == pytest.approx(0.03, abs=0.003)


def test_answers_of_one_person_go_together(responses: list[tuple[Journey, Given]]) -> None:
    pairs = [
        (given.answers["procedure"], given.answers["competence"])
        for journey, given in responses
        if journey.unit == "imi-jaksel" and None not in given.answers.values()
    ]
    assert statistics.correlation(*zip(*pairs, strict=True)) > 0.25


def test_places_with_poor_signal_answer_less(land: Country, all_journeys: list[Journey]) -> None:
    def answered(units: set[str]) -> float:
        return statistics.fmean(j.response is not None for j in all_journeys if j.unit in units)

    assert answered({"pkm-daieko", "pkm-ledeunu", "nduga-mbua"}) < 0.5 * answered({"imi-batam", "rsud-anak"})


# --- the comments -------------------------------------------------------------------------------------------


def test_there_are_enough_sentences_and_none_is_used_twice() -> None:
    assert len(sentences("id")) >= 60
    assert all(len(sentences(language)) >= 30 for language in ("jv", "su", "en"))
    texts = [s.text for language in ("id", "jv", "su", "en") for s in sentences(language)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("language", ["id", "jv", "su", "en"])
def test_every_language_can_praise_and_blame_every_element(language: str) -> None:
    tags = {(s.polarity, s.element) for s in sentences(language)}
    wanted = {
        (polarity, element) for polarity in ("positive", "negative") for element in (*ELEMENTS, GENERAL)
    }
    assert tags == wanted | {("neutral", GENERAL)}


def test_sentences_hold_nothing_that_could_be_a_number_of_anyone() -> None:
    texts = [s.text for language in ("id", "jv", "su", "en") for s in sentences(language)]
    assert not [text for text in texts if re.search(r"\d|@", text)]


def test_sentences_fit_the_answers_they_come_with() -> None:
    rng = Random(1)
    polarities = Counter()
    for _ in range(5000):
        answers = {key: rng.choice((1, 2, 2, 3, 3, 3, 4, None)) for key in ELEMENTS}
        chosen = fitting(answers, language=rng.choice(("id", "jv", "su", "en")), channel="counter", rng=rng)
        assert len({s.element for s in chosen}) == len(chosen)
        for sentence in chosen:
            polarities[sentence.polarity] += 1
            if sentence.element != GENERAL:
                assert answers[sentence.element] in ((1, 2) if sentence.polarity == "negative" else (3, 4))
    assert all(polarities[polarity] > 100 for polarity in ("positive", "negative", "neutral"))


@pytest.mark.parametrize(("answer", "polarity"), [(1, "negative"), (4, "positive")])
def test_people_of_one_mind_write_nothing_to_the_contrary(answer: int, polarity: str) -> None:
    rng = Random(2)
    answers = dict.fromkeys(ELEMENTS, answer)
    chosen = [fitting(answers, language="en", channel="counter", rng=rng) for _ in range(300)]
    assert {s.polarity for sentences_of_one in chosen for s in sentences_of_one} == {polarity}


def test_someone_who_answered_no_element_still_writes_something() -> None:
    (sentence,) = fitting(dict.fromkeys(ELEMENTS), language="su", channel="counter", rng=Random(1))
    assert (sentence.polarity, sentence.element) == ("neutral", GENERAL)


def test_nobody_served_online_writes_about_the_building() -> None:
    rng = Random(3)
    answers = dict.fromkeys(ELEMENTS, 3) | {"facilities": 1}
    chosen = [fitting(answers, language="id", channel="online", rng=rng) for _ in range(300)]
    assert "facilities" not in {s.element for sentences_of_one in chosen for s in sentences_of_one}


def test_only_indonesian_is_typed_like_a_text_message() -> None:
    rng = Random(4)
    for language in ("id", "en"):
        chosen = (next(s for s in sentences(language) if s.element == "competence"),)
        texts = {write(chosen, language=language, rng=rng) for _ in range(50)}
        assert len(texts) == (2 if language == "id" else 1)


def test_a_quarter_comments_in_the_language_of_the_form(responses: list[tuple[Journey, Given]]) -> None:
    commented = [given for _, given in responses if given.comment is not None]
    assert len(commented) / len(responses) == pytest.approx(0.25, abs=0.01)
    # Beginnings identify the language even where a comment was typed like a text message.
    known = {language: {s.text.lower() for s in sentences(language)} for language in ("jv", "su", "en")}
    for given in commented:
        if given.language != "id":
            assert any(given.comment.lower().startswith(text) for text in known[given.language])


def test_at_least_eight_in_a_hundred_comments_are_english(responses: list[tuple[Journey, Given]]) -> None:
    languages = Counter(given.language for _, given in responses if given.comment is not None)
    assert languages["en"] / languages.total() >= 0.08
    assert languages["id"] / languages.total() > 0.6
    assert languages["jv"] > 200
    assert languages["su"] > 200

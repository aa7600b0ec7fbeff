"""Rules of contact where they are stored, and the one invitation per number that all agencies share."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from factories import connected, count, rows

from survey.agencies import register_agencies
from survey.commands.sms_policy import sms_policy
from survey.database import Tx
from survey.keys import Keys
from survey.messaging import contact_policies
from survey.messaging.contact_policies import ContactIn, Forgetting, PolicyIn
from survey.messaging.policy import DAY_SECONDS, PolicyRefused, Rules, Sampling, Stratum
from survey.platform import Platform
from survey.writer import Writer

NATIONAL = Rules()
NUMBER = b"1" * 16


def read(platform: Platform, agency_id: int, national: Rules = NATIONAL) -> Rules:
    def work(tx: Tx, items: Sequence[int]) -> list[Rules]:
        return contact_policies.read(tx, items, national)

    return platform.writer.call(work, agency_id)


def store(platform: Platform, said: dict[str, Any], agency_id: int = 1) -> Rules:
    return platform.writer.call(contact_policies.store, PolicyIn(agency_id, said, NATIONAL))


def claim(platform: Platform, now: int, cap_days: int = 30, digests: Sequence[bytes] = (NUMBER,)) -> bool:
    return platform.writer.call(contact_policies.claim_contact, ContactIn(digests, now, cap_days))


def claim_all(platform: Platform, contacts: Sequence[ContactIn]) -> list[bool]:
    def work(tx: Tx, items: Sequence[Sequence[ContactIn]]) -> list[list[bool]]:
        return [contact_policies.claim_contact(tx, item) for item in items]

    return platform.writer.call(work, contacts)


def test_an_agency_that_says_nothing_has_the_national_rules(platform: Platform) -> None:
    assert read(platform, 1) == NATIONAL
    assert read(platform, 99, Rules(cap_days=90)) == Rules(cap_days=90)


def test_what_an_agency_says_is_stored_and_what_it_says_later_takes_its_place(platform: Platform) -> None:
    said = {"cap_days": 60, "sampling": {"strata": [{"channel": "online", "probability": 0.5}]}}
    expected = Rules(cap_days=60, sampling=Sampling(strata=(Stratum(channel="online", probability=0.5),)))
    assert store(platform, said) == expected
    assert read(platform, 1) == expected
    store(platform, {"wait_minutes": 60})
    assert read(platform, 1) == Rules(wait_minutes=60)
    assert count(platform.database, "contact_policy") == 1


def test_a_rule_that_was_not_said_follows_the_national_one(platform: Platform) -> None:
    store(platform, {"cap_days": 60})
    assert read(platform, 1, Rules(reminder_days=10)) == Rules(cap_days=60, reminder_days=10)


def test_a_rule_that_became_too_lax_gives_way_to_the_national_one(platform: Platform) -> None:
    store(platform, {"cap_days": 60, "wait_minutes": 45})
    assert read(platform, 1, Rules(cap_days=90)) == Rules(cap_days=90, wait_minutes=45)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"cap_days": 7}, "cap_days: must be at least 30"),
        ({"sampling": {"strata": [{"unit": "u9", "probability": 0.5}]}}, "no unit has the code 'u9'"),
        ({"sampling": {"strata": [{"service": "sim", "probability": 0.5}]}}, "no service has the code 'sim'"),
        (
            {"sampling": {"strata": [{"outcome": "rejected", "probability": 0.5}]}},
            "nobody is sampled by outcome",
        ),
    ],
)
def test_what_is_refused_changes_nothing(platform: Platform, said: dict[str, Any], reason: str) -> None:
    store(platform, {"cap_days": 60})
    with pytest.raises(PolicyRefused, match=reason):
        store(platform, said)
    assert read(platform, 1) == Rules(cap_days=60)


def test_several_agencies_are_read_in_the_order_asked_for(platform: Platform) -> None:
    other = platform.writer.call(register_agencies, ("other", "Another"))
    store(platform, {"cap_days": 60}, other)

    def work(tx: Tx, items: Sequence[Sequence[int]]) -> list[list[Rules]]:
        return [contact_policies.read(tx, item, NATIONAL) for item in items]

    assert platform.writer.call(work, [other, 1, other]) == [Rules(cap_days=60), NATIONAL, Rules(cap_days=60)]
    assert platform.writer.call(work, []) == []


def test_a_number_is_invited_once_until_the_days_of_the_cap_are_over(platform: Platform) -> None:
    start = platform.now()
    assert claim(platform, start)
    assert not claim(platform, start)
    assert not claim(platform, start + 30 * DAY_SECONDS - 1)
    assert claim(platform, start + 30 * DAY_SECONDS)
    assert not claim(platform, start + 30 * DAY_SECONDS + 1)


def test_a_claim_that_was_not_granted_does_not_begin_the_days_again(platform: Platform) -> None:
    start = platform.now()
    claim(platform, start)
    claim(platform, start + 29 * DAY_SECONDS)
    assert rows(platform.database, "SELECT invited_at FROM last_contact") == [(start,)]


def test_each_agency_waits_as_long_as_its_own_cap_after_anybodys_invitation(platform: Platform) -> None:
    start = platform.now()
    assert claim(platform, start, cap_days=30)
    assert not claim(platform, start + 40 * DAY_SECONDS, cap_days=60)
    assert claim(platform, start + 40 * DAY_SECONDS, cap_days=30)


def test_without_a_cap_a_number_is_always_free_and_its_invitation_still_counts_for_others(
    platform: Platform,
) -> None:
    start = platform.now()
    assert claim(platform, start, cap_days=0)
    assert claim(platform, start, cap_days=0)
    assert not claim(platform, start + 1, cap_days=30)


def test_of_one_number_several_times_in_a_batch_the_first_is_granted(platform: Platform) -> None:
    now = platform.now()
    numbers = [b"2" * 16, b"1" * 16, b"2" * 16, b"3" * 16, b"1" * 16]
    asked = [ContactIn((number,), now, 30) for number in numbers]
    assert claim_all(platform, asked) == [True, True, False, True, False]
    assert claim_all(platform, []) == []


def test_an_invitation_under_an_earlier_secret_still_counts(platform: Platform) -> None:
    phone, now = "+6281234567890", platform.now()
    before = Keys("the-secret-of-last-year-of-32-characters")
    after = Keys("the-secret-of-this-year-of-32-characters", ["the-secret-of-last-year-of-32-characters"])
    assert claim(platform, now, digests=before.phone_digests(phone))
    assert not claim(platform, now + DAY_SECONDS, digests=after.phone_digests(phone))
    assert claim(platform, now + 30 * DAY_SECONDS, digests=after.phone_digests(phone))
    assert not claim(platform, now + 31 * DAY_SECONDS, digests=after.phone_digests(phone))
    assert claim(platform, now + DAY_SECONDS, digests=after.phone_digests("+6281234567891"))


@pytest.fixture
def writers(platform: Platform) -> Iterator[list[Writer]]:
    """As many processes as a country has workers, as the database sees them."""
    opened = [Writer(platform.database) for _ in range(4)]
    yield opened
    for writer in opened:
        writer.close()


def together(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run tasks at the same time; their results, or the error of the first that failed."""
    barrier, results, errors = threading.Barrier(len(tasks)), [None] * len(tasks), []

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = tasks[index]()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def test_of_several_at_once_exactly_one_invites_a_number(platform: Platform, writers: list[Writer]) -> None:
    now = platform.now()
    for number in range(25):
        asked = ContactIn((number.to_bytes(16, "big"),), now, 30)
        granted = together(
            [partial(writer.call, contact_policies.claim_contact, asked) for writer in writers]
        )
        assert sorted(granted) == [False, False, False, True]


def test_of_several_at_once_exactly_one_invites_a_number_again_after_the_cap(
    platform: Platform, writers: list[Writer]
) -> None:
    now = platform.now()
    for number in range(25):
        digest = number.to_bytes(16, "big")
        assert claim(platform, now, digests=(digest,))
        asked = ContactIn((digest,), now + 30 * DAY_SECONDS, 30)
        granted = together(
            [partial(writer.call, contact_policies.claim_contact, asked) for writer in writers]
        )
        assert sorted(granted) == [False, False, False, True]


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_two_that_claim_the_same_numbers_in_another_order_never_lock_each_other_out(
    platform: Platform,
) -> None:
    numbers = [number.to_bytes(16, "big") for number in range(600)]
    Random(3).shuffle(numbers)
    asked = [ContactIn((number,), platform.now(), 30) for number in numbers]

    def claiming(contacts: Sequence[ContactIn]) -> Callable[[], int]:
        def task() -> int:
            with connected(platform.database) as connection, connection.transaction():
                return sum(
                    contact_policies.claim_contact(Tx(connection, platform.database.dialect), contacts)
                )

        return task

    assert sum(together([claiming(asked), claiming(asked[::-1])])) == len(numbers)


def forget(platform: Platform, now: int, national: Rules = NATIONAL) -> int:
    return platform.writer.call(contact_policies.forget_contacts, Forgetting(now, national))


def test_an_invitation_is_forgotten_when_nobodys_cap_asks_for_it(platform: Platform) -> None:
    start = platform.now()
    claim(platform, start)
    claim(platform, start + 1, digests=(b"2" * 16,))
    assert forget(platform, start + 30 * DAY_SECONDS - 1) == 0
    assert forget(platform, start + 30 * DAY_SECONDS) == 1
    assert rows(platform.database, "SELECT invited_at FROM last_contact") == [(start + 1,)]


def test_the_longest_cap_of_any_agency_keeps_an_invitation(platform: Platform) -> None:
    start = platform.now()
    store(platform, {"cap_days": 60})
    store(platform, {"cap_days": 45}, platform.writer.call(register_agencies, ("other", "Another")))
    claim(platform, start)
    assert forget(platform, start + 59 * DAY_SECONDS) == 0
    assert forget(platform, start + 60 * DAY_SECONDS, Rules(cap_days=90)) == 0
    assert forget(platform, start + 60 * DAY_SECONDS) == 1


Run = Callable[..., Result]
NATIONAL_FILE = """
[sms]
sender = "PERCAYA"
[rules]
cap_days = 60
[[provider]]
name = "simple"
kind = "http"
[provider.send]
url = "http://127.0.0.1:9/send"
method = "GET"
encode = "query"
[provider.send.params]
to = "{phone}"
text = "{text}"
[provider.accept]
status = [200]
"""


@pytest.fixture
def run(platform: Platform, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERCAYA_SECRET", platform.settings.secret.get_secret_value())
    monkeypatch.setenv("PERCAYA_BASE_URL", "https://ikm.go.id")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", database_url)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(sms_policy, words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


def shown(result: Result) -> dict[str, tuple[str, str]]:
    """The lines of the command: each rule with the agency's and the national value."""
    lines = [line.split("\t") for line in result.output.splitlines()]
    assert lines[0] == ["rule", "agency", "national"]
    return {key: (of_agency, of_nation) for key, of_agency, of_nation in lines[1:]}


def test_the_command_shows_an_agencys_rules_beside_the_national_ones(run: Run) -> None:
    assert shown(run("duk")) == {
        "quiet_from": ("20:00", "20:00"),
        "quiet_until": ("08:00", "08:00"),
        "holidays": ("true", "true"),
        "cap_days": ("30", "30"),
        "reminder_days": ("3", "3"),
        "wait_minutes": ("30", "30"),
        "countries": ("ID", "ID"),
        "sampling.probability": ("1", "1"),
    }


def test_the_command_knows_the_national_rules_of_the_installation(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sms.toml"
    file.write_text(NATIONAL_FILE, encoding="utf-8")
    monkeypatch.setenv("PERCAYA_SMS_FILE", str(file))
    assert shown(run("duk"))["cap_days"] == ("60", "60")
    assert "cap_days: must be at least 60" in run("duk", "--set", "cap_days=45", code=1).output


def test_the_command_sets_rules_and_takes_them_back(run: Run, platform: Platform) -> None:
    told = run(
        "duk", "--set", "cap_days=60", "--set", "quiet_from=19:30", "--set", "sampling.probability=0.25"
    )
    assert shown(told)["cap_days"] == ("60", "30")
    assert shown(told)["quiet_from"] == ("19:30", "20:00")
    assert shown(told)["sampling.probability"] == ("0.25", "1")
    kept = Rules(cap_days=60, quiet_from="19:30", sampling=Sampling(probability=0.25))
    assert read(platform, 1) == kept
    assert shown(run("duk", "--set", "cap_days=", "--set", "sampling.probability="))["cap_days"] == (
        "30",
        "30",
    )
    assert read(platform, 1) == Rules(quiet_from="19:30")
    assert shown(run("duk", "--set", "countries=ID"))["countries"] == ("ID", "ID")


def test_the_command_takes_a_file_in_place_of_what_was_said_before(
    run: Run, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "duk.toml"
    file.write_text(
        'reminder_days = 0\n[[sampling.strata]]\nunit = "u2"\nchannel = "counter"\nprobability = 0.5\n',
        encoding="utf-8",
    )
    run("duk", "--set", "cap_days=60")
    told = shown(run("duk", "--from", str(file), "--set", "wait_minutes=60"))
    assert told["cap_days"] == ("30", "30")
    assert told["reminder_days"] == ("0", "3")
    assert told["wait_minutes"] == ("60", "30")
    assert told["sampling unit=u2 channel=counter"] == ("0.5", "-")
    strata = (Stratum(unit="u2", channel="counter", probability=0.5),)
    assert read(platform, 1) == Rules(reminder_days=0, wait_minutes=60, sampling=Sampling(strata=strata))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["duk", "--set", "cap_days=7"], "cap_days: must be at least 30, the national rule"),
        (["duk", "--set", "holidays=false"], "holidays: must stay true"),
        (["duk", "--set", "cap_days=soon"], "cap_days: Expected `int`"),
        (["duk", "--set", "cap_days"], "write a rule as KEY=VALUE, not 'cap_days'"),
        (["duk", "--set", "colour=red"], "unknown field `colour`"),
        (["duk", "--set", "a.b.c=1"], "unknown field `a.b`"),
        (["duk", "--set", "cap_days=60", "--set", "cap_days.x=1"], "cap_days has no keys of its own"),
        (["nobody"], "there is no agency 'nobody'"),
    ],
)
def test_the_command_refuses_in_one_line_and_stores_nothing(
    run: Run, platform: Platform, words: list[str], reason: str
) -> None:
    told = run(*words, code=1).output
    assert reason in told
    assert len(told.splitlines()) == 1
    assert count(platform.database, "contact_policy") == 0


def test_a_file_that_is_not_toml_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "duk.toml"
    file.write_text("cap_days: 60\n", encoding="utf-8")
    assert "duk.toml is not TOML" in run("duk", "--from", str(file), code=1).output

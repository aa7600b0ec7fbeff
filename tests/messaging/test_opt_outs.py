"""Numbers that must not be written to."""

import pytest
from factories import rows
from pydantic import SecretStr

from survey.keys import Keys
from survey.messaging import opt_outs
from survey.messaging.opt_outs import OptingOut
from survey.platform import Platform
from survey.settings import Settings

PHONE = "+6281234567890"
OTHER = "+6281234567891"
TODAY = 20261118


def add(platform: Platform, phone: str, source: opt_outs.Source = "word", day: int = TODAY) -> bool:
    digest = platform.settings.keys.phone_digests(phone)[0]
    return platform.writer.call(opt_outs.add, OptingOut(digest, source, day))


def is_out(platform: Platform, phone: str, keys: Keys | None = None) -> bool:
    return platform.writer.call(opt_outs.find, (keys or platform.settings.keys).phone_digests(phone))


def test_a_number_that_opted_out_is_found_and_no_other(platform: Platform) -> None:
    assert not is_out(platform, PHONE)
    assert add(platform, PHONE)
    assert is_out(platform, PHONE)
    assert not is_out(platform, OTHER)


def test_opting_out_twice_is_known_and_the_first_source_and_day_stay(platform: Platform) -> None:
    assert add(platform, PHONE, "provider")
    assert not add(platform, PHONE, "word", TODAY + 1)
    assert rows(platform.database, "SELECT source, day FROM opt_out") == [("provider", TODAY)]


def test_a_number_can_come_back(platform: Platform) -> None:
    add(platform, PHONE)
    digests = platform.settings.keys.phone_digests(PHONE)
    assert platform.writer.call(opt_outs.remove, digests)
    assert not is_out(platform, PHONE)
    assert not platform.writer.call(opt_outs.remove, digests)


def test_several_numbers_are_looked_up_at_once_each_by_all_its_digests(platform: Platform) -> None:
    add(platform, OTHER)
    keys = platform.settings.keys
    asked = [keys.phone_digests(PHONE), [b"x" * 16, *keys.phone_digests(OTHER)], []]

    def find(tx: object, items: list[None]) -> list[list[bool]]:
        return [opt_outs.find(tx, asked) for _ in items]  # type: ignore[arg-type]

    assert platform.writer.call(find, None) == [False, True, False]
    assert platform.writer.call(lambda tx, _items: [opt_outs.find(tx, [])], None) == []


@pytest.mark.parametrize("remove", [False, True])
def test_an_opt_out_outlives_a_change_of_the_secret(
    platform: Platform, settings: Settings, remove: bool
) -> None:
    add(platform, PHONE)
    later = settings.model_copy(
        update={
            "secret": SecretStr("another-secret-of-at-least-32-characters"),
            "previous_secrets": (settings.secret,),
        }
    )
    keys = Settings.model_validate(later.model_dump()).keys
    assert keys.phone_digests(PHONE)[0] != settings.keys.phone_digests(PHONE)[0]
    assert is_out(platform, PHONE, keys)
    if remove:
        assert platform.writer.call(opt_outs.remove, keys.phone_digests(PHONE))
        assert not is_out(platform, PHONE, keys)


def test_nothing_but_a_digest_is_stored(platform: Platform) -> None:
    add(platform, PHONE)
    ((digest, source, day),) = rows(platform.database, "SELECT phone_digest, source, day FROM opt_out")
    assert len(bytes(digest)) == 16
    assert (source, day) == ("word", TODAY)

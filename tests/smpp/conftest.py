"""A real Kannel bound to a steerable SMSC, once a process, as good as new for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.smpp.kannel import Kannel, Missing, running
from tests.smpp.product import product as product

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands here carries the marker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.smpp)


@pytest.fixture(scope="session")
def running_kannel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kannel]:
    """The Kannel of all tests in this process; a test takes `kannel`."""
    try:
        with running(tmp_path_factory.mktemp("kannel")) as started:
            yield started
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def kannel(running_kannel: Kannel) -> Kannel:
    """A Kannel with nothing under way and nothing remembered; `kannel.smsc` and `kannel.receiver` with it."""
    running_kannel.reset()
    return running_kannel

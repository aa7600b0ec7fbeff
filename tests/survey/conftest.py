"""What the tests of the domain share: a database and its writer, how they post, and a day of answers."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from litestar.testing import TestClient
from stories import Story, tell_story

from survey.database import Database
from survey.platform import Platform
from survey.writer import Writer

URL = "/api/v1/transactions"
Post = Callable[..., Any]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The test's database, open."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    """A writer of the test's database."""
    opened = Writer(database)
    yield opened
    opened.close()


@pytest.fixture
def post(client: TestClient, api_key: str) -> Post:
    """Posts a body (an object as JSON, text as it is) with the agency's key."""

    def send(body: Any, kind: str = "application/json", **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        query = headers.pop("query", "")
        sent = {"Authorization": f"Bearer {api_key}", "Content-Type": kind}
        return client.post(URL + query, content=text, headers={**sent, **headers})

    return send


@pytest.fixture
def story(platform: Platform) -> Story:
    """Two hundred answers of one cell, and who gave which."""
    return tell_story(platform)

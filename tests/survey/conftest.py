"""What the tests of the domain share: how they post, and a day of answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from litestar.testing import TestClient
from stories import Story, tell_story

from survey.platform import Platform

URL = "/api/v1/transactions"
Post = Callable[..., Any]


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

"""The API keeps to its own description: whatever a fuzzer makes of it, no 5xx and no undeclared answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from factories import answer, issue
from hypothesis import HealthCheck, Phase, given, settings
from litestar.testing import TestClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from servers import Server

from survey import tallies
from survey.access import NewKey, create_keys, draw_api_key
from survey.platform import Platform

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 60


@pytest.fixture
def description(client: TestClient) -> dict[str, Any]:
    got = client.get("/openapi.json")
    assert got.status_code == 200
    found: dict[str, Any] = got.json()
    return found


def test_the_description_is_openapi_3_1_and_is_the_same_at_both_addresses(
    client: TestClient, description: dict[str, Any]
) -> None:
    assert description["openapi"].startswith("3.1")
    assert client.get("/api/v1/openapi.json").json() == description


def test_only_the_api_is_described_and_every_operation_says_how_it_refuses(
    description: dict[str, Any],
) -> None:
    assert all(path.startswith("/api/v1/") for path in description["paths"])
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            refused = {status for status in operation["responses"] if status >= "400"}
            assert "401" in refused, f"{method} {path}"
            for status in refused:
                assert "application/problem+json" in operation["responses"][status]["content"]


def test_reporting_a_transaction_is_described_with_an_example_in_every_format(
    client: TestClient, api_key: str, description: dict[str, Any], clock: Any
) -> None:
    clock.at = 1_795_600_000  # after the moment in the examples
    body = description["paths"]["/api/v1/transactions"]["post"]["requestBody"]
    assert {"application/json", "application/x-ndjson", "text/csv"} <= set(body["content"])
    for kind, described in body["content"].items():
        assert described.get("examples") or described.get("example") or "schema" in described, kind


def test_no_page_renders_the_description_with_scripts_from_elsewhere(client: TestClient) -> None:
    for path in ("/schema", "/schema/", "/schema/swagger", "/schema/redoc", "/schema/rapidoc", "/docs"):
        got = client.get(path)
        assert got.status_code == 404 or "<script" not in got.text, path


@pytest.fixture
def key(platform: Platform) -> str:
    """An agency's key, on an installation with a few answers."""
    for link in issue(platform, 30):
        answer(platform, str(link.code))
    tallies.refresh_all(platform.writer, platform.definition)
    found = draw_api_key()
    platform.writer.call(create_keys, NewKey(1, "x", found, platform.settings.keys, platform.now()))
    return found


@pytest.fixture
def server(platform: Platform, tmp_path: Path) -> Iterator[Server]:
    started = Server(platform.settings, tmp_path / "log.txt")
    yield started
    started.stop()


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value
)
def test_a_fuzzer_finds_no_failure_of_ours_and_no_undeclared_answer(
    server: Server, key: str, mode: GenerationMode
) -> None:
    address = f"http://127.0.0.1:{server.port}"
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    statuses: set[int] = set()
    operations = [found.ok() for found in schema.get_all_operations()]
    assert operations
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            got = case.call(base_url=address, headers={"Authorization": f"Bearer {key}"})
            statuses.add(got.status_code)
            case.validate_response(got, checks=CHECKS)

        ask()
    assert {status // 100 for status in statuses} <= {2, 4}
    assert any(status >= 400 for status in statuses)


def test_the_fuzzer_would_notice_an_undeclared_answer(server: Server, key: str) -> None:
    address = f"http://127.0.0.1:{server.port}"
    described = httpx.get(f"{address}/openapi.json").json()
    described["paths"]["/api/v1/transactions"]["post"]["responses"].pop("401")
    schema = schemathesis.openapi.from_dict(described)
    case = schema["/api/v1/transactions"]["POST"].Case(body={}, media_type="application/json")
    got = case.call(base_url=address, headers={})
    assert got.status_code == 401
    with pytest.raises(FailureGroup, match="Undocumented"):
        case.validate_response(got, checks=[status_code_conformance])

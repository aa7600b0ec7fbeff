"""Settings: documented, safe by default, and production refuses to start unsafely, naming the setting."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from survey.cli import main
from survey.settings import DEMO_SECRET, Environment, Settings, SettingsError, read_settings

SAFE = {
    "PERCAYA_SECRET": "x" * 32,
    "PERCAYA_BASE_URL": "https://ikm.go.id",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PERCAYA_{name.upper()}", raising=False)
    for name in ("DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in (SAFE | changes).items():
        if value is not None:
            monkeypatch.setenv(name, value)


def test_safe_settings_start_production(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch)
    settings = read_settings()
    assert settings.environment is Environment.PRODUCTION
    assert not settings.demo


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PERCAYA_SECRET", None, "default everybody knows"),
        ("PERCAYA_SECRET", DEMO_SECRET, "default everybody knows"),
        ("PERCAYA_SECRET", "x" * 31, "shorter than 32"),
        ("PERCAYA_SECRET", "", "shorter than 32"),
        ("PERCAYA_ADMIN_KEY", "x" * 31, "shorter than 32"),
        ("PERCAYA_BASE_URL", None, "not set"),
        ("PERCAYA_BASE_URL", "http://ikm.go.id", "https://"),
        ("PERCAYA_BASE_URL", "ikm.go.id", "https://"),
    ],
)
def test_production_refuses_an_unsafe_setting_and_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, reason: str
) -> None:
    given(monkeypatch, **{name: value})
    with pytest.raises(SettingsError, match=f"{name}.*{reason}"):
        read_settings()


def test_everything_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PERCAYA_SECRET=None, PERCAYA_BASE_URL=None, PERCAYA_ADMIN_KEY="short")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert all(name in str(refused.value) for name in ("_SECRET", "_ADMIN_KEY", "_BASE_URL"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERCAYA_PORT", "65536"),
        ("PERCAYA_PORT", "http"),
        ("PERCAYA_ENVIRONMENT", "prod"),
        ("PERCAYA_INVITATION_DAYS", "0"),
        ("PERCAYA_DEFAULT_LANGUAGE", "fr"),
        ("PERCAYA_MAX_BATCH_BYTES", "many"),
    ],
)
def test_a_value_that_cannot_be_is_refused_under_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given(monkeypatch, **{name: value})
    with pytest.raises(SettingsError, match=rf"(?m)^\s+{name}: "):
        read_settings()


def test_a_refusal_never_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PERCAYA_SECRET="my-short-secret", PERCAYA_ADMIN_KEY="my-short-key")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "my-short" not in str(refused.value)


def test_printing_the_settings_never_shows_a_secret() -> None:
    settings = Settings(
        _env_file=None,
        secret=SecretStr("s" * 40),
        admin_key=SecretStr("k" * 40),
        base_url="https://ikm.go.id",
    )
    assert "s" * 40 not in repr(settings)
    assert "k" * 40 not in repr(settings)


def test_the_demonstration_starts_with_nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    settings = read_settings()
    assert settings.demo
    assert settings.public_url == "http://127.0.0.1:8000"


def test_host_port_and_database_url_are_also_read_without_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, HOST="0.0.0.0", PORT="9000", DATABASE_URL="sqlite:///elsewhere.db")
    settings = read_settings()
    assert (settings.host, settings.port, settings.database_url) == (
        "0.0.0.0",
        9000,
        "sqlite:///elsewhere.db",
    )


def test_settings_are_read_from_a_dotenv_file_too(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in SAFE.items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    assert read_settings().public_url == "https://ikm.go.id"


def test_links_never_start_with_a_doubled_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, PERCAYA_BASE_URL="https://ikm.go.id/")
    assert read_settings().public_url == "https://ikm.go.id"


def test_every_setting_is_documented_on_the_command_line() -> None:
    shown = CliRunner().invoke(main, ["settings"]).output
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"PERCAYA_{name.upper()}=" in shown
        assert field.description in shown


def test_serving_with_unsafe_settings_is_refused_in_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, PERCAYA_SECRET=None)
    done = CliRunner().invoke(main, ["serve"])
    assert done.exit_code == 1
    assert "PERCAYA_SECRET" in done.output
    assert "Traceback" not in done.output


def test_a_fresh_secret_is_long_enough_and_never_the_same() -> None:
    one, other = (CliRunner().invoke(main, ["secret"]).output.strip() for _ in range(2))
    assert len(one) >= 32
    assert one != other

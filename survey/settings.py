"""The only reader of the environment: every setting, its meaning, its safe default.

Settings come from environment variables (``PERCAYA_…``) or a ``.env`` file. The default
environment is ``production``, which refuses to start on a default secret; ``make run`` asks
for ``demo``.
"""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from survey.keys import Keys

ROOT = Path(__file__).resolve().parent.parent
DEMO_SECRET = "demo-secret-known-to-everybody-never-use-it-in-production"  # noqa: S105
SHORTEST_SECRET = 32


class Environment(StrEnum):
    """Where this process runs: ``demo`` is open and seeded, ``production`` is closed and strict."""

    DEMO = "demo"
    PRODUCTION = "production"


class SettingsError(Exception):
    """The settings cannot be used; the message names each setting and says what to do."""


class Settings(BaseSettings):
    """Everything that may differ between two installations."""

    model_config = SettingsConfigDict(
        env_prefix="PERCAYA_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    environment: Annotated[
        Environment, Field(description="`demo` (open, seeded) or `production` (closed, strict).")
    ] = Environment.PRODUCTION
    secret: Annotated[
        SecretStr,
        Field(description="The one secret, at least 32 characters; every key is derived from it. Keep it."),
    ] = SecretStr(DEMO_SECRET)
    admin_key: Annotated[
        SecretStr | None,
        Field(description="The administrator's key for the results pages and figures; none: nobody enters."),
    ] = None
    database_url: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("PERCAYA_DATABASE_URL", "DATABASE_URL"),
            description="`sqlite:///path.db` (embedded) or `postgresql://user@host/name`.",
        ),
    ] = f"sqlite:///{ROOT / 'data' / 'percaya.db'}"
    base_url: Annotated[
        str | None,
        Field(description="The short public address of links, `https://ikm.go.id`; required in production."),
    ] = None
    host: Annotated[
        str,
        Field(validation_alias=AliasChoices("PERCAYA_HOST", "HOST"), description="Address to listen on."),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Field(
            validation_alias=AliasChoices("PERCAYA_PORT", "PORT"),
            ge=0,
            le=65535,
            description="Port to listen on.",
        ),
    ] = 8000
    site_name: Annotated[str, Field(description="The name citizens see.")] = "Percaya"
    site_contact: Annotated[
        str, Field(description="Where a citizen can ask about privacy: an e-mail or postal address.")
    ] = "privacy@example.org"
    default_language: Annotated[
        Literal["id", "en", "jv", "su"], Field(description="Language shown when nothing else is known.")
    ] = "id"
    instrument: Annotated[str, Field(description="Instrument given to new invitations.")] = "skm-2017.1"
    invitation_days: Annotated[
        int, Field(ge=1, le=90, description="Days after recording during which a link can be answered.")
    ] = 14
    oldest_transaction_days: Annotated[
        int, Field(ge=1, le=3660, description="A transaction that finished longer ago is refused.")
    ] = 400
    phone_region: Annotated[str, Field(description="Country of telephone numbers written without one.")] = (
        "ID"
    )
    max_batch_bytes: Annotated[
        int, Field(ge=1024, description="Largest accepted body of a batch of transactions, in bytes.")
    ] = 64 * 1024 * 1024
    work_in_process: Annotated[
        bool,
        Field(description="Do the tally, expiry and sealing work, and send SMS, inside the web process."),
    ] = True
    previous_secrets: Annotated[
        tuple[SecretStr, ...],
        Field(description="Secrets used before, as a JSON list: opt-outs made with them still hold."),
    ] = ()
    sms_file: Annotated[
        Path | None,
        Field(
            description="The file of SMS providers and national rules of contact, see docs/sms.md;"
            " none: no SMS in production, the console in the demonstration."
        ),
    ] = None

    words_dir: Annotated[
        Path | None,
        Field(
            description="A folder of your own words and rules for reading comments, see docs/comments.md;"
            " none: those of this version."
        ),
    ] = None

    @model_validator(mode="after")
    def _strict_in_production(self) -> "Settings":
        if self.environment is Environment.DEMO:
            return self
        wrong = []
        if self.secret.get_secret_value() == DEMO_SECRET:
            wrong.append("PERCAYA_SECRET is the default everybody knows; make one with `percaya secret`")
        elif len(self.secret.get_secret_value()) < SHORTEST_SECRET:
            wrong.append(f"PERCAYA_SECRET is shorter than {SHORTEST_SECRET} characters")
        if self.admin_key is not None and len(self.admin_key.get_secret_value()) < SHORTEST_SECRET:
            wrong.append(f"PERCAYA_ADMIN_KEY is shorter than {SHORTEST_SECRET} characters")
        if self.base_url is None:
            wrong.append("PERCAYA_BASE_URL is not set; it is the address in every link")
        elif not self.base_url.startswith("https://"):
            wrong.append("PERCAYA_BASE_URL must start with https://")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def demo(self) -> bool:
        """Whether this is the open demonstration."""
        return self.environment is Environment.DEMO

    @property
    def public_url(self) -> str:
        """The address links start with, without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def keys(self) -> Keys:
        """The keys derived from the secret, one per purpose."""
        return Keys(
            self.secret.get_secret_value(), [secret.get_secret_value() for secret in self.previous_secrets]
        )


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a setting is wrong or, in production, unsafe; the message names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_url=False, include_input=False):
            name = ".".join(str(part) for part in problem["loc"])
            message = problem["msg"].removeprefix("Value error, ")
            # A setting that is also read without the prefix is already named by its variable.
            variable = "PERCAYA_" + name.upper().removeprefix("PERCAYA_")
            lines.append(f"{variable}: {message}" if name else message)
        raise SettingsError("The settings cannot be used:\n  " + "\n  ".join(lines)) from None


def describe_settings() -> str:
    """Every setting as a commented ``.env`` file: its meaning and its default."""
    lines = ["# Remove the # before a name to set it. Environment variables win over this file."]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else field.default
        shown = "" if isinstance(default, SecretStr) else str(default).replace(str(ROOT), ".")
        lines += ["", f"# {field.description}", f"#PERCAYA_{name.upper()}={shown}"]
    return "\n".join(lines) + "\n"

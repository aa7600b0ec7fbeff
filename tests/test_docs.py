"""The documents tell the truth: their links lead somewhere and their commands exist and work."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from survey.cli import main
from survey.settings import describe_settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
_LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
_COMMAND = re.compile(r"`?((?:\.venv/bin/)?percaya [a-z][^`#\n]*)")


def _commands(text: str) -> list[list[str]]:
    joined = re.sub(r"\\\n\s*", " ", text)
    shown = [match[1].strip(" .,;)") for match in _COMMAND.finditer(joined)]
    return [shlex.split(command) for command in shown if "…" not in command]


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_to_a_file(name: str) -> None:
    path = ROOT / name
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{name} points to {target}"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_shown_exists(name: str) -> None:
    for words in _commands((ROOT / name).read_text(encoding="utf-8")):
        command: click.Command = main
        for word in words[1:]:
            if not isinstance(command, click.Group):
                break
            found = command.commands.get(word)
            assert found is not None, f"{name} shows `{' '.join(words)}`"
            command = found
        options = {option for parameter in command.params for option in parameter.opts}
        for word in words:
            if word.startswith("--"):
                assert word.split("=")[0] in options | {"--help"}, f"{name} shows `{' '.join(words)}`"


def test_the_commands_of_the_readme_give_the_figure_it_promises(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "readme.db"
    database.write_bytes(sqlite_template.read_bytes())
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", f"sqlite:///{database}")
    set_up = _commands((ROOT / "docs/operations.md").read_text(encoding="utf-8"))
    promised = _commands((ROOT / "README.md").read_text(encoding="utf-8"))
    commands = [words for words in set_up if words[1] == "agencies"]
    commands += [words for words in promised if words[1] in ("responses", "figures")]
    assert [words[1] for words in commands][-2:] == ["responses", "figures"]
    output = ""
    for words in commands:
        result = CliRunner().invoke(main, words[1:], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        output += result.output
    assert "49 responses imported" in output


def test_the_example_environment_file_lists_every_setting_with_its_default() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == describe_settings()

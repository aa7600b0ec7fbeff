"""The rules of the house, kept by reading the source: who may import whom, and what stands only where."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import survey.models  # noqa: F401 - the tables register themselves

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([ROOT / "app.py", *(ROOT / "survey").rglob("*.py"), *(ROOT / "analysis").rglob("*.py")])
ROUTES = [path for path in SOURCES if path.parent.name == "routes"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
MOST_LINES = 330
# Who may open a connection: the ground, what moves whole tables, and the readers of results.
MAY_CONNECT = {
    "survey/database.py",
    "survey/writer.py",
    "survey/sealing.py",
    "survey/migrations.py",
    "survey/platform.py",
    "survey/results.py",
    "survey/cli.py",
    "survey/commands/demo.py",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, str | None]]:
    """Every import of a file, inside functions too: the module, and the name taken from it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield from ((str(node.module), alias.name) for alias in node.names)


def importers_of(*packages: str) -> set[str]:
    """The files that import any of some packages, or a part of one."""
    return {
        name_of(path)
        for path in SOURCES
        if any(
            module == package or module.startswith(package + ".")
            for module, _ in imports(path)
            for package in packages
        )
    }


def calls(path: Path) -> Iterator[str]:
    """Every call of a file as it is written: `time.time`, `open`, `self.database.connect`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_there_is_something_to_read() -> None:
    assert len(SOURCES) > 40
    assert len(ROUTES) > 5
    assert len(TEMPLATES) > 5


@pytest.mark.parametrize("path", [p for p in SOURCES if "analysis" in p.parts], ids=name_of)
def test_the_analysis_knows_no_web_no_database_and_nothing_of_the_domain(path: Path) -> None:
    strangers = {"survey", "app", "litestar", "sqlalchemy", "sqlmodel", "jinja2", "sqlite3", "psycopg"}
    assert {module.partition(".")[0] for module, _ in imports(path)} & strangers == set()


def test_the_domain_never_imports_its_routes_or_the_application() -> None:
    domain = {name_of(path) for path in SOURCES if path not in ROUTES and path.parent != ROOT}
    assert importers_of("survey.routes") & domain == set()
    # The command line starts the application, inside the command that does.
    assert importers_of("app") <= {"survey/cli.py", "survey/commands/demo.py", "survey/commands/serving.py"}


def test_the_routes_never_import_the_application_and_it_never_the_analysis() -> None:
    assert "app.py" not in importers_of("analysis")
    assert importers_of("app") & {name_of(path) for path in ROUTES} == set()


@pytest.mark.parametrize("path", ROUTES, ids=name_of)
def test_a_route_takes_only_types_of_results_from_the_analysis(path: Path) -> None:
    taken = [str(name) for module, name in imports(path) if module.partition(".")[0] == "analysis"]
    assert all(re.fullmatch(r"[A-Z]\w*", name) for name in taken)


@pytest.mark.parametrize("path", ROUTES, ids=name_of)
def test_a_route_speaks_no_sql(path: Path) -> None:
    modules = {module.partition(".")[0] for module, _ in imports(path)}
    assert modules & {"sqlalchemy", "sqlmodel", "sqlite3", "psycopg"} == set()
    assert {name for module, name in imports(path) if module == "survey.database"} <= {"Unavailable"}
    texts = [
        node.value
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    spoken = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s.+\sSET|DELETE\s+FROM)\b", re.S)
    assert [text for text in texts if spoken.search(text)] == []


@pytest.mark.parametrize("path", ROUTES, ids=name_of)
def test_a_table_is_never_a_request_or_a_response(path: Path) -> None:
    tables = {mapper.class_.__name__ for mapper in SQLModel._sa_registry.mappers}
    assert len(tables) > 10
    taken = {name for module, name in imports(path) if module == "survey.models"}
    assert taken & tables == set()
    assert "survey.models" not in {module for module, name in imports(path) if name is None}


def test_only_the_settings_read_the_environment() -> None:
    asking = {
        name_of(path)
        for path in SOURCES
        if any(
            isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
            for node in ast.walk(tree_of(path))
        )
        or any(name in ("environ", "getenv") for _, name in imports(path))
        or "BaseSettings" in path.read_text(encoding="utf-8")
    }
    assert asking == {"survey/settings.py"}


def test_only_the_ground_speaks_to_the_drivers() -> None:
    opening = {
        name_of(path)
        for path in SOURCES
        if {"sqlite3.connect", "psycopg.connect", "create_engine", "psycopg_pool"} & set(calls(path))
    }
    assert opening == {"survey/database.py"}


def test_only_a_few_may_open_a_connection_and_no_route_does() -> None:
    opening = {name_of(path) for path in SOURCES if any(call.endswith(".connect") for call in calls(path))}
    assert opening <= MAY_CONNECT


def test_only_the_charts_draw_and_only_sentiment_asks_textblob_and_scikit_learn() -> None:
    drawing = importers_of("matplotlib")
    assert "analysis/charts/frame.py" in drawing
    assert all(name.startswith("analysis/charts/") for name in drawing)
    assert importers_of("textblob") == {"analysis/sentiment/english.py", "analysis/sentiment/indonesian.py"}


def test_the_time_of_day_is_read_in_one_place_only() -> None:
    clocks = {"time.time", "datetime.now", "datetime.utcnow", "date.today", "time.time_ns", "datetime.today"}
    reading = {name_of(path) for path in SOURCES if clocks & set(calls(path))}
    assert reading == {"survey/platform.py"}


def test_importing_the_application_loads_no_heavy_library() -> None:
    heavy = ("matplotlib", "textblob", "nltk", "numpy", "scipy", "pandas", "PIL")
    code = f"import sys, app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_no_file_is_named_for_being_useful_instead_of_for_what_it_does() -> None:
    vague = {"util", "utils", "helper", "helpers", "base", "manager", "managers", "common", "misc"}
    named = {path.stem for path in (*SOURCES, *(ROOT / "tests").rglob("*.py"))}
    named |= {part for path in SOURCES for part in path.relative_to(ROOT).parts}
    assert named & vague == set()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_runs_nothing_inline_and_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), "escaping is switched off"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "an inline script"
    assert not re.search(r"\sstyle\s*=", text), "an inline style"
    assert not re.search(r"\son[a-z]+\s*=", text), "an inline handler"
    assert not re.search(r"(src|href|action)\s*=\s*[\"']?(https?:)?//", text), "something from elsewhere"
    assert "javascript:" not in text


def test_text_is_declared_safe_in_one_place_only() -> None:
    declaring = {name_of(path) for path in SOURCES if "Markup" in set(calls(path))}
    assert declaring == {"survey/pages.py"}


def test_the_rules_would_notice_a_breach(tmp_path: Path) -> None:
    breach = tmp_path / "breach.py"
    breach.write_text("def f():\n    import sqlalchemy.orm\n    return sqlite3.connect('x')\n")
    assert list(imports(breach)) == [("sqlalchemy.orm", None)]
    assert list(calls(breach)) == ["sqlite3.connect"]

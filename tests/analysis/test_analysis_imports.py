"""The house rules of the package: what it may import, and what it may load before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import analysis

ROOT = Path(analysis.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = [
    ".".join(("analysis", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for file in FILES
]
HEAVY = ("numpy", "scipy", "matplotlib", "textblob", "nltk", "sklearn")
# A class of TextBlob's cannot be made without TextBlob; nothing of ours imports this file by itself.
IS_TEXTBLOB = "analysis.sentiment.indonesian"
OUTSIDE = {
    "survey",
    "app",
    "litestar",
    "sqlalchemy",
    "sqlmodel",
    "jinja2",
    "pydantic",
    "time",
    "datetime",
    "os",
}


def imported(file):
    """The top-level packages named anywhere in a file, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("module", [name for name in MODULES if name != IS_TEXTBLOB])
def test_importing_a_module_loads_no_heavy_library(module):
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_nothing_of_the_rest_of_the_house_and_no_clock(file):
    assert not OUTSIDE & set(imported(file))


def test_only_charts_draws_and_only_sentiment_asks_textblob_and_learns():
    using = {
        library: {file.relative_to(ROOT).parts[0] for file in FILES if library in imported(file)}
        for library in ("matplotlib", "textblob", "sklearn")
    }
    assert using == {"matplotlib": {"charts"}, "textblob": {"sentiment"}, "sklearn": {"sentiment"}}

"""`percaya audit`: somebody's published table in, a verdict that scripts and people can read out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey.cli import main
from survey.commands import audit_texts

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
KEYS = [
    "requirements",
    "procedure",
    "time",
    "cost",
    "product",
    "competence",
    "behaviour",
    "facilities",
    "complaints",
]

# Every figure of these tables is invented, to bring about one finding or one cause each.
_THREES = "\n".join(["element,mean", *(f"{key},3.00" for key in KEYS)])
_STEPS = "\n".join(["element,mean", *(f"{key},3.{at}0" for at, key in enumerate(KEYS))])
_COUNTS = "\n".join(["element,2,3,4", *(f"{key},1,1,1" for key in KEYS)])
_NAMED = {
    "answer_outside_scale": "ikm,80\nno,a,b\n1,5,4\n",
    "more_outside_scale": "ikm,80\nno,a,b\n" + "1,9,9\n" * 11,
    "count_outside_scale": "ikm,80\nelement,4,5\ncost,2,1\n",
    "mean_outside_scale": "ikm,80\nelement,mean\ncost,4.2\n",
    "value_outside_scale": "ikm,80\nelement,value\ncost,104\n",
    "headline_outside_scale": f"ikm,104\n{_THREES}",
    "index_outside_scale": f"index,4.2\n{_THREES}",
    "headline_off": f"ikm,80\n{_THREES}",
    "index_off": f"index,3.2\n{_THREES}",
    "scales_contradict": f"ikm,75\nindex,3.2\n{_THREES}",
    "grade_not_of_headline": f"ikm,75\ngrade,A\n{_THREES}",
    "grade_off": f"grade,A\n{_THREES}",
    "element_grade_off": "ikm,75\nelement,mean,grade\ncost,3,A\n",
    "element_contradicts_itself": "ikm,75\nelement,mean,value\ncost,3.00,80.00\n",
    "n_exceeded": "n,2\nikm,75\nelement,3\ncost,3\n",
    "n_contradicts_counts": "ikm,75\nelement,3,n\ncost,3,4\n",
    "sum_impossible": "ikm,75\nn,3\nelement,sum\ncost,13\n",
    "answers_missing": "n,4\nikm,75\nelement,3\ncost,3\n",
    "mean_not_possible": "n,29\nikm,86.50\nelement,mean\ncost,3.46\n",
    "element_unanswered": "ikm,75\nelement,mean\ncost,-\ntime,3\n",
    "elements_unknown": "k,9\nikm,75\nelement,mean\ncost,3\n",
    "not_nine_elements": "ikm,75\nelement,mean\ncost,3\n",
    "too_few_to_publish": "ikm,75\nelement,3\ncost,3\n",
    "order_unknown": "ikm,75\nelement,mean\nU8,3\nU9,3\n",
    "weight_printed": f"ikm,75\nweight,0.11\n{_THREES}",
    "outside_scale_accepted": "ikm,105\nelement,mean\ncost,4.2\n",
    "weight_rounded": f"ikm,74.25\n{_COUNTS}",
    "weight_of_nine": "ikm,66.60\nelement,3\n" + "\n".join(f"{key},20" for key in KEYS[:8]),
    "element_as_headline": f"ikm,80.00\n{_STEPS}",
    "truncated": "ikm,91.66\nelement,3,4\ncost,1,2\n",
    "index_rounded": "ikm,83.25\nelement,3,4\ncost,2,1\n",
    "means_rounded": "ikm,83.33\nelement,3,4\ncost,9,5\ntime,2,1\nproduct,2,1\n",
    "weighted_rounded": f"ikm,74.25\n{_COUNTS}",
    "missing_as_zero": "n,4\nikm,56.25\nelement,3\ncost,3\ntime,3\n",
    "complete_rows_only": "ikm,87.50\nno,a,b\n1,4,3\n2,1,\n",
    "best_scores_only": "ikm,76.32\nno,a\n" + "1,3\n" * 18 + "2,4\n3,1\n",
    "rescaled_from_zero": f"ikm,66.67\n{_COUNTS}",
    "element_left_out": f"ikm,86.25\n{_STEPS}".replace("requirements,3.00", "requirements,3.97"),
    "element_as_zero": f"ikm,74.44\n{_STEPS}",
    "digits_swapped": "ikm,80.24\nelement,mean\ncost,3.412\ntime,3.277\n",
    "one_element": f"ikm,76.13\n{_COUNTS}",
    "grade_table": "grade,A\nelement,mean\ncost,3.40\n",
}


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["audit", *words])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def written(tmp_path: Path, text: str, name: str = "table.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_that_follows_is_passed() -> None:
    output = run(str(EXAMPLES / "published-brantas.csv"), "--lang", "en").output
    assert output.startswith(
        "What is published follows from the table: its elements give 78.86 (78.74 to 78.99"
    )
    assert "What contradicts itself" not in output


def test_a_table_that_does_not_follow_is_told_with_its_cause() -> None:
    output = run(str(EXAMPLES / "published-gaspul.csv"), "--lang", "en", code=1).output
    assert output.startswith(
        "The published index 90.56 does not follow from the table: its elements give 91.48"
    )
    assert "It is off by -0.92." in output
    assert "- The weight was rounded to 0.11 instead of 1/9: this gives 90.56.\n" in output


def test_the_report_is_indonesian_unless_asked_otherwise() -> None:
    output = run(str(EXAMPLES / "published-bogor.json"), code=1).output
    assert output.startswith("Indeks yang dipublikasikan, 96,88, tidak sesuai dengan tabelnya")
    assert "mutu B. Selisihnya +9,46." in output
    assert "Salah sel: ini nilai Penanganan Pengaduan, Saran dan Masukan saja" in output


def test_an_answer_outside_the_scale_is_named_by_row_and_column() -> None:
    output = run(str(EXAMPLES / "published-laboratory.csv"), "--lang", "en", code=1).output
    assert "- Row 17, column U2: 5 is not an answer from 1 to 4.\n" in output
    assert "- The weight was rounded to 0.33 instead of 1/3: this gives 86.63.\n" in output


def test_the_json_has_the_verdict_the_figures_and_the_words() -> None:
    shown = json.loads(run(str(EXAMPLES / "published-gaspul.csv"), "--json", code=1).output)
    assert (shown["follows"], shown["headline_follows"], shown["grade_2017"]) == (False, False, "A")
    assert (shown["headline"], shown["ikm_rounded"], shown["ikm_exact"]) == (90.56, 91.48, "23875/261")
    assert shown["off"] == pytest.approx(90.56 - 23875 / 261)
    assert [one["finding"] for one in shown["findings"]] == ["headline_off"]
    assert shown["causes"][0]["cause"] == "weight_rounded"
    assert shown["causes"][0]["numbers"] == {"weight": 0.11}
    assert shown["elements"][3] == {
        **{"element": "cost", "mean": 4.0, "low": 4.0, "high": 4.0, "from": "counts", "answered": 29},
        **{"grades": ["A"], "published_grade": None},
    }


def test_numbered_elements_get_their_names_with_the_order(tmp_path: Path) -> None:
    lines = [f"U{at},{3 if at == 8 else 4}" for at in range(1, 10)]
    path = written(tmp_path, "\n".join(["ikm,97.22", "element,mean", *lines]))
    lowest = {
        order: next(one["element"] for one in json.loads(run(path, "--json", *words).output)["elements"][7:8])
        for order, words in {
            "regulation": ("--order", "regulation"),
            "questionnaire": ("--order", "questionnaire"),
            None: (),
        }.items()
    }
    assert lowest == {"regulation": "complaints", "questionnaire": "facilities", None: "U8"}


@pytest.mark.parametrize("lang", ["id", "en"])
@pytest.mark.parametrize("word", sorted(_NAMED))
def test_every_finding_and_cause_can_be_read_in_both_languages(word: str, lang: str, tmp_path: Path) -> None:
    path = written(tmp_path, _NAMED[word])
    shown = CliRunner().invoke(main, ["audit", path, "--json"])
    seen = json.loads(shown.output)
    words = [one["finding"] for one in seen["findings"]] + [one["cause"] for one in seen["causes"]]
    assert word in words
    assert shown.exit_code == (0 if seen["follows"] else 1)
    report = run(path, "--lang", lang, code=shown.exit_code).output
    assert "%(" not in report
    assert report.count("\n- ") == len(words)


def test_there_is_a_text_for_every_word_and_a_table_for_every_text() -> None:
    assert audit_texts._FINDINGS.keys() | audit_texts._CAUSES.keys() == _NAMED.keys()


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "The published index 80.00 cannot be, whatever the elements that are not shown."),
        ("grade,B\n", "The published index 80.00 cannot be"),
    ],
)
def test_an_impossible_headline_is_told_from_few_elements(text: str, start: str, tmp_path: Path) -> None:
    table = written(tmp_path, f"{text}ikm,80\nk,2\nelement,mean\ncost,1.00\n")
    assert run(table, "--lang", "en", code=1).output.startswith(start)


def test_the_verdict_says_when_only_something_else_does_not_follow(tmp_path: Path) -> None:
    path = written(tmp_path, f"ikm,75\ngrade,A\n{_THREES}")
    assert run(path, "--lang", "en", code=1).output.startswith(
        "The published index follows from the table, but"
    )
    path = written(tmp_path, f"grade,A\n{_THREES}")
    assert run(path, "--lang", "en", code=1).output.startswith("The published grades do not follow")
    path = written(tmp_path, "k,9\nikm,75\nelement,mean\ncost,3\n")
    assert run(path, "--lang", "en").output.startswith("Nothing contradicts what is published, but")


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("ikm,80\nelement,mean\ncost,3.x\n", "table.csv", "line 3, column 2 (mean): '3.x' is not a number"),
        ('{"ikm" 80}', "table.json", "line 1, column 8: Expecting ':' delimiter"),
        ("element,mean\ncost,3\n", "table.csv", "the table prints no headline and no grade"),
        ("ikm,80\nelement,3\ncost,0\n", "table.csv", "nobody answered any element"),
        ("1,2,3\n" * 400_000, "table.csv", "the file is larger than 2048 KiB"),
        ("PK\0\1", "table.csv", "line 1: not text but a NUL character"),
        ("", "table.json", "line 1, column 1: Expecting value"),
    ],
)
def test_a_file_that_is_no_such_table_is_one_line_and_exit_code_2(
    text: str, name: str, message: str, tmp_path: Path
) -> None:
    output = run(written(tmp_path, text, name), code=2).output
    assert output.startswith(f"Error: {message}")
    assert output.count("\n") == 1


def test_a_wrong_call_has_exit_code_2(tmp_path: Path) -> None:
    assert "does not exist" in run(str(tmp_path / "none.csv"), code=2).output
    assert ".csv, .txt, .tsv, .json" in run(written(tmp_path, "PK", "table.xlsx"), code=2).output


def test_what_a_file_says_cannot_move_the_cursor_or_style_the_report(tmp_path: Path) -> None:
    lines = [
        "title,\x1b[2J[bold]x[/nothing]",
        "ikm,80",
        "element,mean",
        "\x1b]0;me\x07[red]one,3.00",
        "two,3.00",
    ]
    output = run(written(tmp_path, "\n".join(lines)), code=1).output
    assert "\x1b" not in output
    assert "\x07" not in output
    assert "[bold]x[/nothing]" in output
    output = run(written(tmp_path, "ikm,80\nelement,\x1b[2J\ncost,3\n"), code=2).output
    assert "\x1b" not in output


def test_no_settings_and_no_database_are_needed(tmp_path: Path) -> None:
    # In an empty directory and environment every other command would ask for the production settings.
    command = [sys.executable, "-m", "survey.cli", "audit", str(EXAMPLES / "published-brantas.csv"), "--json"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["follows"] is True
    assert not list(tmp_path.glob("*.db"))

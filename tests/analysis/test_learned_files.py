"""Files of labelled comments: what is read, and what is said of a row that cannot be."""

from pathlib import Path

import pytest
from learned_comments import comments

from analysis.errors import Malformed
from analysis.sentiment.labelled import Labelled, read_labelled
from analysis.sentiment.training import train_files


def written(folder: Path, content: str, name: str = "labels.csv") -> Path:
    file = folder / name
    file.write_bytes(content.encode())
    return file


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_may_be_separated_by_commas_semicolons_and_tabs(tmp_path: Path, mark: str) -> None:
    file = written(
        tmp_path, f"id{mark}text{mark}label\n1{mark}ramah{mark}positive\n2{mark}lama{mark}negative\n"
    )
    assert read_labelled(file) == [Labelled("ramah", "positive"), Labelled("lama", "negative")]


def test_a_quoted_comment_may_hold_commas_quotes_and_lines(tmp_path: Path) -> None:
    file = written(tmp_path, 'text,label\n"lama,\nkata ""petugas""",negative\n')
    assert read_labelled(file) == [Labelled('lama,\nkata "petugas"', "negative")]


def test_between_tabs_quotes_are_nothing_special(tmp_path: Path) -> None:
    file = written(tmp_path, 'text\tlabel\n"lama kata dia\tnegative\nramah"\tpositive\n')
    assert [row.text for row in read_labelled(file)] == ['"lama kata dia', 'ramah"']


def test_labels_may_be_indonesian_and_the_file_from_a_spreadsheet(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufeffLabel;Text\r\nPositif;ramah\r\nNETRAL;buka jam 8\r\n\r\nnegatif;lama\r\n")
    assert [row.label for row in read_labelled(file)] == ["positive", "neutral", "negative"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: name the columns text and label"),
        ("text,sentiment\na,positive\n", "line 1: name the columns text and label"),
        (
            "text,label\nramah,positive\nrahasia,good\n",
            "line 3: the label must be positive, neutral or negative",
        ),
        ("text,label\nrahasia, besar,positive\n", "line 2: there are 3 columns, the first line has 2"),
        ("text,label\nrahasia\n", "line 2: there are 1 columns, the first line has 2"),
        ('text,label\n"satu\ndua",positive\nrahasia,x\n', "line 4: the label"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_file_and_line(tmp_path: Path, content: str, said: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(Malformed) as refused:
        read_labelled(file)
    assert str(refused.value).startswith(str(file))
    assert said in str(refused.value)
    assert "rahasia" not in str(refused.value)


def test_a_comment_larger_than_any_is_refused_by_line(tmp_path: Path) -> None:
    file = written(tmp_path, "text,label\nok,positive\n" + "a" * 200_000 + ",positive\n")
    with pytest.raises(Malformed, match="line 3"):
        read_labelled(file)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes("text,label\nrétak,positive\n".encode("latin-1"))
    with pytest.raises(Malformed, match="UTF-8"):
        read_labelled(file)


def test_an_analyser_is_trained_from_several_files(tmp_path: Path) -> None:
    rows = [f"{text}\t{label}" for text, label in comments(180, seed=1)]
    first = written(tmp_path, "\n".join(["text\tlabel", *rows[:90]]), "one.tsv")
    second = written(tmp_path, "\n".join(["text\tlabel", *rows[90:]]), "two.tsv")
    learned = train_files([first, second])
    assert learned.model.labelled == 180
    assert learned.label_many(["petugas ramah sangat membantu", "antre lama kecewa"]) == [
        "positive",
        "negative",
    ]

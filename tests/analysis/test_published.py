"""Reading somebody's table from a file: the shapes it may have, and what is said of what is none."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.audit import audit_published
from analysis.errors import Refused
from analysis.published import PublishedElement, PublishedTable
from analysis.published_files import MOST_BYTES, read_published
from analysis.published_words import element_key


def csv(text: str, order: str | None = None) -> PublishedTable:
    return read_published(text.encode(), "csv", order)


def document(content: object, order: str | None = None) -> PublishedTable:
    return read_published(json.dumps(content).encode(), "json", order)


@pytest.mark.parametrize(
    "text",
    [
        "ikm,78.88\nelement,mean\ncost,3.10\ntime,3\n",
        "\ufeffikm;78,88\nelement;mean\ncost;3,10\ntime;3\n",
        "element\tmean\r\ncost\t3,10\r\ntime\t3\r\nikm\t78,88\r\n",
        'ikm,"78,88"\n\n"element","mean",\n"cost","3,10",,\n"time","3"\n',
        "Nilai IKM: ; 78,88 ;;\nUnsur Pelayanan; Nilai Rata-rata\nBiaya/Tarif;3,10\nWaktu Penyelesaian;3\n",
        "no;Unsur;Nilai;Peringkat\n1;Tarif;3,10;1\n2;Waktu;3;2\nIKM;78,88\n",
    ],
)
def test_commas_semicolons_tabs_and_decimal_commas_are_read(text: str) -> None:
    table = csv(text)
    assert table.ikm == Decimal("78.88")
    assert [(one.key, str(one.mean)) for one in table.elements] == [("cost", "3.10"), ("time", "3")]
    # The spreadsheet dropped the zeros of 3.00.
    assert table.mean_decimals() == 2


def test_counts_sums_values_and_grades_are_read() -> None:
    table = csv("n,29\nelement,1,2,3,4,sum,n,25-100,mutu\ncost,0,,11,18,105,29,90.52,A (Sangat baik)\n")
    assert table.elements == (
        PublishedElement(
            "cost",
            counts={1: 0, 3: 11, 4: 18},
            total=105,
            n=29,
            value=Decimal("90.52"),
            grade="A (Sangat baik)",
        ),
    )


def test_beside_semicolons_a_comma_belongs_to_a_name() -> None:
    assert [one.key for one in csv("Biaya, tarif;Waktu\n4;3\nikm;80\n").elements] == ["cost", "time"]


def test_everything_said_of_the_table_is_read_in_both_languages() -> None:
    english = "title,T\nsource,S\nn,9\nikm,80\nindex,3.2\ngrade,B\nweight,0.11\nk,9\nrule,2004\ndecimals,2\n"
    indonesian = (
        "judul,T\nsumber,S\njumlah responden,9\nnilai ikm,80\nindeks,3.2\nmutu pelayanan,B\nbobot,0.11\n"
        "jumlah unsur,9\naturan,KEP/25/M.PAN/2/2004\ndesimal,2\n"
    )
    expected = PublishedTable(
        (PublishedElement("cost", mean=Decimal(3)),),
        **{"title": "T", "source": "S", "n": 9, "ikm": Decimal(80), "index": Decimal("3.2"), "grade": "B"},
        **{"weight": Decimal("0.11"), "k": 9, "rule": "2004", "decimals": 2},
    )
    for about in (english, indonesian):
        assert csv(about + "element,mean\ncost,3\n") == expected


def test_a_title_may_hold_the_separator() -> None:
    assert csv("title,SKM, first half; 2023\nelement,mean\ncost,3\n").title == "SKM,first half; 2023"


def test_a_headline_from_1_to_4_is_the_index_under_any_name() -> None:
    table = csv("ikm;3,16\nunsur;nrr\nbiaya;3\n")
    assert (table.ikm, table.index) == (None, Decimal("3.16"))


def test_a_column_called_nilai_has_the_scale_of_its_figures() -> None:
    assert csv("unsur,nilai\nbiaya,3.1\n").elements[0].mean == Decimal("3.1")
    assert csv("unsur,nilai\nbiaya,77.5\n").elements[0].value == Decimal("77.5")
    with pytest.raises(Refused, match="line 1, column 2: figures on different scales"):
        csv("unsur,nilai\nbiaya,77.5\nwaktu,3.1\n")
    with pytest.raises(Refused, match="line 1, column 3: a second column of the mean"):
        csv("unsur,nrr,nilai\nbiaya,3.1,3.1\n")
    assert csv("unsur,nrr,nilai\nbiaya,3.1,77.5\n").elements[0].value == Decimal("77.5")


def test_a_matrix_of_respondents_is_counted() -> None:
    table = csv("ikm,79.17\nno,biaya,waktu,Kebersihan\n1,4,3,2\n2,,-,4\n")
    assert [(one.key, one.counts) for one in table.elements] == [
        ("cost", {4: 1}),
        ("time", {3: 1}),
        ("Kebersihan", {2: 1, 4: 1}),
    ]
    assert (table.n, table.rows) == (2, ((4, 3, 2), (None, None, 4)))


def test_a_cell_outside_the_scale_is_kept_with_its_place() -> None:
    table = csv("ikm,80\nresponden,U1,U2\n1,4,4\n2,4,5\n")
    assert table.misfits == ((2, "U2", 5),)


@pytest.mark.parametrize(
    ("order", "last"),
    [
        ("regulation", ["complaints", "facilities"]),
        ("questionnaire", ["facilities", "complaints"]),
        (None, ["U8", "U9"]),
    ],
)
def test_numbers_of_elements_are_keys_only_in_a_known_order(order: str | None, last: list[str]) -> None:
    text = "element,mean\n" + "".join(f"U{at},3.0{at}\n" for at in range(1, 10))
    assert [one.key for one in csv(text, order).elements[7:]] == last
    if order:
        assert csv(f"order,{order}\n" + text) == csv(text, order)
        assert (
            document({"order": order, "element_means": {f"U{at}": 3 for at in range(1, 10)}}).elements[7].key
            == (last[0])
        )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Sistem, Mekanisme, dan Prosedur", "procedure"),
        ("Penanganan Pengaduan, Saran dan Masukan", "complaints"),
        ("Sarana dan Prasarana", "facilities"),
        ("Produk Spesifikasi Jenis Pelayanan", "product"),
        ("Kemampuan petugas", "competence"),
        ("Biaya/Tarif*", "cost"),
        ("BEHAVIOUR", "behaviour"),
        ("Waktu dan biaya", "Waktu dan biaya"),
        ("Keamanan  Lingkungan", "Keamanan Lingkungan"),
        ("u 3", "U3"),
        ("4.", "U4"),
    ],
)
def test_an_element_is_known_by_its_names_and_else_keeps_its_own(name: str, key: str) -> None:
    assert element_key(name, None) == key


def test_a_dash_is_an_element_that_was_not_asked_and_an_empty_cell_one_not_shown() -> None:
    table = csv("ikm,75\nelement,mean\ncost,-\ntime,3\nproduct,\n")
    assert [one.answered for one in table.elements] == [0, None, None]
    audit = audit_published(table)
    assert [one.word for one in audit.findings] == [
        "element_unanswered",
        "elements_unknown",
        "not_nine_elements",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no line names columns, such as element,mean"),
        ("ikm,80\n", "line 1: no line names columns, such as element,mean"),
        ("ikm,80\nelement,mean\n", "a table has 1 to 60 elements, this has 0"),
        ("element,mean\ncost,3.x\n", "line 2, column 2 (mean): '3.x' is not a number"),
        ("element,mean\ncost,1.234.5\n", "line 2, column 2 (mean): '1.234.5' is not a number"),
        ("element,mean\ncost,1e9\n", "line 2, column 2 (mean): '1e9' is not a number"),
        ("element,mean\ncost,NaN\n", "line 2, column 2 (mean): 'NaN' is not a number"),
        ("element,3,4\n\ncost,-1,2\n", "line 3, column 2 (3): '-1' is not a whole number"),
        ("element,sum\ncost,105.5\n", "line 2, column 2 (sum): '105.5' is not a whole number"),
        ("element,sum\ncost,105\n", "cost: a sum of answers needs the number of them, n"),
        (
            "element,mean\ncost,3,16\n",
            "line 2, column 3: 3 cells under 2 names; with decimal commas, separate",
        ),
        (
            "ikm,78,88\nelement,mean\ncost,3\n",
            "line 1, column 2 (ikm): 2 values; with decimal commas, separate",
        ),
        ("element,mean\ncost,3\nTotal,28\n", "line 3, column 1 (element): 'Total' is not an element"),
        ("element,mean\n,3\n", "line 2, column 1 (element): '' is not an element"),
        ("element,mean\ncost,3\nbiaya,3\n", "named twice: cost"),
        ("element,smile\ncost,3\n", "line 1, column 2: 'smile' is not a known column"),
        ("element,mean,nrr\ncost,3,3\n", "line 1, column 3: a second column 'nrr'"),
        ("element,grade\ncost,E\n", "line 2: 'E' is not a grade"),
        ("grade,E\nelement,mean\ncost,3\n", "line 1, column 2 (grade): 'E' is not a grade"),
        ("ikm,80\nikm,81\nelement,mean\ncost,3\n", "line 2, column 2 (ikm): already said in line 1"),
        ("ikm,3.2\nindex,3.1\nelement,mean\ncost,3\n", "line 2, column 2 (index): a second index"),
        ("order,mine\nelement,mean\ncost,3\n", "line 1, column 2 (order): 'mine' is neither regulation"),
        ("rule,1999\nelement,mean\ncost,3\n", "line 1, column 2 (rule): '1999' names neither"),
        ("k,1\nelement,mean\ncost,3\ntime,3\n", "2 elements are listed, the survey is said to have had 1"),
        ("no,U1,U2\n1,4,good\n", "line 2, column 3 (U2): 'good' is not a whole number"),
        ("no,U1,U2\n1,4,4,4\n", "line 2: 4 cells under 3 names"),
        ('element,mean\ncost,"3\n', "line 2: unexpected end of data"),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_named_by_line_and_column(text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        csv(text)
    assert str(refused.value).startswith(message)


def test_a_document_lists_elements_or_maps_them() -> None:
    listed = {
        "n": 29,
        "elements": [{"element": "Biaya/Tarif", "counts": {"3": 11, "4": 18}, "mean": 3.62, "grade": "A"}],
        "published": {"ikm": 90.52, "index_1_4": "3,62", "grade": "A"},
    }
    mapped = {
        "id": "ignored",
        "n": 29,
        "source": {"what": "ignored when it is not text"},
        "element_counts": {"cost": [0, 0, 11, 18]},
        "element_means": {"cost": "3.62"},
        "published": {"ikm": 90.52, "index_1_4": 3.62, "grade": "A", "element_grades": {"cost": "A"}},
    }
    one, other = document(listed), document(mapped)
    assert one.elements[0].sum_of_answers == other.elements[0].sum_of_answers == 105
    for table in (one, other):
        assert (table.elements[0].mean, table.elements[0].grade) == (Decimal("3.62"), "A")
        assert (table.ikm, table.index, table.grade, table.n) == (Decimal("90.52"), Decimal("3.62"), "A", 29)
        assert audit_published(table).follows


def test_a_document_may_hold_sums_values_or_a_matrix() -> None:
    sums = document({"n": 29, "element_sums": {"cost": 116}, "published": {"ikm": 100}})
    assert audit_published(sums).ikm == 100
    values = document({"element_index_25_100": {"cost": 96.88}, "published": {"ikm": 96.88}})
    assert values.elements[0].value == Decimal("96.88")
    matrix = {
        "positional_elements": ["U1", "Biaya"],
        "matrix": [[4, 3], [None, "-"]],
        "published": {"ikm": 87.5},
    }
    assert document(matrix).rows == ((4, 3), (None, None))
    assert audit_published(document(matrix)).follows


def test_digits_of_a_json_number_are_those_written() -> None:
    table = read_published(b'{"element_means": {"cost": 3.10, "time": 3.2}, "ikm": 78.80}', "json")
    assert (str(table.elements[0].mean), str(table.ikm)) == ("3.10", "78.80")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: Expecting value"),
        ('{"n": 1,\n "ikm" 80}', "line 2, column 8: Expecting ':' delimiter"),
        ("[]", "the document: not an object in braces"),
        ("{}", "no elements: the document has none of elements, matrix"),
        ('{"elements": [], "ikm": NaN}', "NaN is not a number"),
        ('{"ikm": 1e999999999, "element_means": {"cost": 3}}', "ikm: '1e999999999' is not a number"),
        ('{"ikm": 80, "ikm": 81}', "the key 'ikm' stands twice"),
        ('{"ikm": 80, "published": {"ikm": 81}}', "published.ikm: said twice"),
        ('{"ikm": true, "element_means": {"cost": 3}}', "ikm: neither a number nor text"),
        ('{"element_means": {"cost": [3]}}', "element_means.cost: neither a number nor text"),
        ('{"element_means": {"cost": 3, "biaya": 3}}', "element_means.biaya: a second mean of 'cost'"),
        ('{"elements": {"cost": 3}}', "elements: not a list"),
        ('{"elements": [3]}', "elements[0]: not an object in braces"),
        ('{"elements": [{"mean": 3}]}', "elements[0].element: neither a number nor text"),
        ('{"elements": [{"element": "cost", "maen": 3}]}', "elements[0]: 'maen' is none of"),
        (
            '{"elements": [{"element": "cost", "mean": "x"}, {"element": "time"}]}',
            "elements[0].mean: 'x' is not a number",
        ),
        ('{"elements": [{"element": "cost"}, {"element": "biaya"}]}', "elements[1]: 'cost' stands twice"),
        ('{"element_counts": {"cost": {"3": -1}}}', "element_counts.cost.3: '-1' is not a whole number"),
        ('{"matrix": 3}', "matrix: not a list of rows"),
        ('{"matrix": [[4, 4], [4, 2.5]]}', "matrix, row 2, column 2: '2.5' is not a whole number"),
        ('{"matrix": [[4, 4], [4]]}', "row 2 has 1 answers for 2 elements"),
        ('{"published": [], "element_means": {"cost": 3}}', "published: not an object in braces"),
    ],
)
def test_what_is_wrong_with_a_document_is_named_by_its_place(text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        read_published(text.encode(), "json")
    assert str(refused.value).startswith(message)


def test_brackets_without_end_are_refused() -> None:
    with pytest.raises(Refused, match="line 1"):
        read_published(b'{"matrix": ' + b"[" * 200_000, "json")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_that_is_large_binary_or_in_another_encoding_is_refused(form: str) -> None:
    with pytest.raises(Refused, match="larger than 2048 KiB"):
        read_published(b"1,2,3,4\n" * (MOST_BYTES // 8 + 1), form)
    with pytest.raises(Refused, match="line 2: not UTF-8 text"):
        read_published(b"element,mean\n\xff\xfe\x00PK", form)
    with pytest.raises(Refused, match="line 2: not text but a NUL"):
        read_published(b"element,mean\ncost,\0\n", form)


@given(st.text(max_size=200), st.sampled_from(["csv", "json"]))
def test_whatever_a_file_holds_it_is_a_table_or_refused(text: str, form: str) -> None:
    try:
        table = read_published(text.encode("utf-8", "surrogatepass"), form)
    except Refused:
        return
    assert table.elements


cells = st.sampled_from(
    ["element", "mean", "ikm", "n", "cost", "U1", "3", "4", "3,5", "80", "-", "", "1", "grade", "A", "nilai"]
)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6), st.sampled_from(",;\t"))
def test_whatever_stands_in_the_cells_there_is_a_verdict_or_a_refusal(
    lines: list[list[str]], delimiter: str
) -> None:
    try:
        audit = audit_published(csv("\n".join(delimiter.join(line) for line in lines)))
    except Refused:
        return
    assert audit.follows != any(finding.breaks for finding in audit.findings)

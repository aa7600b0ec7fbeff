"""Draws each picture with Indonesian texts around, and makes the data that go into it."""

from collections.abc import Callable, Sequence
from typing import TypedDict

from analysis.charts import (
    Annotation,
    Band,
    Candidate,
    Element,
    Estimate,
    Funnel,
    IndexReading,
    Mix,
    MixedMonth,
    Priority,
    Profile,
    Stage,
    TrustGroup,
    TrustItem,
    TrustReading,
    funnel_svg,
    index_svg,
    mix_svg,
    priority_svg,
    profile_svg,
    trend_svg,
    trust_svg,
)
from analysis.intervals import Interval
from analysis.trends import Point

# PermenPAN-RB 14/2017, annex: the grades on the scale of 25 to 100.
GRADES: list[Band] = [(25.0, 65.0, "D"), (65.0, 76.61, "C"), (76.61, 88.31, "B"), (88.31, 100.0, "A")]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
# The nine elements as the regulation names them.
ELEMENTS = [
    "Persyaratan",
    "Sistem, Mekanisme, dan Prosedur",
    "Waktu Penyelesaian",
    "Biaya/Tarif",
    "Produk Spesifikasi Jenis Pelayanan",
    "Kompetensi Pelaksana",
    "Perilaku Pelaksana",
    "Sarana dan Prasarana",
    "Penanganan Pengaduan, Saran dan Masukan",
]
LONG = "Penanganan Pengaduan, Saran dan Masukan Masyarakat Kota"
UNBROKEN = "Ketidakbertanggungjawabansepenuhnyaatasketidakpuasan"


class Words(TypedDict):
    title: str
    description: str


WORDS: Words = {"title": "Judul", "description": "Uraian"}


def indonesian(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def english(value: float) -> str:
    return f"{value:,.2f}"


def interval(low: float, high: float) -> Interval:
    return Interval(low, high, 0.95, "wilson-calibrated")


def estimate(label: str, value: float, *ends: float) -> Estimate:
    return Estimate(label, value, interval(*ends) if ends else None)


def percent(value: float) -> str:
    return f"{100 * value:.0f}\u00a0%"


def draw_index(reading: IndexReading, number: Callable[[float], str] = indonesian) -> bytes:
    return index_svg(
        reading,
        **WORDS,
        heading="IKM (25–100)",
        level_text="Garis: selang kepercayaan 95 %",
        number=number,
        bands=GRADES,
        remark="Mutu belum pasti: selang melewati batas antara dua mutu.",
    )


def draw_profile(elements: list[Element], number: Callable[[float], str] = indonesian) -> bytes:
    return profile_svg(
        Profile(tuple(elements)),
        **WORDS,
        axis_label="Nilai unsur",
        level_text="Garis yang melalui titik adalah selang kepercayaan 95 %",
        number=number,
        bands=GRADES,
        remark="Unsur dengan nilai terendah didahulukan.",
    )


def draw_trend(
    points: list[Point], notes: list[Annotation], number: Callable[[float], str] = indonesian
) -> bytes:
    return trend_svg(
        points,
        **WORDS,
        y_label="IKM",
        level_text="Selang kepercayaan 95 %",
        month_names=MONTHS,
        number=number,
        bands=GRADES,
        annotations=notes,
    )


def draw_priority(candidates: list[Candidate], number: Callable[[float], str] = indonesian) -> bytes:
    return priority_svg(
        Priority(tuple(candidates)),
        **WORDS,
        importance_label="Kepentingan: bagian dari R²",
        performance_label="Nilai unsur",
        first_text="Dahulukan: penting, tetapi nilainya di bawah rata-rata",
        lines_text="Garis putus: rata-rata nilai dan bagian yang sama rata",
        level_text="Garis: selang kepercayaan 95 % kepentingan",
        number=number,
        percent=percent,
        remark="Hubungan, bukan sebab.",
    )


def draw_funnel(stages: list[Stage], number: Callable[[float], str] = indonesian) -> bytes:
    return funnel_svg(
        Funnel(tuple(stages)),
        **WORDS,
        count=lambda count: number(count)[:-3],
        percent=percent,
        heading="Dari transaksi sampai tanggapan",
        remark="Terkirim dan dibuka hanya diketahui untuk undangan lewat SMS.",
    )


def draw_mix(
    modes: Sequence[str], months: list[MixedMonth], number: Callable[[float], str] = indonesian
) -> bytes:
    return mix_svg(
        Mix(tuple(modes), tuple(months)),
        **WORDS,
        count_label="Jawaban",
        count=lambda count: number(count)[:-3],
        percent=percent,
        remark="Orang memilih sendiri cara menjawab.",
    )


def draw_trust(reading: TrustReading, number: Callable[[float], str] = indonesian) -> bytes:
    return trust_svg(
        reading,
        **WORDS,
        percent=percent,
        net=lambda net: f"{net:+.0f}",
        number=number,
        net_text="selisih {net} ({low} sampai {high}), n = {n}",
        remark="Kepercayaan pengguna layanan yang menjawab.",
    )


def year(value: Callable[[int], float], ends: Callable[[int], tuple[float, float]]) -> list[Point]:
    return [Point(202501 + i, value(i), *ends(i), 50, None) for i in range(12)]


def agreement(*names: str, shares: tuple[float, float, float], ends: tuple[float, float]) -> TrustGroup:
    items = tuple(TrustItem(name, 1, *shares, interval(*ends)) for name in names)
    return TrustGroup("Tingkat kepercayaan", ("Tidak setuju", "Netral", "Setuju"), items)


def stages(*counts: int) -> list[Stage]:
    wholes = ("dari semua transaksi", "dari transaksi yang diundang", "", "", "")
    names = ("Transaksi", "Diundang", "Terkirim", "Dibuka", LONG)
    return [Stage(*stage, LONG) for stage in zip(names, counts, wholes, strict=True)]

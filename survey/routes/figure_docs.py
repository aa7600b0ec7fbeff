"""How the figures describe themselves in OpenAPI: what they are, an example, and every refusal."""

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from survey.beside_bodies import AdjustedOut, BoundOut, CasesOut
from survey.body_reasons import EstimateOut, WithheldOut
from survey.figure_bodies import (
    ElementOut,
    EndsOut,
    FiguresOut,
    IntervalOut,
    LiveFigureOut,
    MonthOut,
    PeriodOut,
)
from survey.figures import METHOD
from survey.mode_bodies import ModeDifferenceOut, ModeOut, ModesOut, MonthModesOut
from survey.problems import MEDIA_TYPE, Problem
from survey.routes.api_docs import refusals
from survey.trust_bodies import DriverIndexOut, KeyDriversOut, TrustChecksOut, TrustItemOut, TrustOut

DESCRIPTION = (
    "Live figures for the agency itself: each index with its interval, the answers and transactions behind"
    " it, its grade and what made it, or the reason why it is withheld. Beside the official index, and never"
    " mixed with it: the index adjusted to all transactions, what the silent could change, trust, what goes"
    " along with it, by which modes people answered, and further items. Answers that were imported stand"
    " apart."
)
_NET = EstimateOut(value=59.8, low=47.1, high=70.1, n=102)
# Some of the elements, drivers and months that a real one has.
_EXAMPLE = FiguresOut(
    agency="dukcapil",
    agency_name="Dinas Kependudukan dan Pencatatan Sipil",
    figure=LiveFigureOut(
        period=PeriodOut("2026-Q3", 202607, 202609),
        method=METHOD,
        instrument="skm-2017.1",
        n=102,
        kind="ikm",
        ends=EndsOut(25.0, 100.0),
        value=81.84,
        value_exact=81.83551198257081,
        ikm=81.84,
        ikm_exact=81.83551198257081,
        ikm_without_cost=81.5,
        interval=IntervalOut(80.13, 83.44, 0.95, "wilson-calibrated"),
        grade="B",
        grade_certain=True,
        grade_probabilities={"A": 0.0, "B": 1.0, "C": 0.0, "D": 0.0},
        comparable=True,
        k=9,
        unanswered=[],
        withheld=[],
        withheld_because=[],
        elements=[ElementOut(key="time", answers=102, nrr=3.2, value=79.9, low=76.53, high=82.95, grade="B")],
        elements_withheld=[],
        transactions=420,
        invited=420,
        answered=102,
        response_rate=0.24285714285714285,
        target=201,
    ),
    adjusted=AdjustedOut(
        value=80.85,
        low=78.83,
        high=82.75,
        method="poststratified",
        cells=4,
        design_effect=1.15,
        n_eff=88.6,
        unheard=0,
        difference=-0.98,
        noteworthy=False,
    ),
    bias_bound=BoundOut(low=38.8, high=95.59, response_rate=0.24285714285714285),
    complete_cases=CasesOut(ikm=81.84, n=102, difference=0.0, differ=False),
    modes=ModesOut(
        modes=[
            ModeOut(mode="web", n=70, share=70 / 102, value=82.9, low=80.8, high=84.9, k=9, grade="B"),
            ModeOut(mode="sms", n=32, share=32 / 102, value=79.51, low=76.2, high=82.4, k=9, grade="B"),
        ],
        difference=ModeDifferenceOut(
            first="sms", second="web", value=-3.39, low=-7.2, high=0.2, verdict="no_clear_difference"
        ),
        months=[
            MonthModesOut(month=202607, n=34, shares=[24 / 34, 10 / 34]),
            MonthModesOut(month=202608, n=3, shares=[], withheld=WithheldOut("too_few", 3, 5)),
        ],
    ),
    trust=TrustOut(
        level=TrustItemOut(
            key="trust_level",
            n=102,
            asked=102,
            mean=68.9,
            low=64.5,
            high=72.9,
            agree=0.65,
            neutral=0.3,
            disagree=0.05,
            net=_NET,
        ),
        drivers=[
            TrustItemOut(key="integrity", n=3, asked=4, withheld=WithheldOut("too_few", 3, 5)),
        ],
        index=DriverIndexOut(
            value=67.2,
            low=63.1,
            high=71.0,
            n=45,
            drivers=["reliability", "responsiveness", "openness", "fairness"],
        ),
        net=_NET,
        checks=TrustChecksOut(
            alpha=EstimateOut(withheld=WithheldOut("too_few", 0, 2)),
            correlation=EstimateOut(withheld=WithheldOut("too_few", 14, 30)),
            verdict="not_known",
            sure=False,
        ),
    ),
    key_drivers=KeyDriversOut(
        stated=False,
        reason="no_order",
        about=[],
        n=102,
        left_out=0,
        r2=0.34,
        adjusted_r2=0.28,
        drivers=[],
        withheld=WithheldOut("no_order", 102),
    ),
    ratings=[],
    trend=[
        MonthOut(month=202607, value=82.1, low=77.8, high=85.8, n=34),
        MonthOut(month=202608, n=3, withheld="too_few"),
    ],
    sentiment=[MonthOut(month=202607, value=0.21, low=0.05, high=0.37, n=12)],
)
RESPONSES = {
    200: ResponseSpec(
        FiguresOut,
        description="The figures as they are now",
        generate_examples=False,
        examples=[Example(summary="A quarter of an agency", value=msgspec.to_builtins(_EXAMPLE))],
    ),
    400: ResponseSpec(
        Problem,
        description="A period that cannot be read",
        media_type=MEDIA_TYPE,
        generate_examples=False,
    ),
    **refusals(401, 404, 503),
}

"""How the comments describe themselves in OpenAPI: what they are, an example, and every refusal."""

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from survey.body_reasons import EstimateOut, WithheldOut
from survey.comments.bodies import (
    AllegationOut,
    CommentMonthOut,
    CommentSeriesOut,
    CommentsOut,
    CommentThemeOut,
    ContradictionOut,
    ErrorRateOut,
    QuoteOut,
    QuotesOut,
    QuoteWordOut,
    SharesOut,
    ThemeChangeOut,
)
from survey.figure_bodies import PeriodOut
from survey.problems import MEDIA_TYPE, Problem
from survey.routes.api_docs import refusals

DESCRIPTION = (
    "What people write, read by a program on the installation itself: how favourable, about what, how that"
    " changed, how often it contradicts the rating, how often the program errs and the shares corrected for"
    " that. Typical comments are given under the same rules as on the page: masked, from ten answers on, and"
    " never on matters of integrity."
)


def _share(value: float, low: float, high: float, n: int) -> EstimateOut:
    return EstimateOut(value=value, low=low, high=high, n=n)


_FEW = EstimateOut(withheld=WithheldOut("too_few", 9, 30))
_SHARES = SharesOut(_share(0.16, 0.11, 0.23, 140), _share(0.1, 0.06, 0.16, 140), _share(0.74, 0.66, 0.8, 140))
# Some of the themes and months that a real one has.
_EXAMPLE = CommentsOut(
    agency="dukcapil",
    agency_name="Dinas Kependudukan dan Pencatatan Sipil",
    period=PeriodOut("2026-Q3", 202607, 202609),
    series=CommentSeriesOut(1, "themes-1+32a6fb3c/lexicon-1+3a97de63", "lexicon", "current", 1795000000),
    n=140,
    waiting=0,
    unread_by_series=0,
    error_rate=ErrorRateOut(0.2, 0.17, 0.24, 100, 500, 5),
    polarity=_share(0.31, 0.26, 0.36, 140),
    net=_share(58.0, 46.1, 67.9, 140),
    shares=_SHARES,
    corrected=SharesOut(
        _share(0.12, 0.03, 0.22, 140), _share(0.08, 0.0, 0.2, 140), _share(0.8, 0.69, 0.9, 140)
    ),
    languages={"id": 118, "jv": 22},
    masked={"name": 3, "phone": 1},
    trend=[
        CommentMonthOut(month=202608, series=1, n=131, polarity=_share(0.3, 0.25, 0.35, 131), shares=_SHARES),
        CommentMonthOut(
            month=202609,
            series=1,
            n=9,
            polarity=_share(0.4, 0.1, 0.63, 9),
            shares=SharesOut(_FEW, _FEW, _FEW),
        ),
    ],
    themes=[
        CommentThemeOut(
            theme="time",
            n=44,
            negative=_share(0.43, 0.3, 0.58, 44),
            positive=_share(0.48, 0.34, 0.62, 44),
            change=ThemeChangeOut(verdict="rising", difference=0.08, low=0.02, high=0.14),
        ),
        CommentThemeOut(
            theme="brokers",
            negative=EstimateOut(withheld=WithheldOut("too_few", None, 30)),
            positive=EstimateOut(withheld=WithheldOut("too_few", None, 30)),
            change=ThemeChangeOut(withheld=WithheldOut("too_few", None, 5)),
        ),
    ],
    quotes={
        "time": QuotesOut(
            [
                QuoteOut(
                    "Antre lama, loket cuma satu yang buka.", "id", "negative", [QuoteWordOut("lama", False)]
                )
            ]
        )
    },
    contradictions=[
        ContradictionOut(
            kind="high_but_negative",
            share=_share(0.1, 0.06, 0.17, 112),
            count=11,
            by_error=9.2,
            by_error_low=5.8,
            by_error_high=13.4,
            beyond_error=False,
            examples=QuotesOut([], few=True),
        ),
        ContradictionOut(kind="low_but_positive", share=_FEW),
    ],
    allegations=[AllegationOut("bribery", 6), AllegationOut("brokers"), AllegationOut("discrimination")],
    earlier_series=[],
)
RESPONSES = {
    200: ResponseSpec(
        CommentsOut,
        description="The comments as they are now",
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

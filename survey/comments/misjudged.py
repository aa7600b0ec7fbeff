"""How often the analyser of a series misjudges a comment."""

from analysis.comments.confusion import Confusion, ErrorRate, error_rate, one_in
from analysis.intervals import wilson_proportion
from analysis.shares import Share
from survey.comments.series import Series


def confusion_of(series: Series) -> Confusion | None:
    """What comments whose meaning people had told were called by the analyser of a series.

    Of a lexicon stands the measurement that comes with it, unless the series brings one of its own. One that
    learned was compared with ratings alone, which are no reading of the text: None.
    """
    found = series.decision.get("confusion")
    if found is not None:
        return Confusion(tuple((row[0], row[1], row[2]) for row in found))
    if series.kind == "learned":
        return None
    from analysis.sentiment.errors import measured

    return measured().confusion


def error_of(series: Series) -> ErrorRate | None:
    """How often it errs: by ``confusion_of``, or of one that learned, on rated comments it had not seen.

    None for a learned one that was compared on nothing.
    """
    confusion = confusion_of(series)
    if confusion is not None:
        return error_rate(confusion)
    right, n = series.decision.get("learned_labels"), series.decision.get("n", 0)
    if right is None or not n:
        return None
    wrong = round((1 - right) * n)
    share = Share(wrong / n, wilson_proportion(wrong, n), wrong, n)
    return ErrorRate(share, one_in(share.value))

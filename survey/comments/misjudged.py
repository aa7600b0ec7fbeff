"""How often the analyser of a series misjudges a comment."""

from analysis.comments.confusion import Confusion
from survey.comments.series import Series


def confusion_of(series: Series) -> Confusion:
    """What comments of known label were called by the analyser of a series.

    One that learned was tried on comments of this installation that it had not seen; of a lexicon stands the
    measurement that comes with it.
    """
    found = series.decision.get("confusion")
    if found is not None:
        return Confusion(tuple((row[0], row[1], row[2]) for row in found))
    from analysis.sentiment.errors import measured

    return measured().confusion

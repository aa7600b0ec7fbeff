"""Figures of what citizens write: counts, trends, corrections for misjudged comments, and findings.

Everything but the choice of representative comments needs tallies only; none of it reads a comment's score
as if it were the truth.
"""

from analysis.comments.tally import LABELS, MEASURES, CommentTally

__all__ = ["LABELS", "MEASURES", "CommentTally"]

"""Disclosure control: what a publication may show, what it must hide, and what it tells all the same.

Describe a publication with ``tabulate``, let ``suppress`` hide what must be hidden, and publish it only if
``leaks`` finds it safe. Tallies suffice for all of it.
"""

from analysis.disclosure.audit import audit
from analysis.disclosure.lattice import Release, Row, Statistic, tabulate
from analysis.disclosure.leak import Leak
from analysis.disclosure.releases import Revision, differences, revision
from analysis.disclosure.report import Report, leaks
from analysis.disclosure.suppression import suppress
from analysis.disclosure.tables import CellBounds, TableAudit, audit_table
from analysis.disclosure.thresholds import DEFAULT, Thresholds

__all__ = [
    "DEFAULT",
    "CellBounds",
    "Leak",
    "Release",
    "Report",
    "Revision",
    "Row",
    "Statistic",
    "TableAudit",
    "Thresholds",
    "audit",
    "audit_table",
    "differences",
    "leaks",
    "revision",
    "suppress",
    "tabulate",
]

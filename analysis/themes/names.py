"""The themes a comment can be about: the nine elements of the survey, and three matters of integrity."""

ELEMENTS = (
    "requirements",
    "procedure",
    "time",
    "cost",
    "product",
    "competence",
    "behaviour",
    "facilities",
    "complaints",
)
"""Keys of the nine elements of PermenPAN-RB 14/2017, as the instruments write them."""

INTEGRITY = ("bribery", "brokers", "discrimination")
"""Bribes and illegal fees (pungli), middlemen (calo), and unequal treatment."""

THEMES = (*ELEMENTS, *INTEGRITY)

"""Pure: numbers, text and dates in; numbers, verdicts and pictures out.

Knows no database, web, settings or clock.
"""

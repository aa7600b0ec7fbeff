"""Results pages."""

ROUTES: list = []

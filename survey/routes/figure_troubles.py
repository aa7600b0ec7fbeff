"""What goes wrong on the pages of results and of comments."""

from typing import Any

from litestar import Response

from survey.places import NotFound
from survey.results_views import trouble_page
from survey.routes.staff import AnyRequest
from survey.routes.troubles import Troubles

_TROUBLES = Troubles(
    "results/trouble",
    trouble_page,
    {400: "period", 401: "unauthorized", 404: "unknown"},
    "internal",
)


def _on_unknown(request: AnyRequest, _error: NotFound) -> Response[Any]:
    return _TROUBLES.page(request, "unknown", 404)


# The citizen's pages of trouble speak of links and codes, and bring a style of their own.
HANDLERS: dict[Any, Any] = _TROUBLES.handlers | {NotFound: _on_unknown}

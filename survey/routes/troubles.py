"""What staff see instead of a page when something is wrong: said in words, with the right status."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException

from survey.database import Unavailable
from survey.problems import Refused
from survey.routes.errors import on_unexpected
from survey.routes.staff import AnyRequest, language_of, send


@dataclass(frozen=True)
class Troubles:
    """The pages of trouble of one area.

    Attributes:
        template: of all of them.
        page_of: the view of a trouble, named by a word, in a language.
        names: the words by status of a refusal; ``otherwise`` for any other.
    """

    template: str
    page_of: Callable[[Any, str], object]
    names: Mapping[int, str]
    otherwise: str

    def page(
        self, request: AnyRequest, trouble: str, status: int, headers: Mapping[str, str] | None = None
    ) -> Response[Any]:
        """The page of a trouble."""
        response = send(request, self.template, self.page_of(trouble, language_of(request)), status)
        response.headers.update(headers or {})
        return response

    @property
    def handlers(self) -> dict[Any, Any]:
        """For pages that are only looked at."""
        return {
            Refused: self._on_refused,
            Unavailable: self._on_unavailable,
            Exception: self._on_unexpected,
        }

    @property
    def form_handlers(self) -> dict[Any, Any]:
        """For pages with forms, which may come in any state."""
        return self.handlers | {HTTPException: self._on_http_error}

    def _on_refused(self, request: AnyRequest, error: Refused) -> Response[Any]:
        status = error.problem.status
        return self.page(request, self.names.get(status, self.otherwise), status, error.headers)

    def _on_http_error(self, request: AnyRequest, error: HTTPException) -> Response[Any]:
        return self.page(request, "unreadable", error.status_code, error.headers)

    def _on_unavailable(self, request: AnyRequest, _error: Unavailable) -> Response[Any]:
        return self.page(request, "unavailable", 503, {"Retry-After": "10"})

    def _on_unexpected(self, request: AnyRequest, error: Exception) -> Response[Any]:
        on_unexpected(request, error)
        return self.page(request, "internal", 500)

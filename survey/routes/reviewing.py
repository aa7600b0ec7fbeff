"""What the pages of allegations and corrections share: references to comments, and pages of trouble."""

from collections.abc import Callable
from typing import Any

from survey.comments.queue_views import trouble_page
from survey.comments.references import Reference, open_reference, seal_reference
from survey.problems import Refused
from survey.routes.staff import AnyRequest, platform_of
from survey.routes.troubles import Troubles


def sealer(request: AnyRequest) -> Callable[[Reference], str]:
    """What makes a reference to a comment as it may leave the installation."""
    platform = platform_of(request)
    keys, now = platform.settings.keys, platform.now()
    return lambda reference: seal_reference(keys, reference, now)


def opened(request: AnyRequest, sealed: str) -> Reference:
    """The comment that a reference means.

    Raises:
        Refused: 404, it is none of ours, or too old.
    """
    platform = platform_of(request)
    found = open_reference(platform.settings.keys, sealed, platform.now())
    if found is None:
        raise Refused(404, "not-found", "this reference is too old, or none of ours")
    return found


HANDLERS: dict[Any, Any] = Troubles(
    "allegations/text",
    trouble_page,
    {401: "unauthorized", 403: "forbidden", 404: "expired"},
    "unreadable",
).form_handlers

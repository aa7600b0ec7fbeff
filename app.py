"""Creates the Litestar application from the settings; nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from survey.platform import open_platform
from survey.routes import (
    allegations,
    assets,
    comments,
    comments_api,
    corrections,
    errors,
    feedback,
    figures,
    health,
    links,
    operations,
    results,
    sms,
    transactions,
)
from survey.security import Guard, answer_head
from survey.settings import Settings, read_settings


def create_app(settings: Settings | None = None, now: Callable[[], int] | None = None) -> Litestar:
    """The application; its platform opens with the server and closes with it."""
    platform = open_platform(settings or read_settings(), now)

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        if platform.settings.work_in_process:
            platform.worker.start()
            if platform.sms is not None:
                platform.sms.worker.start()
        try:
            yield
        finally:
            platform.close()

    app = Litestar(
        route_handlers=[
            *links.ROUTES,
            *feedback.ROUTES,
            *health.ROUTES,
            *results.ROUTES,
            *comments.ROUTES,
            *allegations.ROUTES,
            *corrections.ROUTES,
            *assets.ROUTES,
            *transactions.ROUTES,
            *figures.ROUTES,
            *comments_api.ROUTES,
            *sms.ROUTES,
            *operations.ROUTES,
        ],
        lifespan=[lifespan],
        exception_handlers=errors.HANDLERS,
        before_send=[
            Guard(platform.pages.style_hash, https=platform.settings.public_url.startswith("https://"))
        ],
        openapi_config=OpenAPIConfig(
            title="Percaya",
            version="1",
            description=health.API_DESCRIPTION,
            components=health.API_COMPONENTS,
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        logging_config=None,
    )
    app.state.platform = platform
    app.asgi_handler = answer_head(app.asgi_handler)
    return app

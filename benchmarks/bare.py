"""A bare server: any ASGI application under the very settings of `percaya serve`."""

from typing import Any

import uvicorn


def run_bare(app: Any) -> None:
    """Serve until terminated, on a port that the kernel chooses."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run()

"""The floor of memory: a Litestar application that does nothing, under the settings of `percaya serve`."""

from litestar import Litestar, get

from benchmarks.bare import run_bare


@get("/healthz")
async def alive() -> str:
    """The process answers."""
    return "ok\n"


if __name__ == "__main__":
    run_bare(Litestar([alive], openapi_config=None, logging_config=None))

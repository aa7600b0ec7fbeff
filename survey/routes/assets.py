"""Static files under addresses made of their content, so that a browser may keep them for ever."""

import gzip
import hashlib
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from survey.settings import ROOT

_MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}

AnyRequest = Request[Any, Any, Any]


class Asset(NamedTuple):
    """A file as it is sent: plain, compressed, and its media type."""

    body: bytes
    gzip: bytes
    media_type: str


def _load() -> tuple[dict[str, str], dict[str, Asset]]:
    """Addresses by file name, and files by the last part of their address."""
    addresses: dict[str, str] = {}
    assets: dict[str, Asset] = {}
    for path in sorted((ROOT / "static").iterdir()):
        if path.suffix in _MEDIA:
            body = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:12]}{path.suffix}"
            addresses[path.name] = f"/static/{name}"
            assets[name] = Asset(body, gzip.compress(body, 9, mtime=0), _MEDIA[path.suffix])
    return addresses, assets


ADDRESSES, ASSETS = _load()


@get("/static/{name:str}", include_in_schema=False)
async def asset(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    """A style sheet, script or icon of this version."""
    found = ASSETS.get(name)
    if found is None:
        raise NotFoundException
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {**_KEPT, "Content-Encoding": "gzip"}
        return Response(found.gzip, media_type=found.media_type, headers=headers)
    return Response(found.body, media_type=found.media_type, headers=_KEPT)


ROUTES = [asset]

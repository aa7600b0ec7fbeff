"""QR codes of links, as SVG text or as a PNG data URI."""

import io

import segno


def qr_svg(link: str) -> str:
    """The link as a QR code: an SVG document (ISO/IEC 18004, error correction M)."""
    out = io.BytesIO()
    segno.make_qr(link, error="m").save(out, kind="svg", scale=4, border=4, xmldecl=False, title="QR")
    return out.getvalue().decode().strip()


def qr_png(link: str) -> str:
    """The link as a QR code: a PNG in a ``data:`` URI, eight pixels a module."""
    return str(segno.make_qr(link, error="m").png_data_uri(scale=8, border=4))

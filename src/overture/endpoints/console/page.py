"""The console's page and its built files."""

from __future__ import annotations

import base64
import hashlib
import secrets
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from overture.channels.email.compose import STYLES

FOLDER = Path(__file__).parents[2] / "static" / "console"
NONCE = "__NONCE__"
MAIL_STYLES = " ".join(
    f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in STYLES
)
FOR_EVER = "public, max-age=31536000, immutable"
MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Overture</title>
<p>The console is not built. Run <code>npm ci &amp;&amp; npm run build</code> in <code>frontend/console</code>,
or install Overture again.</p></html>"""
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
}


async def page(request: Request) -> Response:
    """Every address of the console is one page; what it shows is decided in the browser."""
    nonce = secrets.token_urlsafe(16)
    index = FOLDER / "index.html"
    try:
        text = _read(index, index.stat().st_mtime_ns)
    except OSError:
        return Response(MISSING, status_code=503, media_type="text/html")
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
            # A mail is shown in a frame, which this policy holds for too: the styles that our mails have, and no others.
            f"style-src-attr 'unsafe-hashes' {MAIL_STYLES}; "
            "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; frame-src 'self'; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        ),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return Response(text.replace(NONCE, nonce), headers=headers, media_type="text/html")


async def to_page(request: Request) -> Response:
    return RedirectResponse("/console/")


async def asset(request: Request) -> Response:
    """A built file; its name holds its hash, so it never changes."""
    name = str(request.path_params["name"])
    path = FOLDER / "assets" / name
    if "/" in name or path.suffix not in TYPES or not path.is_file():
        return Response("", status_code=404)
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    packed = path.with_name(f"{name}.gz")
    if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
        path, headers = packed, {**headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return FileResponse(path, headers=headers, media_type=TYPES[Path(name).suffix])


@lru_cache(maxsize=4)
def _read(index: Path, _when: int) -> str:
    return index.read_text("utf-8")

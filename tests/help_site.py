"""A company's own site with pages of help, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

from http_server import listening


@contextmanager
def a_help_site(folder: Path) -> Iterator[str]:
    """Its address. The sitemap names a page on returns, and one that is gone."""
    root = folder / "site"
    root.mkdir()
    handler = partial(_Quiet, directory=str(root))
    with listening(handler) as port:
        home = f"http://127.0.0.1:{port}"
        (root / "returns.html").write_text(
            "<html><head><title>Returns</title></head><body><main><h1>Returns</h1>"
            "<p>Send it back within thirty days and we refund it.</p></main></body></html>"
        )
        (root / "sitemap.xml").write_text(
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            f"<url><loc>{home}/returns.html</loc></url><url><loc>{home}/gone.html</loc></url></urlset>"
        )
        yield home


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

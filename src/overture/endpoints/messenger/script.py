"""The messenger's files: the loader with what holds now put into it, and everything else as it was built."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from overture.base.errors import Error
from overture.db.database import Transaction
from overture.endpoints.requests import Services
from overture.triggers.live import all_clicks
from overture.workspaces import pages_seen
from overture.workspaces.colour import readable
from overture.workspaces.store import workspace

FOLDER = Path(__file__).parents[2] / "static" / "messenger"
PLACE = "__OVERTURE_BAKED__"
SCRIPT = "text/javascript; charset=utf-8"
TYPES = {
    ".js": SCRIPT,
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".map": "application/json",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
# Any site may load them, also one that asks for that (COEP).
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Timing-Allow-Origin": "*",
}

log = structlog.get_logger()


@dataclass(frozen=True)
class Built:
    """What the front end's build left: every file with its hash."""

    loader: str | None
    files: dict[str, tuple[bytes, str]]

    @property
    def assets(self) -> dict[str, str]:
        return {name: f"/messenger/{name}?v={digest}" for name, (_, digest) in self.files.items()}


def built(folder: Path = FOLDER) -> Built:
    """The build as it is on the disk; read again when it was built again."""
    loader = folder / "loader.js"
    try:
        return _read(folder, loader.stat().st_mtime_ns)
    except OSError:
        return Built(None, {})


@lru_cache(maxsize=4)
def _read(folder: Path, _when: int) -> Built:
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in TYPES and path.name != "loader.js":
            content = path.read_bytes()
            files[path.relative_to(folder).as_posix()] = (content, hashlib.sha256(content).hexdigest()[:16])
    return Built((folder / "loader.js").read_text("utf-8"), files)


async def messenger_js(request: Request) -> Response:
    """`GET /messenger.js`: for the only workspace there is."""
    return await _loader(request, intercom=False)


async def widget(request: Request) -> Response:
    """`GET /widget/{app_id}`: where a page of Intercom's customers finds its script."""
    return await _loader(request, intercom=True, app_id=str(request.path_params["app_id"]))


async def _loader(request: Request, *, intercom: bool, app_id: str | None = None) -> Response:
    services: Services = request.app.state.services
    made = built()
    if made.loader is None:
        log.warning("messenger.not_built", folder=str(FOLDER))
        said = 'console.error("Overture: this server has no messenger; it was installed without its front end.");'
        return Response(said, headers={**OPEN, "Cache-Control": "no-store"}, media_type=SCRIPT)
    try:
        facts = await services.database.read(_facts)
    except Error as error:
        return _refused(error.message, error.status)
    if app_id is not None and app_id != facts["app_id"]:
        return _refused(f"there is no workspace with the app_id {app_id[:50]!r} here.", 404)
    await _note_page(services, request)
    baked = {**facts, "intercom": intercom, "assets": made.assets}
    text = made.loader.replace(PLACE, _literal(baked), 1)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {**OPEN, "ETag": etag, "Cache-Control": ASK_EACH_TIME}
    if _knows(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type=SCRIPT)


async def _note_page(services: Services, request: Request) -> None:
    """Mark the first time that a site loads the script; this process asks the database once for each site."""
    page = request.headers.get("referer", "")
    place = pages_seen.place_of(page)
    if place is None or place in services.sites or len(services.sites) >= pages_seen.MOST:
        return
    services.sites.add(place)
    await services.database.write(pages_seen.note, page, now=services.clock.now())


async def asset(request: Request) -> Response:
    """`GET /messenger/{file}`."""
    name = str(request.path_params["file"])
    found = built().files.get(name)
    if found is None:
        return Response("There is no such file.", 404, headers=OPEN, media_type="text/plain")
    content, digest = found
    etag = f'"{digest}"'
    lasting = request.query_params.get("v") == digest
    headers = {**OPEN, "ETag": etag, "Cache-Control": FOR_EVER if lasting else ASK_EACH_TIME}
    if _knows(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=TYPES[Path(name).suffix])


def _facts(tx: Transaction) -> dict[str, Any]:
    here = workspace(tx)
    triggers = [one.baked() for one in all_clicks(tx)]
    digest = hashlib.sha256(json.dumps(triggers, sort_keys=True).encode()).hexdigest()[:8]
    return {
        "app_id": here.app_id,
        "name": here.name,
        "revision": f"{here.revision}.{digest}",
        "look": {
            "agent_name": here.settings.agent_name,
            "color": readable(here.settings.color) if here.settings.color else None,
            "greeting": here.settings.greeting or None,
        },
        "triggers": triggers,
    }


def _literal(value: Any) -> str:
    """JSON that may stand in any script, also one that somebody puts inline. `JSON.parse` reads it, so that no name
    in it means anything to the language."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    quoted = json.dumps(text, ensure_ascii=True).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"JSON.parse({quoted})"


def _refused(message: str, status: int) -> Response:
    text = f"console.error({json.dumps('Overture: ' + message)});"
    return Response(text, status, headers={**OPEN, "Cache-Control": "no-store"}, media_type=SCRIPT)


def _knows(request: Request, etag: str) -> bool:
    given = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return etag in given or "*" in given

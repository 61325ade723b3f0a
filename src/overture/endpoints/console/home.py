"""The first steps: the messenger on a page, a page to try it on, a sample procedure; and later, how it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from overture.db.database import Transaction
from overture.db.tables import conversations
from overture.endpoints.console.calls import ConsoleCall, session_in
from overture.endpoints.messenger_page import messenger_page
from overture.endpoints.requests import Services
from overture.procedures import store
from overture.procedures.publish import File, push
from overture.reports import resolution, triggers
from overture.reports.asked import Asked
from overture.reports.counting import Counts
from overture.workspaces import pages_seen
from overture.workspaces.audit import Actor
from overture.workspaces.permissions import may
from overture.workspaces.store import workspace

FOLDER = Path(__file__).parent / "first_steps"
SAMPLE = "track-order"
CSP = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
DAYS = 7


async def show(call: ConsoleCall) -> Any:
    """`GET home`: which of the first steps are done, and how it stands."""

    def query(tx: Transaction) -> dict[str, Any]:
        counts = Counts(tx)
        here = workspace(tx)
        return {
            "app_id": here.app_id,
            "base_url": call.services.settings.base_url,
            "page_view": _seen(tx, test_page=False),
            "test_page": _seen(tx, test_page=True),
            "sample": _sample(tx),
            "model": None if call.services.settings.model is None else call.services.settings.model.model,
            "over": here.settings.first_steps_over,
            "stands": _stands(tx, counts, call.now),
        }

    return await call.read(query)


async def add_sample(call: ConsoleCall) -> Any:
    """`POST sample-procedure`: the sample procedure, live where the teammate may do that. Asked twice, it is there once."""
    live = may(call.me.role, "procedures.publish")
    return await call.write(_add_sample, live, by=call.actor)


def _add_sample(tx: Transaction, live: bool, *, by: Actor, now: datetime) -> dict[str, Any]:
    if store.find(tx, SAMPLE) is None:
        file = File(f"{SAMPLE}.yaml", (FOLDER / f"{SAMPLE}.yaml").read_bytes())
        push(tx, [file], publish=live, note="The sample of the first steps.", by=by, now=now)
    return {"sample": _sample(tx)}


def _sample(tx: Transaction) -> dict[str, Any] | None:
    """The sample, or else whichever procedure there is: who has written one needs no sample."""
    found = store.find(tx, SAMPLE) or next(iter(store.all_kept(tx)), None)
    if found is None:
        return None
    # The test page's own button starts the sample alone.
    on_test_page = found.key == SAMPLE and found.state == "live"
    return {"id": str(found.id), "name": found.name, "state": found.state, "on_test_page": on_test_page}


def _seen(tx: Transaction, *, test_page: bool) -> dict[str, Any] | None:
    found = pages_seen.first_seen(tx, test_page=test_page)
    return None if found is None else {"at": found.at.isoformat(), "page": found.page}


def _stands(tx: Transaction, counts: Counts, now: datetime) -> dict[str, Any]:
    """The last seven days in a few numbers."""
    today = now.astimezone(ZoneInfo(counts.timezone)).date()
    week = Asked(today - timedelta(days=DAYS - 1), today, counts.timezone)
    waiting = select(func.count()).where(
        conversations.c.state == "open", conversations.c.handled_by == "people"
    )
    fired, replied, held_back = triggers.in_short(counts, week)
    return {
        "days": DAYS,
        "period": week.to_dict(),
        "waiting": tx.execute(waiting).scalar_one(),
        "live": sum(1 for one in store.all_kept(tx) if one.state == "live"),
        "fired": fired,
        "replied": replied,
        "held_back": held_back,
        "resolution": resolution.count(counts, week).to_dict(),
    }


async def test_page(request: Request) -> Response:
    """`GET /console/test-page`: a page with the messenger on it, for whoever is signed in."""
    services: Services = request.app.state.services
    if await session_in(services, request, services.clock.now()) is None:
        return RedirectResponse("/console/")
    here = await services.database.read(workspace)
    return messenger_page(_page(), {"app_id": here.app_id}, CSP, {"NAME": here.name})


@lru_cache(maxsize=1)
def _page() -> str:
    return (FOLDER / "test_page.html").read_text("utf-8")

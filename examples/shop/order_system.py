"""The order system of Fern & Fold: twenty orders in memory, for the demo's connectors to call.

    uvicorn --app-dir examples/shop order_system:app --port 4243

Orders are always the same; days count from today, so a late order is late whenever the demo runs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


@dataclass(frozen=True)
class Order:
    """What was bought, where it is, and in how many days it comes (below zero: days ago)."""

    number: str
    item: str
    total: float
    status: str
    due_in: int
    address: str = "12 Mill Lane, Bath"
    refunded: bool = False

    def shown(self, today: date) -> dict[str, Any]:
        return {
            "id": self.number,
            "item": self.item,
            "status": self.status,
            "eta": (today + timedelta(days=self.due_in)).isoformat(),
            "total": self.total,
            "currency": "EUR",
            "price": _price(self.total),
            "address": self.address,
            "refunded": self.refunded,
        }


_ITEMS = (("plain notebook", 18.0), ("letter set", 24.5), ("wrapping paper", 12.0), ("wedding cards", 264.0))
_STATES = (("packing", 4), ("sent", 2), ("late", 3), ("delivered", -5))


def first_orders() -> dict[str, Order]:
    """FF-10001 to FF-10020. FF-10007 is Carol's late one; FF-10012 is late too, and above 100 euros."""
    orders = {}
    for place in range(20):
        number = f"FF-{10_001 + place}"
        item, total = _ITEMS[(place + place // 4) % len(_ITEMS)]
        status, due_in = _STATES[place % len(_STATES)]
        orders[number] = Order(number, item, total, status, due_in)
    orders["FF-10007"] = Order("FF-10007", "letter set", 24.5, "late", 3)
    orders["FF-10012"] = Order("FF-10012", "wedding cards", 264.0, "late", 6)
    return orders


def create(today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> Starlette:
    """A fresh order system. `today` gives the day that arrivals are counted from."""
    orders = first_orders()
    done: dict[str, tuple[tuple[str, object], dict[str, Any]]] = {}

    def found(request: Request) -> Order | None:
        return orders.get(request.path_params["number"])

    async def get_order(request: Request) -> JSONResponse:
        order = found(request)
        return JSONResponse({"order": order.shown(today())}) if order else _no_order()

    async def refund_order(request: Request) -> JSONResponse:
        """A refund is made once for each Idempotency-Key; the same key gets the first answer again."""
        order, key, body = found(request), request.headers.get("Idempotency-Key"), await _object(request)
        if order is None:
            return _no_order()
        if not key:
            return _refused(400, "A refund needs an Idempotency-Key.")
        if key in done:
            asked, answer = done[key]
            same = asked == (order.number, body)
            return JSONResponse(answer) if same else _refused(409, "The key was used for another refund.")
        if order.refunded:
            return _refused(409, "The order has been refunded before.")
        orders[order.number] = replace(order, refunded=True, status="refunded")
        refund = {
            "order": order.number,
            "amount": order.total,
            "currency": "EUR",
            "price": _price(order.total),
        }
        answer = {"refund": refund}
        done[key] = ((order.number, body), answer)
        return JSONResponse(answer)

    async def change_address(request: Request) -> JSONResponse:
        order, body = found(request), await _object(request)
        if order is None:
            return _no_order()
        if not isinstance(body, dict) or not str(body.get("address") or "").strip():
            return _refused(400, "The address is missing.")
        if order.status != "packing":
            return _refused(409, "The parcel has left.")
        orders[order.number] = replace(order, address=str(body["address"]).strip())
        return JSONResponse({"order": orders[order.number].shown(today())})

    return Starlette(
        routes=[
            Route("/orders/{number}", get_order),
            Route("/orders/{number}/refund", refund_order, methods=["POST"]),
            Route("/orders/{number}/address", change_address, methods=["PUT"]),
        ]
    )


async def _object(request: Request) -> object:
    if not re.match(r"application/json\b", request.headers.get("Content-Type", "")):
        return None
    try:
        return await request.json()
    except ValueError:
        return None


def _price(amount: float) -> str:
    return f"{amount:.2f} EUR"


def _no_order() -> JSONResponse:
    return _refused(404, "No order has this number.")


def _refused(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)


app = create()

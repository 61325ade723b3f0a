"""`/api/overture/*`: what is ours alone, receipts and reports."""

from __future__ import annotations

from overture.base.ids import parse_id
from overture.conversations import receipts
from overture.endpoints.api.shapes import receipt_json
from overture.endpoints.requests import Answer, Call
from overture.reports import resolution


async def receipt(call: Call) -> Answer:
    number = parse_id(call.path("receipt_id"))
    if number is None:
        raise receipts.ReceiptNotFound
    return Answer(receipt_json(await call.database.read(receipts.load, number)))


async def resolution_report(call: Call) -> Answer:
    return Answer((await call.database.read(resolution.count)).to_dict())

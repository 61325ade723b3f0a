"""Which procedures a message is nearest to, described as the router weighs them, whatever the nearness is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from overture.agent import features
from overture.agent.model import Candidate, Context, ProcedureEntry

PROCEDURES = 4  # the nearest that are looked at
NAME, WHEN, WHOLE, USE, NOT, PUT, PART, MIDDLE, CENTRE = range(9)  # roles; those before NOT are its own texts
ROLES = 9


def nearest(
    procedures: Sequence[ProcedureEntry],
    near: NDArray[np.float32],
    words: Sequence[float] | NDArray[np.floating],
    context: Context,
    allowed: Collection[int] | None,
) -> list[Candidate]:
    """The nearest procedures, and always the triggered one, which was allowed when it was offered.

    `near` has a row a procedure and a column a role (name, when to use, both, use, not, when to use in the customer's
    words, parts of that, the mean of the uses, the mean of these and both), NaN where it has no such text; `words` the
    share of the message's words found in each. One set aside before
    is weighed like a triggered one, if it is still allowed.
    """
    triggered = context.triggered_id
    own = triggered if triggered is not None else context.set_aside_id
    open_ = [
        at
        for at, entry in enumerate(procedures)
        if allowed is None or entry.id in allowed or entry.id == triggered
    ]
    best = {at: float(np.nanmax([0.0, *near[at, :NOT]])) for at in open_}
    order = sorted(open_, key=lambda at: (-best[at], procedures[at].id))
    chosen = order[:PROCEDURES] + [at for at in order[PROCEDURES:] if procedures[at].id == own]
    found = []
    for at in chosen:
        entry = procedures[at]
        name, when, whole, use, not_, put, part, middle, centre = (
            None if np.isnan(one) else float(one) for one in near[at]
        )
        whole = whole if whole is not None else name or 0.0
        put = put if put is not None else whole
        row = features.of_procedure(
            name=name or 0.0,
            when=when if when is not None else name or 0.0,
            whole=whole,
            use=use,
            not_=not_,
            words=float(words[at]),
            rival=best[next((other for other in order if other != at), at)] if len(order) > 1 else 0.0,
            own=entry.id == own,
            put=put,
            part=part if part is not None else put,
            middle=middle,
            centre=centre,
        )
        found.append(Candidate("procedure", entry.id, entry.key, entry.name, 0.0, row))
    return found

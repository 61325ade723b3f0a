"""What suits mail: the questions that come next stand in the same mail, as every mail more is a day more."""

from __future__ import annotations

from collections.abc import Sequence

from overture.agent import scene as scenes
from overture.db.database import Transaction
from overture.procedures.advance import with_values
from overture.procedures.model import Ask, Procedure
from overture.procedures.second_thoughts import open_ask
from overture.procedures.template import TemplateError, TemplateFailed, render

MOST = 3
_TOLD_APART = ("email", "phone", "choice")


def asked_too(tx: Transaction, conversation_id: int) -> Sequence[str]:
    """The questions right after the open one whose answers are known for what they are wherever they stand."""
    scene = scenes.load(tx, conversation_id)
    if scene.run is None or scene.procedure is None or open_ask(scene.procedure, scene.run.progress) is None:
        return ()
    values = scene.run.progress.values
    scope = with_values(scene.scope(scene.run, scene.procedure), values)
    found: list[str] = []
    for ask in _following(scene.procedure, scene.run.progress.position):
        if ask.save in values:
            continue
        try:
            question = render(ask.question, scope, scene.workspace.settings.timezone)
        except (TemplateError, TemplateFailed):
            break  # it needs an answer that is still to come
        labels = ", ".join(choice.label for choice in ask.of)
        found.append(f"{question} ({labels})" if labels else question)
    return found[:MOST]


def _following(procedure: Procedure, place: str) -> Sequence[Ask]:
    asks: list[Ask] = []
    while len(asks) < MOST:
        place = procedure.after(place)
        step = procedure.step_at(place) if place else None
        if not isinstance(step, Ask) or not _is_told_apart(step):
            break
        asks.append(step)
    return asks


def _is_told_apart(ask: Ask) -> bool:
    """Whether its answer is taken from a message that answers something else too."""
    if ask.type == "choice":
        return ask.first_reply
    return ask.type in _TOLD_APART or (ask.type == "text" and ask.matches is not None)

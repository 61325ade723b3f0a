"""Do what a step waits for that is slow: a call, a search in help content, a language model's instruction."""

from __future__ import annotations

from overture.agent import scene as scenes
from overture.agent.index import LiveIndex
from overture.agent.instruct import Instructions
from overture.agent.model import Context, Situation
from overture.agent.route import route
from overture.agent.scene import Scene
from overture.base.clock import Clock
from overture.connectors.caller import PasscodeNeeded
from overture.db.database import Database
from overture.knowledge.answer import answer_from, say
from overture.llm.base import Model
from overture.procedures import perform
from overture.procedures.moves import (
    CallDue,
    Event,
    InstructDue,
    LookedUp,
    LookUpDue,
    NotFound,
    Repeat,
    Then,
)

NOTHING = "No article answers “{query}” with confidence."


class Works:
    """Does them, outside any transaction. Each is known by its path and visit, so what comes too late changes nothing."""

    def __init__(
        self, database: Database, clock: Clock, index: LiveIndex, caller: perform.Caller, model: Model | None
    ) -> None:
        self._clock = clock
        self._index = index
        self._caller = caller
        self._instructions = Instructions(database, clock, caller, model)

    async def done(self, due: Then, scene: Scene) -> Event | PasscodeNeeded:
        """What came of it. What waits for somebody else is only said again."""
        assert scene.run is not None
        match due:
            case CallDue():
                return await self._caller.call(due, scenes.whose(scene))
            case LookUpDue():
                return await self._look_up(due, scene)
            case InstructDue():
                return await self._instructions.done(due, scene)
            case _:
                return Repeat()

    async def _look_up(self, due: LookUpDue, scene: Scene) -> LookedUp | NotFound:
        """As sure as an answer to a question of the contact has to be, no less."""
        now = self._clock.now()
        heard = await self._index.hear(
            due.query, Context(), (), scene.workspace.revision, now=now, meant_for=scenes.meant_for(scene)
        )
        decision = route(Situation(), heard.signals, heard.state.head)
        passage = None if decision.target is None else decision.target.passage
        if decision.kind != "answer" or passage is None:
            return NotFound(NOTHING.format(query=due.query[:100]), due.path, due.visit)
        found = answer_from(passage, due.query)
        source = {
            "article_id": str(found.article_id),
            "title": found.title,
            "passage_id": str(found.passage_id),
        }
        return LookedUp(say(found, now), (source,), due.path, due.visit)

"""Settings in, a wired application out: the one place that knows everyone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cached_property

import structlog
from fastapi import FastAPI

from overture import __version__, worker
from overture.agent import advice
from overture.agent.asked_models import AskedModels
from overture.agent.by_mail import asked_too
from overture.agent.index import LiveIndex
from overture.agent.second_opinion import SecondOpinions
from overture.agent.turn import Turns
from overture.base.clock import Clock, SystemClock
from overture.base.sealing import sealer_of
from overture.base.settings import Settings
from overture.channels.email.compose import Letter
from overture.channels.email.doors import mail_doors
from overture.channels.email.mail import Mailer
from overture.channels.email.outbox import Outgoing
from overture.channels.email.post import Post
from overture.channels.email.send import Sending
from overture.channels.email.setup import EmailSetup, Setups
from overture.connectors.caller import Connectors
from overture.connectors.guard import GuardedClient
from overture.connectors.secrets import EnvironmentSecrets, Secrets
from overture.conversations import deliver
from overture.conversations.mail_arrives import Arrivals
from overture.db.database import Database, open_database
from overture.encoder.model import Encoder, EncoderMissing, WordsAlone
from overture.endpoints.api.notices import payload_of
from overture.endpoints.console.routes import console_routes
from overture.endpoints.messenger.routes import messenger_routes
from overture.endpoints.request_log import RequestLog
from overture.endpoints.requests import Limiter, Services
from overture.endpoints.routes import nothing_here, routes
from overture.jobs.port import Runner
from overture.knowledge.model import Hit
from overture.llm.base import Model
from overture.llm.named import named
from overture.procedures.model import Procedure
from overture.procedures.perform import Caller
from overture.simulations.preview import Previews
from overture.webhooks.deliver import Deliverer
from overture.workspaces.model import NoWorkspace
from overture.workspaces.store import workspace

SIGN_INS = 20  # tries from one address in a window of ten seconds
BY_WORDS = "Messages are understood by their words alone, which is much worse. Install Overture again."

log = structlog.get_logger()


class Overture:
    """One process's Overture: database, jobs and what the agent thinks with."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        database: Database | None = None,
        secrets: Secrets | None = None,
        encoder: Encoder | None = None,
        model: Model | None = None,
        mailer: Mailer | None = None,
    ) -> None:
        """Raises `BadSetting` where the settings name a language model or a mail server that cannot be used."""
        self.settings = settings
        self.clock = clock or SystemClock()
        self.model = model or (None if settings.model is None else named(settings.model, self.clock))
        self.database = database or open_database(settings.database_url)
        self._secrets = secrets or EnvironmentSecrets()
        self._encoder = encoder
        self.email = Setups(self.database, settings)
        self._mailer = mailer or Post(self.email, self.clock)

    @cached_property
    def encoder(self) -> Encoder:
        """The packaged encoder, loaded when it is first needed; words alone, said loudly, where it is missing."""
        if self._encoder is None:
            try:
                self._encoder = Encoder.load()
            except EncoderMissing as missing:
                log.error("encoder.missing", reason=missing.message, instead=BY_WORDS)
                self._encoder = WordsAlone()
        return self._encoder

    @cached_property
    def index(self) -> LiveIndex:
        return LiveIndex(self.database, self.encoder)

    @cached_property
    def turns(self) -> Turns:
        opinions = (
            None
            if self.model is None
            else SecondOpinions(self.model, AskedModels(self.database, self.clock), self.clock)
        )
        return Turns(self.database, self.clock, self.index, Caller(self.connectors), opinions, self.model)

    @cached_property
    def connectors(self) -> Connectors:
        # The key is looked for at each call: `overture secret set` may make it while this process runs.
        return Connectors(
            self.database,
            GuardedClient(self.settings.allow_hosts),
            self._secrets,
            lambda: sealer_of(self.settings),
            self._mailer,
            self.clock,
        )

    @cached_property
    def webhooks(self) -> Deliverer:
        client = GuardedClient(self.settings.allow_hosts)
        return Deliverer(self.database, self.clock, client, payload_of(self.settings.base_url))

    @cached_property
    def previews(self) -> Previews:
        """What is being tried out at the console."""
        return Previews(lambda: self.encoder, self.clock, model=self.model)

    async def search(self, text: str) -> Sequence[Hit]:
        """The passages of help articles that fit these words."""
        await asyncio.to_thread(lambda: self.encoder)
        revision = (await self.database.read(workspace)).revision
        return await self.index.search(text, revision, now=self.clock.now())

    async def advise(self, procedure: Procedure) -> advice.Advice:
        """What else the words of a procedure could mean, and what its steps look up in vain."""
        await asyncio.to_thread(lambda: self.encoder)
        return await advice.on(self.database, self.index, self.encoder, procedure, now=self.clock.now())

    async def before_showing(self, contact_id: str) -> None:
        """Ask whether what this contact is about to see is still so."""
        await self.turns.truth.before_showing(contact_id)

    @cached_property
    def mails(self) -> Sending:
        """Sends the mails that wait."""
        return Sending(self.database, self.clock, self.email, self._letter, deliver.undelivered)

    async def _letter(self, mail: Outgoing, setup: EmailSetup) -> Letter:
        here = await self.database.look_up(workspace)
        return deliver.letter(mail, setup, here, self.settings.base_url)

    @cached_property
    def jobs(self) -> Runner:
        delivery = deliver.Delivery(self.database, self.clock, self.email, asked_too)
        return worker.runner(self.database, self.turns, delivery, self.clock)

    @cached_property
    def arrivals(self) -> Arrivals:
        """Takes in mails, whichever door they came through."""
        return Arrivals(self.database, self.clock, self.email)

    async def work(self) -> None:
        """Run jobs and sweeps, and keep the doors for mails open, until cancelled."""
        warming = asyncio.create_task(self.warm())
        doors = asyncio.create_task(mail_doors(self.email, self.arrivals))
        try:
            await worker.work(
                self.database, self.jobs, self.clock, self.webhooks, self.mails, model=self.model is not None
            )
        finally:
            warming.cancel()
            doors.cancel()
            await asyncio.gather(doors, return_exceptions=True)
            await self.webhooks.stop()

    async def warm(self) -> None:
        """Read procedures and help content, so that the first message need not wait for it."""
        try:
            await self.search("Hello")
        except NoWorkspace:
            pass  # nothing to read yet
        except Exception:
            log.exception("index.warm.failed")

    def asgi(self, *, with_worker: bool = False, extend: Callable[[FastAPI], None] | None = None) -> FastAPI:
        """The HTTP side. `with_worker` runs jobs and sweeps beside it; `extend` adds what only the demo serves."""

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            await self.database.start()
            noting = asyncio.create_task(app.state.services.request_log.run())
            working = asyncio.create_task(self.work()) if with_worker else None
            try:
                yield
            finally:
                noting.cancel()
                await app.state.services.errands.stop()
                await self.previews.close()
                if working is not None:
                    working.cancel()
                    with suppress(asyncio.CancelledError):
                        await working

        app = FastAPI(
            title="Overture",
            version=__version__,
            lifespan=lifespan,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
        )
        for status in (404, 405):
            app.add_exception_handler(status, nothing_here)
        app.state.services = Services(
            self.database,
            self.clock,
            self.settings,
            Limiter(self.settings.rate_limit),
            Limiter(self.settings.visitor_rate_limit),
            Limiter(SIGN_INS),
            self.search,
            self.before_showing,
            lambda: self.index,
            lambda: self.connectors,
            self.email,
            self.arrivals,
            RequestLog(self.database),
            self.advise,
            self.model,
            self.previews,
        )
        app.router.routes.extend(routes())
        app.router.routes.extend(messenger_routes())
        app.router.routes.extend(console_routes())
        if extend is not None:
            extend(app)
        return app

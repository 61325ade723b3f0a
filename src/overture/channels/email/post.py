"""Send a mail at once by whatever is set up now, in the environment or in the database."""

from __future__ import annotations

from overture.base.clock import Clock
from overture.base.errors import Error
from overture.channels.email.mail import Mail, MailFailed, SmtpMailer
from overture.channels.email.send import Chosen


class Post:
    """The `Mailer` of a running Overture: it asks how mail is set up each time."""

    def __init__(self, setup: Chosen, clock: Clock) -> None:
        self._setup = setup
        self._clock = clock

    async def problem(self) -> str | None:
        """Why no mail can be sent now, if so."""
        try:
            chosen = await self._setup()
        except Error as unreadable:
            return unreadable.message
        return None if chosen.sends else "Email is not set up."

    async def send(self, mail: Mail) -> None:
        """Raises `MailFailed`."""
        if problem := await self.problem():
            raise MailFailed(problem)
        chosen = await self._setup()
        assert chosen.smtp_url is not None
        mailer = SmtpMailer(
            chosen.smtp_url,
            chosen.sender,
            self._clock,
            dkim_key=chosen.dkim_key,
            dkim_selector=chosen.dkim_selector,
        )
        await mailer.send(mail)

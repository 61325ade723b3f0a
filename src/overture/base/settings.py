"""Settings from outside: `OVERTURE_NAME`, or `OVERTURE_NAME_FILE` naming a file that holds the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from overture.base.environment import BadSetting, environment, value

DEFAULT_DATABASE = "sqlite:///overture.db"
DEFAULT_PORT = 4242
DEFAULT_RATE_LIMIT = 25_000
DEFAULT_VISITOR_RATE_LIMIT = 300


@dataclass(frozen=True)
class ModelSettings:
    """Which language model may be asked, where, and how much it may cost. Without one, none is."""

    model: str  # provider:model
    key: str | None = field(default=None, repr=False)
    url: str | None = None
    timeout: int = 10  # seconds, for everything that one answer takes
    calls_a_minute: int = 60
    calls_a_day: int = 5_000
    tokens_a_day: int = 2_000_000
    redact: frozenset[str] = frozenset({"email", "phone"})  # beside secrets and card numbers


@dataclass(frozen=True)
class Settings:
    """What a process is told from outside. Everything else stands in the database."""

    database_url: str = DEFAULT_DATABASE
    rate_limit: int = DEFAULT_RATE_LIMIT  # requests per app in a window of ten seconds
    visitor_rate_limit: int = (
        DEFAULT_VISITOR_RATE_LIMIT  # the same, for each visitor and each address of a page
    )
    allow_hosts: frozenset[str] = frozenset()  # host:port that connectors may reach although it is private
    base_url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    model: ModelSettings | None = None
    smtp_url: str | None = field(default=None, repr=False)  # where mails are given to; none are sent without
    email_from: str | None = None
    reply_domain: str | None = None  # of the addresses that answers come to; the sender's own without one
    dkim_key: str | None = field(default=None, repr=False)  # a private key in PEM; mails are signed with it
    dkim_selector: str | None = None
    inbound_secret: str | None = field(default=None, repr=False)  # signs what comes to POST /inbound/email
    inbound_smtp: str | None = None  # host:port that listens for mail
    imap_url: str | None = field(default=None, repr=False)  # a mailbox to look into
    authserv_id: str | None = None  # whose Authentication-Results are believed
    secret_key: str | None = field(default=None, repr=False)  # encrypts what the database keeps secret

    @property
    def sends_mail(self) -> bool:
        """Whether the environment says how mails are sent."""
        return self.smtp_url is not None and self.email_from is not None


def read_settings(variables: Mapping[str, str] | None = None, **given: str | None) -> Settings:
    """Settings from the environment and the file of settings; what is `given` (a command-line option) comes first.

    Raises `BadSetting` naming the variable.
    """
    env = environment(variables)
    return Settings(
        database_url=given.get("database_url") or value(env, "OVERTURE_DATABASE_URL") or DEFAULT_DATABASE,
        rate_limit=_whole_number(env, "OVERTURE_RATE_LIMIT", DEFAULT_RATE_LIMIT),
        visitor_rate_limit=_whole_number(env, "OVERTURE_VISITOR_RATE_LIMIT", DEFAULT_VISITOR_RATE_LIMIT),
        allow_hosts=frozenset((value(env, "OVERTURE_ALLOW_HOSTS") or "").lower().replace(",", " ").split()),
        base_url=(given.get("base_url") or value(env, "OVERTURE_BASE_URL") or Settings.base_url).rstrip("/"),
        model=_model(env),
        smtp_url=value(env, "OVERTURE_SMTP_URL"),
        email_from=value(env, "OVERTURE_EMAIL_FROM"),
        reply_domain=value(env, "OVERTURE_REPLY_DOMAIN"),
        dkim_key=value(env, "OVERTURE_DKIM_KEY"),
        dkim_selector=value(env, "OVERTURE_DKIM_SELECTOR"),
        inbound_secret=value(env, "OVERTURE_INBOUND_SECRET"),
        inbound_smtp=value(env, "OVERTURE_INBOUND_SMTP"),
        imap_url=value(env, "OVERTURE_IMAP_URL"),
        authserv_id=value(env, "OVERTURE_AUTHSERV_ID"),
        secret_key=value(env, "OVERTURE_SECRET_KEY"),
    )


def _model(env: Mapping[str, str]) -> ModelSettings | None:
    name = value(env, "OVERTURE_MODEL")
    if name is None:
        return None
    usual = ModelSettings(name)
    redact = value(env, "OVERTURE_MODEL_REDACT")
    return ModelSettings(
        name,
        key=value(env, "OVERTURE_MODEL_KEY"),
        url=value(env, "OVERTURE_MODEL_URL"),
        timeout=_whole_number(env, "OVERTURE_MODEL_TIMEOUT", usual.timeout),
        calls_a_minute=_whole_number(env, "OVERTURE_MODEL_CALLS_PER_MINUTE", usual.calls_a_minute),
        calls_a_day=_whole_number(env, "OVERTURE_MODEL_CALLS_PER_DAY", usual.calls_a_day),
        tokens_a_day=_whole_number(env, "OVERTURE_MODEL_TOKENS_PER_DAY", usual.tokens_a_day),
        redact=usual.redact if redact is None else frozenset(redact.replace(",", " ").split()) - {"none"},
    )


def _whole_number(env: Mapping[str, str], name: str, default: int) -> int:
    text = value(env, name)
    if text is None:
        return default
    if not text.isdigit() or int(text) < 1:
        raise BadSetting(f"{name} must be a whole number above 0, not “{text}”.", field=name)
    return int(text)

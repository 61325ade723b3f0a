"""From `OVERTURE_MODEL=provider:model` to a model: the one list of providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from overture.base.clock import Clock
from overture.base.environment import BadSetting
from overture.base.settings import ModelSettings
from overture.llm.anthropic import Anthropic
from overture.llm.base import Model, Provider
from overture.llm.budget import Budget, Limits
from overture.llm.openai_compatible import OpenAICompatible
from overture.llm.redact import OPTIONAL, Redaction


def _openai(settings: ModelSettings, name: str, model: str) -> Provider:
    url = settings.url or "https://api.openai.com/v1"
    return OpenAICompatible(name, model, url, _key(settings), own_limit="max_completion_tokens")


def _anthropic(settings: ModelSettings, name: str, model: str) -> Provider:
    return Anthropic(name, model, settings.url or "https://api.anthropic.com/v1", _key(settings))


def _compatible(default_url: str | None) -> Callable[[ModelSettings, str, str], Provider]:
    def made(settings: ModelSettings, name: str, model: str) -> Provider:
        url = settings.url or default_url
        if url is None:
            raise BadSetting(
                "OVERTURE_MODEL_URL is missing: it says where the server answers, as in http://127.0.0.1:8000/v1.",
                field="OVERTURE_MODEL_URL",
            )
        return OpenAICompatible(name, model, url, settings.key)

    return made


PROVIDERS: Mapping[str, Callable[[ModelSettings, str, str], Provider]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "ollama": _compatible("http://127.0.0.1:11434/v1"),
    "vllm": _compatible("http://127.0.0.1:8000/v1"),
    "openai-compatible": _compatible(None),
}


def named(settings: ModelSettings, clock: Clock) -> Model:
    """The model that the settings name. Raises `BadSetting` naming the variable."""
    kind, colon, model = settings.model.partition(":")
    if not colon or not model or kind not in PROVIDERS:
        raise BadSetting(
            f"OVERTURE_MODEL is written provider:model, and the provider is one of {', '.join(PROVIDERS)}; "
            f"not “{settings.model[:100]}”.",
            field="OVERTURE_MODEL",
        )
    if settings.url and not settings.url.startswith(("http://", "https://")):
        raise BadSetting(
            "OVERTURE_MODEL_URL must begin with http:// or https://.", field="OVERTURE_MODEL_URL"
        )
    if unknown := sorted(settings.redact - {*OPTIONAL}):
        raise BadSetting(
            f"OVERTURE_MODEL_REDACT takes {' and '.join(OPTIONAL)}, or none; not “{unknown[0][:50]}”.",
            field="OVERTURE_MODEL_REDACT",
        )
    return Model(
        PROVIDERS[kind](settings, settings.model, model),
        clock,
        budget=Budget(
            Limits(settings.calls_a_minute, settings.calls_a_day, settings.tokens_a_day),
        ),
        redaction=Redaction(settings.redact),
        timeout=settings.timeout,
    )


def _key(settings: ModelSettings) -> str:
    if not settings.key:
        raise BadSetting(
            "OVERTURE_MODEL_KEY is missing: the provider's key, or OVERTURE_MODEL_KEY_FILE naming a file with it.",
            field="OVERTURE_MODEL_KEY",
        )
    return settings.key

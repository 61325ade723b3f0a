"""Whoever answers, and in whatever wire format: a filled form comes back, or a word on why there is none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Literal

import pytest

from overture.base.environment import BadSetting
from overture.base.settings import read_settings
from overture.llm.anthropic import Anthropic
from overture.llm.base import (
    LONGEST_ANSWER,
    BudgetSpent,
    Form,
    Message,
    Model,
    NoAnswer,
    Nonsense,
    Provider,
    Refused,
    Said,
    Tokens,
    Unavailable,
)
from overture.llm.budget import Budget, Limits
from overture.llm.named import named
from overture.llm.openai_compatible import OpenAICompatible
from overture.llm.redact import Redaction
from overture.llm.scripted import ScriptedModel
from overture.testing import SetClock

pytestmark = pytest.mark.anyio

ASKED = [Message("system", "Choose a colour."), Message("user", "The sea, please.")]
FITS = {"colour": "blue"}


class Colour(Form):
    colour: Literal["red", "blue"]


class Far:
    """The far end of the wire: what it does is told in a provider's own words, and what it heard is kept."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.does: list[Callable[[asyncio.StreamWriter], Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            self.paths.append(head[0])
            self.headers.append(headers)
            self.heard.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
            at = min(len(self.heard), len(self.does)) - 1
            await self.does[at](writer)
        except ConnectionError:
            pass
        finally:
            writer.close()


def sends(content: bytes, status: int = 200, headers: str = "", length: int | None = None) -> Any:
    async def write(writer: asyncio.StreamWriter) -> None:
        size = len(content) if length is None else length
        writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + content)
        await writer.drain()

    return write


async def never(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


def as_openai(text: str, *, cut_off: bool = False) -> bytes:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "length" if cut_off else "stop",
    }
    usage = {"prompt_tokens": 30, "completion_tokens": 5, "total_tokens": 35}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()


def as_anthropic(text: str, *, cut_off: bool = False) -> bytes:
    try:
        block = {"type": "tool_use", "id": "toolu_1", "name": "answer", "input": json.loads(text)}
    except ValueError:
        block = {"type": "text", "text": text}
    usage = {"input_tokens": 30, "output_tokens": 5}
    stop = "max_tokens" if cut_off else "tool_use"
    return json.dumps(
        {"type": "message", "role": "assistant", "content": [block], "stop_reason": stop, "usage": usage}
    ).encode()


class Side:
    """One implementation, and how its far end is told what to do."""

    def __init__(self, kind: str, port: int, far: Far) -> None:
        self.kind = kind
        self.far = far
        self.clock = SetClock()
        self.waited: list[float] = []
        url = f"http://127.0.0.1:{port}/v1"
        self.provider: Provider = {
            "openai": lambda: OpenAICompatible("openai:small", "small", url, "a-key"),
            "anthropic": lambda: Anthropic("anthropic:small", "small", url, "a-key"),
            "scripted": lambda: ScriptedModel(name="scripted:small"),
        }[kind]()

    def model(self, **given: Any) -> Model:
        async def wait(seconds: float) -> None:
            self.waited.append(seconds)

        return Model(self.provider, self.clock, **{"timeout": 5.0, "sleep": wait, **given})

    def does(self, *moves: str) -> None:
        if isinstance(self.provider, ScriptedModel):
            self.provider._lines = tuple(SCRIPTED[move] for move in moves)
            self.provider._takes = 30.0 if moves == ("never answers",) else 0.0
        else:
            wrap = as_openai if self.kind == "openai" else as_anthropic
            self.far.does = [_wired(move, wrap) for move in moves]

    @property
    def calls(self) -> int:
        return len(self.provider.asked if isinstance(self.provider, ScriptedModel) else self.far.heard)

    @property
    def all_that_left(self) -> str:
        if isinstance(self.provider, ScriptedModel):
            return repr(self.provider.asked)
        return json.dumps(self.far.heard, ensure_ascii=False)


SCRIPTED: dict[str, Any] = {
    "fits": FITS,
    "fenced": '```json\n{"colour": "blue"}\n```',
    "never answers": FITS,
    "fails": Unavailable("It answered with 500."),
    "is busy": Unavailable("It answered with 429.", wait=2.0),
    "is busy for long": Unavailable("It answered with 429.", wait=3600.0),
    "refuses the key": Refused("It refused the key."),
    "another colour": {"colour": "green"},
    "another form": {"animal": "cat"},
    "one field too many": {"colour": "blue", "execute": "rm -rf"},
    "a list": [FITS],
    "no JSON": "{'colour': blue",
    "cut off": Nonsense("It broke off in the middle of its answer.", tokens=Tokens(30, 5)),
    "huge": Nonsense("It sent too much."),
    "deep": "[" * 100_000,
    "broken line": Unavailable("It cannot be reached."),
}


def _wired(move: str, wrap: Callable[..., bytes]) -> Any:
    match move:
        case "never answers":
            return never
        case "fails":
            return sends(b"{}", 500)
        case "is busy":
            return sends(b"{}", 429, "Retry-After: 2\r\n")
        case "is busy for long":
            return sends(b"{}", 429, "Retry-After: 3600\r\n")
        case "refuses the key":
            return sends(b"{}", 401)
        case "no JSON":
            return sends(b'{"choices": [{"mess')
        case "cut off":
            return sends(wrap('{"colour": "bl', cut_off=True))
        case "huge":
            return sends(wrap(json.dumps({"colour": "b" * LONGEST_ANSWER})))
        case "deep":
            return sends(b"[" * 100_000)
        case "broken line":
            return sends(wrap(json.dumps(FITS))[:40], length=4_000)
        case "fenced" if wrap is as_anthropic:
            return sends(wrap(json.dumps(FITS)))
        case "fenced":
            return sends(wrap(SCRIPTED["fenced"]))
    return sends(wrap(json.dumps(SCRIPTED[move])))


@asynccontextmanager
async def far_end() -> AsyncIterator[tuple[int, Far]]:
    far = Far()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], far
    finally:
        server.close()


@pytest.fixture(params=["scripted", "openai", "anthropic"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with far_end() as (port, far):
        yield Side(request.param, port, far)


async def test_a_thread_with_a_loop_of_its_own_is_answered_too(side: Side) -> None:
    side.does("fits")
    model = side.model()
    assert (
        "blue" == (await model.decide(Colour, ASKED)).form.colour
    )  # its connections belong to this loop now
    there = model.from_elsewhere()
    answers = await asyncio.to_thread(
        lambda: [asyncio.run(there.decide(Colour, ASKED)).form.colour for _ in range(2)]
    )
    assert (["blue", "blue"], 3, model.name) == (answers, side.calls, there.name)


async def test_a_thread_with_a_loop_of_its_own_waits_no_longer_than_others(side: Side) -> None:
    side.does("never answers")
    there = side.model(timeout=0.2).from_elsewhere()
    with pytest.raises(NoAnswer):
        await asyncio.to_thread(lambda: asyncio.run(there.decide(Colour, ASKED)))


@pytest.mark.parametrize("move", ["fits", "fenced"])
async def test_a_filled_form_comes_back_with_what_it_cost(side: Side, move: str) -> None:
    side.does(move)
    answer = await side.model().decide(Colour, ASKED)

    assert answer.form == Colour(colour="blue")
    assert answer.calls == side.calls == 1
    assert answer.tokens.sent > 0
    assert answer.tokens.received > 0
    assert answer.took_ms >= 0


async def test_what_is_asked_and_the_form_reach_the_far_end(side: Side) -> None:
    side.does("fits")
    await side.model().decide(Colour, ASKED)

    for words in ("Choose a colour.", "The sea, please."):
        assert words in side.all_that_left
    if side.far.heard:
        assert '"enum": ["red", "blue"]' in side.all_that_left


@pytest.mark.parametrize("move", ["another colour", "another form", "one field too many", "a list", "no JSON",
                                  "cut off", "huge", "deep"])  # fmt: skip
async def test_an_answer_that_does_not_fit_is_asked_for_once_more(side: Side, move: str) -> None:
    side.does(move, "fits")
    answer = await side.model().decide(Colour, ASKED)

    assert answer.form.colour == "blue"
    assert answer.calls == side.calls == 2


@pytest.mark.parametrize("move", ["another colour", "another form", "one field too many", "a list", "no JSON",
                                  "cut off", "huge", "deep"])  # fmt: skip
async def test_the_second_answer_that_does_not_fit_is_nonsense(side: Side, move: str) -> None:
    side.does(move)
    with pytest.raises(Nonsense):
        await side.model().decide(Colour, ASKED)

    assert side.calls == 2


@pytest.mark.parametrize("move", ["another colour", "no JSON", "cut off"])
async def test_whoever_may_ask_once_only_asks_once(side: Side, move: str) -> None:
    side.does(move)
    with pytest.raises(Nonsense):
        await side.model().decide(Colour, ASKED, ask_again=False)

    assert side.calls == 1


@pytest.mark.parametrize("move", ["fails", "broken line"])
async def test_what_fails_is_tried_again_after_a_while(side: Side, move: str) -> None:
    side.does(move, move, "fits")
    answer = await side.model().decide(Colour, ASKED)

    assert answer.calls == 3
    assert 0 < side.waited[0] < side.waited[1]


@pytest.mark.parametrize("move", ["fails", "is busy", "broken line"])
async def test_three_failures_are_enough(side: Side, move: str) -> None:
    side.does(move)
    with pytest.raises(Unavailable):
        await side.model().decide(Colour, ASKED)

    assert side.calls == 3


async def test_it_waits_for_as_long_as_it_is_asked_to(side: Side) -> None:
    side.does("is busy", "fits")
    await side.model().decide(Colour, ASKED)

    assert side.waited == [2.0]


async def test_it_does_not_wait_for_longer_than_there_is_time(side: Side) -> None:
    side.does("is busy for long")
    with pytest.raises(Unavailable):
        await side.model().decide(Colour, ASKED)

    assert side.waited == []
    assert side.calls == 1


async def test_a_refused_key_is_not_tried_again(side: Side) -> None:
    side.does("refuses the key")
    with pytest.raises(Refused):
        await side.model().decide(Colour, ASKED)

    assert side.calls == 1


async def test_whoever_does_not_answer_is_not_waited_for(side: Side) -> None:
    side.does("never answers")
    with pytest.raises(NoAnswer, match=r"within 0\.2 seconds"):
        await side.model(timeout=0.2).decide(Colour, ASKED)


async def test_an_empty_port_is_unavailable() -> None:
    async with far_end() as (port, _):
        pass
    side = Side("openai", port, Far())
    with pytest.raises(Unavailable):
        await side.model().decide(Colour, ASKED)


async def test_secrets_never_leave(side: Side) -> None:
    side.does("another colour", "fits")
    asked = [*ASKED, Message("user", "Card 4111 1111 1111 1111, mail carol@example.com, password: hunter2")]
    await side.model().decide(Colour, asked)

    for secret in ("4111", "carol@", "hunter2"):
        assert secret not in side.all_that_left
    assert "[card number]" in side.all_that_left


async def test_addresses_may_leave_where_that_is_allowed(side: Side) -> None:
    side.does("fits")
    asked = [*ASKED, Message("user", "Card 4111 1111 1111 1111, mail carol@example.com")]
    await side.model(redaction=Redaction(also=())).decide(Colour, asked)

    assert "carol@example.com" in side.all_that_left
    assert "4111" not in side.all_that_left


async def test_the_budget_counts_every_call(side: Side) -> None:
    side.does("fails", "fits")
    model = side.model(budget=Budget(Limits(calls_a_minute=3)))
    await model.decide(Colour, ASKED)
    await model.decide(Colour, ASKED)
    with pytest.raises(BudgetSpent, match="3 times this minute"):
        await model.decide(Colour, ASKED)
    assert side.calls == 3

    side.clock.forward(minutes=1)
    await model.decide(Colour, ASKED)
    assert side.calls == 4


async def test_a_days_calls_come_back_with_the_next_day(side: Side) -> None:
    side.does("fits")
    model = side.model(budget=Budget(Limits(calls_a_day=1)))
    await model.decide(Colour, ASKED)
    side.clock.forward(hours=1)
    with pytest.raises(BudgetSpent, match="today"):
        await model.decide(Colour, ASKED)

    side.clock.forward(days=1)
    await model.decide(Colour, ASKED)


async def test_tokens_are_counted_as_the_provider_counts_them(side: Side) -> None:
    side.does("fits")
    model = side.model(budget=Budget(Limits(tokens_a_day=450)))
    await model.decide(Colour, ASKED)  # sets aside some 411, and costs far fewer
    for _ in range(20):
        with suppress(BudgetSpent):
            await model.decide(Colour, ASKED)

    assert 2 <= side.calls <= 5


async def test_calls_under_way_cannot_overdraw_the_budget(side: Side) -> None:
    side.does("fits")
    model = side.model(budget=Budget(Limits(calls_a_minute=2)))
    results = await asyncio.gather(*(model.decide(Colour, ASKED) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(one, BudgetSpent) for one in results) == 3
    assert side.calls == 2


async def test_chat_completions_are_spoken_as_their_servers_read_them() -> None:
    async with far_end() as (port, far):
        side = Side("openai", port, far)
        side.does("fits")
        await side.model().decide(Colour, ASKED)
    (sent,) = far.heard

    assert far.paths == ["POST /v1/chat/completions HTTP/1.1"]
    assert far.headers[0]["authorization"] == "bearer a-key"
    assert [one["role"] for one in sent["messages"]] == ["system", "user"]
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert sent["max_tokens"] == 400


async def test_a_server_without_schemas_is_asked_for_json_alone() -> None:
    async with far_end() as (port, far):
        side = Side("openai", port, far)
        far.does = [sends(b"{}", 400), sends(as_openai(json.dumps(FITS)))]
        model = side.model()
        await model.decide(Colour, ASKED)
        await model.decide(Colour, ASKED)
    kinds = [sent["response_format"]["type"] for sent in far.heard]

    assert kinds == ["json_schema", "json_object", "json_object"]


async def test_messages_are_spoken_as_anthropic_reads_them() -> None:
    async with far_end() as (port, far):
        side = Side("anthropic", port, far)
        side.does("fits")
        await side.model().decide(Colour, [*ASKED, Message("user", "Or the sky.")])
    (sent,) = far.heard

    assert far.paths == ["POST /v1/messages HTTP/1.1"]
    assert far.headers[0]["x-api-key"] == "a-key"
    assert far.headers[0]["anthropic-version"] == "2023-06-01"
    assert sent["system"] == "Choose a colour."
    assert sent["messages"] == [{"role": "user", "content": "The sea, please.\n\nOr the sky."}]
    assert sent["tool_choice"] == {"type": "tool", "name": "answer"}
    assert sent["tools"][0]["input_schema"]["properties"]["colour"]["enum"] == ["red", "blue"]


@pytest.mark.parametrize(
    "content",
    [b"[]", b"null", b"{}", b'{"choices": []}', b'{"choices": "no"}', b'{"choices": [{"message": null}]}',
     b'{"content": 5}', b'{"content": [5]}', b'{"content": [{"type": "text", "text": "hello"}]}',
     b'{"choices": [{"message": {"content": null, "refusal": "I can\'t"}}], "usage": {"prompt_tokens": -1}}',
     b"\xff\xfe", b""],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["openai", "anthropic"])
async def test_no_shape_of_answer_is_taken_for_one(kind: str, content: bytes) -> None:
    async with far_end() as (port, far):
        side = Side(kind, port, far)
        far.does = [sends(content)]
        with pytest.raises(Nonsense):
            await side.model().decide(Colour, ASKED)


def test_a_key_is_not_shown() -> None:
    for provider in (
        OpenAICompatible("a:b", "b", "http://x", "s3cret"),
        Anthropic("a:b", "b", "x", "s3cret"),
    ):
        assert "s3cret" not in repr(provider)


async def test_a_scripted_line_may_depend_on_what_was_asked() -> None:
    def last(messages: Sequence[Message], _: Any) -> dict[str, str]:
        return {"colour": "blue" if "sea" in messages[-1].text else "red"}

    answer = await Model(ScriptedModel(last), SetClock()).decide(Colour, ASKED)
    assert answer.form.colour == "blue"
    assert isinstance(await ScriptedModel(FITS).ask(ASKED, {}, limit=1), Said)


def test_without_a_setting_there_is_no_model() -> None:
    assert read_settings({}).model is None


@pytest.mark.parametrize(
    ("name", "more", "url"),
    [
        ("ollama:llama3.2:3b", {}, "http://127.0.0.1:11434/v1"),
        ("vllm:some/model", {}, "http://127.0.0.1:8000/v1"),
        ("openai-compatible:x", {"OVERTURE_MODEL_URL": "https://llm.example/v1"}, "https://llm.example/v1"),
        ("openai:small", {"OVERTURE_MODEL_KEY": "k"}, "https://api.openai.com/v1"),
        ("anthropic:small", {"OVERTURE_MODEL_KEY": "k"}, "https://api.anthropic.com/v1"),
    ],
)
def test_a_name_finds_its_provider(name: str, more: dict[str, str], url: str) -> None:
    settings = read_settings({"OVERTURE_MODEL": name, **more}).model
    assert settings is not None
    model = named(settings, SetClock())

    assert model.name == name
    assert model._provider.url == url  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("environment", "field"),
    [
        ({"OVERTURE_MODEL": "gpt"}, "OVERTURE_MODEL"),
        ({"OVERTURE_MODEL": "nobody:x"}, "OVERTURE_MODEL"),
        ({"OVERTURE_MODEL": "openai:"}, "OVERTURE_MODEL"),
        ({"OVERTURE_MODEL": "openai:x"}, "OVERTURE_MODEL_KEY"),
        ({"OVERTURE_MODEL": "anthropic:x"}, "OVERTURE_MODEL_KEY"),
        ({"OVERTURE_MODEL": "openai-compatible:x"}, "OVERTURE_MODEL_URL"),
        ({"OVERTURE_MODEL": "ollama:x", "OVERTURE_MODEL_URL": "localhost"}, "OVERTURE_MODEL_URL"),
        ({"OVERTURE_MODEL": "ollama:x", "OVERTURE_MODEL_REDACT": "names"}, "OVERTURE_MODEL_REDACT"),
        ({"OVERTURE_MODEL": "ollama:x", "OVERTURE_MODEL_TIMEOUT": "soon"}, "OVERTURE_MODEL_TIMEOUT"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str], field: str) -> None:
    def read() -> None:
        settings = read_settings(environment).model
        assert settings is not None
        named(settings, SetClock())

    with pytest.raises(BadSetting) as refused:
        read()
    assert refused.value.field == field

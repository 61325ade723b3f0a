"""Procedures of every shape, for properties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from overture.procedures.model import (
    Ask,
    AskTeammate,
    Branch,
    Call,
    Choice,
    DataField,
    Deployment,
    End,
    HandOff,
    If,
    Instruct,
    LookUp,
    Note,
    Nudge,
    Procedure,
    RunSub,
    Say,
    Set,
    Step,
    SubProcedure,
    Switch,
    Tag,
    Trigger,
    Typed,
    placed,
)

LETTERS = "abc xyzäß€:#-'\"{}[]&*!|>%@?,0 1.\n“”😀"
texts = st.text(LETTERS, min_size=1, max_size=40).filter(lambda one: one.strip() == one and one)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
keys = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
maybe = st.none() | texts
lengths = st.integers(1, 10_000_000).map(lambda seconds: timedelta(seconds=seconds))
numbers = st.integers(-(10**6), 10**6) | st.sampled_from([0.5, 12.25, -3.75])
scalars: st.SearchStrategy[Any] = texts | numbers | st.booleans()
options = st.lists(names, min_size=1, max_size=3, unique=True).flatmap(
    lambda ids: st.tuples(*(st.builds(Choice, st.just(one), st.just(one) | texts) for one in ids))
)
plain_types = st.sampled_from(["text", "number", "boolean", "date", "email", "phone", "money"])
typed = st.builds(Typed, plain_types) | st.builds(Typed, st.just("choice"), options)


def steps(subs: tuple[str, ...] = ()) -> st.SearchStrategy[tuple[Step, ...]]:
    simple: list[st.SearchStrategy[Step]] = [
        st.builds(Say, text=texts),
        st.builds(Set, values=st.dictionaries(names, scalars, min_size=1, max_size=2)),
        st.builds(Switch, procedure=keys),
        st.builds(Tag, name=texts),
        st.builds(Note, text=texts),
        st.builds(HandOff, team=maybe, message=maybe),
        st.builds(End, say=maybe),
        *([st.builds(RunSub, name=st.sampled_from(subs))] if subs else []),
    ]

    def inside(some: st.SearchStrategy[tuple[Step, ...]]) -> st.SearchStrategy[tuple[Step, ...]]:
        branches = st.lists(st.builds(Branch, texts, some), min_size=1, max_size=3).map(tuple)
        nested: list[st.SearchStrategy[Step]] = [
            st.builds(
                Ask, question=texts, save=st.none() | names, type=plain_types, attempts=st.integers(1, 20),
                on_fail=some, first_reply=st.booleans(),
            ),
            st.builds(Ask, question=texts, save=names, type=st.just("choice"), of=options),
            st.builds(Ask, question=texts, matches=texts, save=names),
            st.builds(Ask, question=texts, type=st.just("number"), min=numbers, max=numbers),
            st.builds(If, branches=branches, otherwise=some, on_error=some),
            st.builds(
                Call, connector=names, inputs=st.dictionaries(names, scalars, max_size=2), save=st.none() | names,
                on_error=some,
            ),
            st.builds(LookUp, query=texts, save=st.none() | names, on_error=some),
            st.builds(
                Instruct, text=texts, tools=st.lists(names, max_size=2).map(tuple),
                save=st.dictionaries(names, typed, max_size=2), budget=st.integers(1, 50), on_error=some,
            ),
            st.builds(
                AskTeammate, team=texts, question=texts, collect=st.dictionaries(names, typed, min_size=1, max_size=2),
                timeout=lengths, message=maybe, on_timeout=some,
            ),
        ]  # fmt: skip
        return st.lists(st.one_of(*simple, *nested), max_size=3).map(tuple)

    return st.recursive(st.lists(st.one_of(*simple), max_size=3).map(tuple), inside, max_leaves=6)


deployments = st.builds(
    Deployment,
    wait_for_reply=st.none() | lengths,
    idle=lengths,
    after=st.sampled_from(["close", "keep_open", "hand_off"]),
    after_team=maybe,
    nudge=st.none() | st.builds(Nudge, lengths, maybe),
    csat=st.none() | st.booleans(),
    reopen=st.none() | lengths,
    once_per=st.none() | lengths,
)
data_fields = st.builds(DataField, plain_types, st.booleans(), st.none() | scalars) | st.builds(
    DataField, st.just("choice"), st.booleans(), st.none(), options
)
api_calls = st.builds(
    Trigger,
    kind=st.just("api_call"),
    key=keys,
    name=texts,
    first_message=texts,
    deployment=deployments,
    subject=maybe,
    data=st.dictionaries(names, data_fields, max_size=2),
    once_for=maybe,
    audience=maybe,
    still_true=st.none() | st.builds(lambda when: {"when": when}, texts),
)
clicks = st.builds(
    Trigger,
    kind=st.just("element_click"),
    key=keys,
    name=texts,
    first_message=texts,
    deployment=deployments,
    page=st.builds(
        lambda match, url: {"match": match, "url": url},
        st.sampled_from(["exact", "starts_with", "contains", "glob"]),
        texts,
    ),
    element=st.builds(lambda css: {"css": css}, texts)
    | st.just({"v": 1, "tag": "button", "up": [{"tag": "div", "n": 2}], "only": ["id"]}),
    audience=maybe,
)


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    subs = tuple(draw(st.lists(names, max_size=2, unique=True)))
    bodies = {
        name: SubProcedure(name, placed(draw(steps(subs[number + 1 :]).filter(len)), f"{name}."))
        for number, name in enumerate(subs)
    }
    return Procedure(
        key=draw(keys),
        name=draw(texts),
        when_to_use=draw(texts),
        steps=placed(draw(steps(subs).filter(len))),
        examples_use=tuple(draw(st.lists(texts, max_size=2))),
        examples_not=tuple(draw(st.lists(texts, max_size=2))),
        audience=draw(maybe),
        triggers=tuple(draw(st.lists(api_calls | clicks, max_size=2))),
        sub_procedures=bodies,
        attributes=draw(st.dictionaries(names.map(lambda one: f"conversation.{one}"), typed, max_size=2)),
    )

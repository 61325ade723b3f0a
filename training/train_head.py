"""Train the router's heads: the one that weighs procedures, articles and nothing; small talk; a person asked for.

    python training/train_head.py --data DIR

DIR holds the public files below; the rest are the project's own sentences in training/data. Workspaces of
companies that do not exist are made from them, and what is learnt is how a message weighs against any company's
own words. Nothing here has seen the development benchmark.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import math
import random
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from overture.agent import features, person
from overture.agent.features import Head, Idle
from overture.agent.model import (
    Candidate,
    Context,
    Decision,
    Person,
    ProcedureEntry,
    RunState,
    Signals,
    Situation,
)
from overture.agent.person import PersonModel, by_rule
from overture.agent.route import route
from overture.agent.signals import RoutingIndex, hear
from overture.encoder import DIMENSIONS, Encoder
from overture.encoder.model import WEIGHTS
from overture.knowledge.index import PassageIndex
from overture.knowledge.model import Passage
from overture.knowledge.plain import searchable

HERE = Path(__file__).parent
OWN = HERE / "data"
SEED = 20

# Public source, licence and hash of each file; only CLINC150's parts `train` and `oos_train` are read.
PUBLIC = {
    "clinc150_data_full.json": (
        "CLINC150, Larson et al. 2019, CC BY 3.0",
        "36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0",
    ),
    "hwu64_train.csv": (
        "HWU64, Liu et al. 2019, CC BY 4.0",
        "62b369e5aa52e312908c872dd78a31dd25c3d86c6bcc344c5da084a1e4f957d0",
    ),
    "rasa_helpdesk_nlu.yml": (
        "RasaHQ/helpdesk-assistant, Apache-2.0",
        "3d8c1f8eb7713b664c5f57f8ac89226fcddf6e5a2a10139941f7a984e2785532",
    ),
    "rasa_financial_nlu.yml": (
        "RasaHQ/financial-demo, Apache-2.0",
        "2fe5778a7598870c7f4ba3b8ce2470f3ba63edecee7598a0ccb2b27877c9ccae",
    ),
}

CHAT = {
    "clinc": "yes no maybe greeting goodbye thank_you are_you_a_bot repeat cancel what_is_your_name tell_joke "
    "meaning_of_life how_old_are_you who_made_you where_are_you_from what_are_your_hobbies do_you_have_pets "
    "who_do_you_work_for fun_fact what_can_i_ask_you user_name change_user_name change_ai_name",
    "hwu": "general_affirm general_commandstop general_confirm general_dontcare general_explain general_joke "
    "general_negate general_praise general_quirky general_repeat",
    "rasa": "affirm deny greet goodbye thank thankyou inform bot_challenge",
}

FALSE_HANDOFFS = 0.005  # of everyday messages: missing a request is worse, so all that may be is used
Key = tuple[str, int]


class Remembering(Encoder):
    """The packaged encoder, each text read once."""

    def __init__(self, inner: Encoder) -> None:
        self.inner, self.known, self.hash = inner, {}, inner.hash

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text not in self.known:
                self.known[text] = self.inner.encode([text])[0]
            row[:] = self.known[text]
        return rows


@dataclass
class Intent:
    name: str
    when: str
    title: str
    body: str
    first: str
    says: list[str]


@dataclass
class Reply:
    """A message in a made-up workspace and what it means: a candidate, or nothing known (None)."""

    text: str
    meant: Key | None
    context: Context


@dataclass
class Workspace:
    group: str
    procedures: list[ProcedureEntry] = field(default_factory=list)
    articles: list[tuple[str, str]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)


@dataclass
class Sources:
    intents: dict[str, Intent]
    chat: list[str]
    other: list[str]
    handoff: list[str]
    companies: list[dict]
    short: list[str]
    person: dict[str, list[str]]
    families: dict[str, list[dict]]
    dialogues: list[list[str]]


def read_sources(data: Path) -> tuple[Sources, dict[str, list[str]]]:
    """What the workspaces are made from, and every public intent's texts, also of those without own words."""
    for name, (_, promised) in PUBLIC.items():
        found = hashlib.sha256((data / name).read_bytes()).hexdigest()
        if found != promised:
            sys.exit(f"{name} is not the pinned file: sha256 {found}.")
    clinc = json.loads((data / "clinc150_data_full.json").read_text("utf-8"))
    said: dict[str, list[str]] = {}
    for text, intent in clinc["train"]:
        said.setdefault(f"clinc:{intent}", []).append(text)
    for line in (data / "hwu64_train.csv").read_text("utf-8").splitlines():
        text, _, intent = line.rpartition(",")
        said.setdefault(f"hwu:{intent}", []).append(text.strip('"'))
    for name in ("rasa_helpdesk_nlu.yml", "rasa_financial_nlu.yml"):
        for block in yaml.safe_load((data / name).read_text("utf-8"))["nlu"]:
            if "intent" in block:
                lines = [line[2:] for line in block["examples"].splitlines() if line.startswith("- ")]
                said.setdefault(f"rasa:{block['intent']}", []).extend(
                    plain_of_entities(line) for line in lines
                )
    intents = {}
    for line in (OWN / "intents.psv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            key, name, when, title, body, first = line.split("|")
            intents[key] = Intent(name, when, title, body, first, said[key])
    chat = {f"{source}:{name}" for source, names in CHAT.items() for name in names.split()}
    sources = Sources(
        intents=intents,
        chat=[t for source, names in CHAT.items() for n in names.split() for t in said[f"{source}:{n}"]],
        other=[text for text, _ in clinc["oos_train"]],
        handoff=said["rasa:human_handoff"],
        companies=yaml.safe_load((OWN / "companies.yaml").read_text("utf-8")),
        short=yaml.safe_load((OWN / "replies.yaml").read_text("utf-8"))["short"],
        person=yaml.safe_load((OWN / "person.yaml").read_text("utf-8")),
        families=yaml.safe_load((OWN / "person_families.yaml").read_text("utf-8")),
        dialogues=yaml.safe_load((OWN / "dialogues.yaml").read_text("utf-8")),
    )
    return sources, {key: texts for key, texts in said.items() if key not in chat and "handoff" not in key}


def halves(sources: Sources) -> tuple[Sources, Sources]:
    """Two with nothing of the project's own in common, nor messages that match nothing: to learn, and to test."""
    return tuple(  # type: ignore[return-value]
        replace(
            sources,
            companies=[c for at, c in enumerate(sources.companies) if (at % 3 == 2) is test],
            other=[t for at, t in enumerate(sources.other) if (at % 3 == 2) is test],
            chat=[t for at, t in enumerate(sources.chat) if (at % 3 == 2) is test],
            short=[t for at, t in enumerate(sources.short) if (at % 3 == 2) is test],
            dialogues=[d for at, d in enumerate(sources.dialogues) if (at % 3 == 2) is test],
        )
        for test in (False, True)
    )


def without(
    sources: Sources, everything: dict[str, list[str]], source: str, *, only: bool = False
) -> tuple[Sources, dict[str, list[str]]]:
    """The same without one public source's intents, or with these alone."""

    def stays(key: str) -> bool:
        return key.startswith(source + ":") is only

    intents = {key: intent for key, intent in sources.intents.items() if stays(key)}
    return replace(sources, intents=intents), {k: t for k, t in everything.items() if stays(k)}


def plain_of_entities(line: str) -> str:
    """A Rasa example without its marks: "[tomorrow](date)" is "tomorrow"."""
    return re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line)


# Workspaces that do not exist


def of_intents(sources: Sources, rng: random.Random, near: dict[str, set[str]], least: int = 8) -> Workspace:
    most = min(40, len(sources.intents))
    names = rng.sample(sorted(sources.intents), rng.randint(min(least, most), most))
    cut = max(3, int(len(names) * rng.uniform(0.3, 0.9)))
    procedures, articles = names[:cut], names[cut:]
    space = Workspace("intents:" + ",".join(sorted(names)[:2]))
    with_examples = rng.random() < 0.6
    held: dict[str, list[str]] = {}
    for at, key in enumerate(procedures):
        intent = sources.intents[key]
        says = rng.sample(intent.says, min(len(intent.says), 24))
        use = tuple(says[: rng.randint(1, 4)]) if with_examples and rng.random() < 0.8 else ()
        held[key] = says[4:]
        not_: tuple[str, ...] = ()
        if rng.random() < 0.3:
            other = sources.intents[rng.choice(procedures)]
            not_ = (rng.choice(other.says),) if other is not intent else ()
        space.procedures.append(ProcedureEntry(at, f"p{at}", intent.name, intent.when, use, not_))
    for key in articles:
        intent = sources.intents[key]
        body = intent.body
        if rng.random() < 0.3:  # an article may hold what people ask, as an FAQ does
            body = f"{rng.choice(intent.says).capitalize()}? {body}"
        space.articles.append((intent.title, body))
        held[key] = rng.sample(intent.says, min(len(intent.says), 20))
    strange = [key for key in sources.intents if not any(key in near[name] for name in names)]
    for _ in range(60):
        at = rng.randrange(len(procedures))
        intent = sources.intents[procedures[at]]
        first = intent.first or rng.choice(
            [f"Shall I help you with this: {intent.name.lower()}?", f"{intent.name}: do you need anything?"]
        )
        context = opened(rng, at, first)
        kind = rng.random()
        if kind < 0.28:
            other = rng.choice([n for n in range(len(procedures)) if n != at])
            reply = Reply(rng.choice(held[procedures[other]]), ("procedure", other), context)
        elif kind < 0.52 and articles:
            other = rng.randrange(len(articles))
            reply = Reply(rng.choice(held[articles[other]]), ("article", other), context)
        elif kind < 0.60:
            reply = Reply(rng.choice(held[procedures[at]]), ("procedure", at), context)
        elif kind < 0.76:
            reply = Reply(rng.choice(sources.other), None, context)
        elif kind < 0.82 and strange:
            reply = Reply(rng.choice(sources.intents[rng.choice(strange)].says), None, context)
        elif kind < 0.88:
            reply = Reply(rng.choice(sources.chat), None, context)
        elif kind < 0.95:
            question, *answers = rng.choice(sources.dialogues)
            asked = Context(first_message=question, triggered_id=at)
            if rng.random() < 0.5:
                asked = Context(first_message=first, triggered_id=at, open_question=question)
            reply = Reply(rng.choice(answers), None, asked)
        else:
            reply = Reply(rng.choice(sources.short), None, context)
        space.replies.append(reply)
    return space


def of_company(sources: Sources, company: dict, rng: random.Random) -> Workspace:
    space = Workspace("company:" + company["company"])
    procedures = list(company["procedures"])
    articles = rng.sample(company["articles"], rng.randint(3, len(company["articles"])))
    held: list[list[str]] = []
    for at, procedure in enumerate(procedures):
        says = list(procedure["says"])
        rng.shuffle(says)
        use = list(procedure.get("use", ())) if rng.random() < 0.5 else []
        if rng.random() < 0.3:
            use.append(says.pop())
        held.append(says)
        space.procedures.append(
            ProcedureEntry(at, f"p{at}", procedure["name"], procedure["when"], tuple(use))
        )
    space.articles = [(article["title"], article["body"]) for article in articles]
    for at, procedure in enumerate(procedures):
        if "first" not in procedure:
            continue
        first = procedure["first"]
        told = [(text, ("procedure", n)) for n, says in enumerate(held) for text in says]
        told += [(text, ("article", n)) for n, article in enumerate(articles) for text in article["asks"]]
        told += [(text, None) for text in (*company["none"], *rng.sample(sources.other, 6))]
        told += [(text, None) for text in rng.sample(sources.short, 12)]
        for text, meant in rng.sample(told, min(len(told), 45)):
            space.replies.append(Reply(text, meant, opened(rng, at, first)))
        for text in procedure.get("stays", ()):
            space.replies.append(Reply(text, None, Context(first_message=first, triggered_id=at)))
    return space


def opened(rng: random.Random, at: int, first: str) -> Context:
    """Mostly a triggered procedure; some contacts write of their own accord."""
    return Context() if rng.random() < 0.15 else Context(first_message=first, triggered_id=at)


def index_of(space: Workspace, encoder: Encoder) -> RoutingIndex:
    at = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    passages = [Passage(n, n, title, "", body, at) for n, (title, body) in enumerate(space.articles)]
    texts = [searchable(p.title, p.heading, p.text) for p in passages]
    return RoutingIndex.build(space.procedures, PassageIndex.build(passages, encoder.encode(texts)), encoder)


# Classifiers over the sentence vector


def cross_fitted(
    matrix: np.ndarray, labels: np.ndarray, weights: np.ndarray, c: float
) -> tuple[np.ndarray, LogisticRegression]:
    """Log-odds of each text by a classifier that has not seen it, and the classifier that saw all."""
    unseen = np.zeros(len(labels))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=SEED).split(matrix, labels):
        model = LogisticRegression(C=c, max_iter=2000).fit(
            matrix[train], labels[train], sample_weight=weights[train]
        )
        unseen[test] = model.decision_function(matrix[test])
    return unseen, LogisticRegression(C=c, max_iter=2000).fit(matrix, labels, sample_weight=weights)


def train_idle(sources: Sources, encoder: Encoder) -> tuple[Idle, dict[str, float]]:
    rng = random.Random(SEED)
    stays = [t for c in sources.companies for p in c["procedures"] for t in p.get("stays", ())]
    stays += [text for _, *answers in sources.dialogues for text in answers]
    yes = [(t, 4.0) for t in sources.short + stays] + [(t, 1.0) for t in rng.sample(sources.chat, 1500)]
    asked = [t for c in sources.companies for a in c["articles"] for t in a["asks"]]
    asked += [t for c in sources.companies for p in c["procedures"] for t in p["says"]]
    no = [(t, 4.0) for t in asked]
    no += [(t, 1.0) for i in sources.intents.values() for t in rng.sample(i.says, min(len(i.says), 15))]
    texts = [t for t, _ in yes + no]
    labels = np.array([1] * len(yes) + [0] * len(no))
    matrix = encoder.encode(texts)
    unseen, model = cross_fitted(matrix, labels, np.array([w for _, w in yes + no]), 2.0)
    print(f"idle: {len(yes)} / {len(no)}, accuracy on unseen {np.mean((unseen > 0) == labels):.3f}")
    by_text = {t: float(1 / (1 + np.exp(-u))) for t, u in zip(texts, unseen, strict=True)}
    return Idle(model.coef_[0].astype(np.float32), float(model.intercept_[0])), by_text


def parts_of(text: str) -> list[str]:
    """What of a message the classifier reads: the whole, its sentences, and clauses that may ask for a person."""
    return list(dict.fromkeys([text, *features.sentences(text), *person.clauses(text)]))


@dataclass
class Line:
    """A text of the classifier for people, read in parts. `group`: what is learnt from, or measured, together."""

    parts: list[str]
    asks: bool
    weight: float
    group: str
    everyday: bool = True  # False: one that was written to look like a request, and is far rarer in life


def lines_of(sources: Sources, rng: random.Random) -> list[Line]:
    found = [Line(parts_of(t), True, 6.0, t) for t in sources.person["asks"] + sources.handoff]
    for kind in ("asks", "not"):
        for family in sources.families[kind]:
            if not family.get("held"):
                weight = 6.0 if kind == "asks" else 2.0
                found += [
                    Line(parts_of(t), kind == "asks", weight, family["family"], everyday=False)
                    for t in family["says"]
                ]
    found += [Line(parts_of(t), False, 2.0, t, everyday=False) for t in sources.person["not"]]
    own = list(sources.short)
    own += [t for c in sources.companies for a in c["articles"] for t in a["asks"]]
    own += [t for c in sources.companies for p in c["procedures"] for t in (*p["says"], *p.get("stays", ()))]
    own += [text for _, *answers in sources.dialogues for text in answers]
    found += [Line(parts_of(t), False, 2.0, t) for t in own]
    public = [t for i in sources.intents.values() for t in i.says] + sources.chat + sources.other
    found += [Line(parts_of(t), False, 1.0, t) for t in rng.sample(public, 4000)]
    return found


def fit_person(lines: Sequence[Line], encoder: Encoder, c: float = 4.0) -> LogisticRegression:
    """Of a message that asks, the part that asks most is learnt; of one that does not, every part."""
    model = None
    for _ in range(3):
        texts, asks, weights = [], [], []
        for line in lines:
            chosen = line.parts
            if line.asks:
                at = 0 if model is None else int(model.decision_function(encoder.encode(line.parts)).argmax())
                chosen = [line.parts[at]]
            texts += chosen
            asks += [line.asks] * len(chosen)
            weights += [line.weight] * len(chosen)
        model = LogisticRegression(C=c, max_iter=2000).fit(encoder.encode(texts), asks, sample_weight=weights)
    return model


def train_person(sources: Sources, encoder: Encoder) -> PersonModel:
    lines = lines_of(sources, random.Random(SEED))
    groups = sorted({line.group for line in lines})
    random.Random(SEED).shuffle(groups)
    fold = {group: at % 5 for at, group in enumerate(groups)}
    ruled = [by_rule(line.parts[0])[0] for line in lines]
    highest = np.zeros(len(lines))
    for left_out in range(5):
        model = fit_person([line for line in lines if fold[line.group] != left_out], encoder)
        for at, line in enumerate(lines):
            if fold[line.group] == left_out:
                highest[at] = model.predict_proba(encoder.encode(line.parts))[:, 1].max()
    asks = np.array([line.asks for line in lines])
    everyday = np.array([line.everyday for line in lines])

    # The cut is the lowest at which, together with the rules, hardly any other message is taken for a request on
    # texts the classifier has not seen. Some public texts do ask for a person, though their label says otherwise.
    for cut in np.arange(0.30, 0.96, 0.05):
        heard = np.array([r if r is not None else p >= cut for r, p in zip(ruled, highest, strict=True)])
        missed, false = 1 - heard[asks].mean(), heard[~asks & everyday].mean()
        print(f"person: cut {cut:.2f} missed {missed:.3f} false {false:.4f}")
        if false <= FALSE_HANDOFFS:
            break
    model = fit_person(lines, encoder)
    cut = round(float(cut), 2)
    for kind in ("asks", "not"):
        for family in sources.families[kind]:
            if family.get("held"):
                heard = [heard_in(t, model, cut, encoder) for t in family["says"]]
                print(
                    f"person, never learnt from: {kind} {family['family']}: heard {sum(heard)} of {len(heard)}"
                )
    return PersonModel(model.coef_[0].astype(np.float32), float(model.intercept_[0]), cut)


def heard_in(text: str, model: LogisticRegression, cut: float, encoder: Encoder) -> bool:
    ruled = by_rule(text)[0]
    if ruled is not None:
        return ruled
    return bool(model.predict_proba(encoder.encode(parts_of(text)))[:, 1].max() >= cut)


# The head


@dataclass
class Choice:
    """One reply as rows of features by what could be meant, and which row was."""

    group: str
    rows: list[tuple[str, dict[str, float]]]
    right: int
    candidates: tuple[Candidate, ...]
    triggered: int | None


def choices_of(space: Workspace, encoder: Encoder, idle: dict[str, float]) -> list[Choice]:
    index = index_of(space, encoder)
    found = []
    for reply in space.replies:
        heard: Signals = hear(index, reply.text, reply.context, encoder)
        rows = [("none", {**heard.features, "idle": idle.get(reply.text, heard.features["idle"])})]
        rows += [(c.kind, dict(c.features)) for c in heard.candidates]
        keys: list[Key | None] = [None, *((c.kind, c.id) for c in heard.candidates)]
        if reply.meant in keys:
            at = keys.index(reply.meant)
            found.append(Choice(space.group, rows, at, heard.candidates, reply.context.triggered_id))
    return found


PARTS = {
    "none": [
        "bias",
        "length",
        "short",
        "asking",
        "told",
        "wanting",
        "answering",
        "idle",
        "echo",
        "overlap",
        "spoken",
    ],
    "procedure": [
        "best",
        "close",
        "described",
        "whole",
        "use",
        "near",
        "words",
        "not",
        "gap",
        "own",
        "own_best",
        "put",
        "part",
        "middle",
        "centre",
        "shown",
    ],
    "article": ["bias", "best", "close", "title", "passage", "words", "gap", "asking"],
}
COLUMNS = [(part, name) for part, names in PARTS.items() for name in names]


def matrices(choices: Sequence[Choice]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All rows of all choices, where each choice begins, and the place of the right row."""
    place = {column: at for at, column in enumerate(COLUMNS)}
    rows, starts, right = [], [], []
    for choice in choices:
        starts.append(len(rows))
        right.append(len(rows) + choice.right)
        for part, values in choice.rows:
            row = np.zeros(len(COLUMNS))
            for name in PARTS[part]:
                row[place[part, name]] = values[name]
            rows.append(row)
    return np.array(rows), np.array(starts), np.array(right)


def loss_of(utilities: np.ndarray, starts: np.ndarray, right: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean negative log-likelihood, and each row's probability."""
    sizes = np.diff([*starts, len(utilities)])
    top = np.repeat(np.maximum.reduceat(utilities, starts), sizes)
    raised = np.exp(utilities - top)
    shares = raised / np.repeat(np.add.reduceat(raised, starts), sizes)
    return float(-np.log(np.maximum(shares[right], 1e-12)).mean()), shares


def fit(choices: Sequence[Choice], strength: float = 2e-4) -> np.ndarray:
    x, starts, right = matrices(choices)
    scale = np.maximum(x.std(axis=0), 1e-6)
    hit = np.zeros(len(x))
    hit[right] = 1

    def objective(w: np.ndarray) -> tuple[float, np.ndarray]:
        loss, shares = loss_of(x @ (w / scale), starts, right)
        gradient = x.T @ (shares - hit) / len(starts) / scale
        return loss + strength * float(w @ w), gradient + 2 * strength * w

    found = minimize(objective, np.zeros(len(COLUMNS)), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return found.x / scale


Unseen = list[tuple[list[Choice], np.ndarray, np.ndarray, np.ndarray]]


def unseen_utilities(choices: Sequence[Choice]) -> Unseen:
    """Each choice weighed by a head that has seen nothing of its group."""
    groups = sorted({choice.group for choice in choices})
    random.Random(SEED).shuffle(groups)
    parts: Unseen = []
    for fold in range(5):
        left_out = set(groups[fold::5])
        weights = fit([c for c in choices if c.group not in left_out])
        tested = [c for c in choices if c.group in left_out]
        x, starts, right = matrices(tested)
        parts.append((tested, x @ weights, starts, right))
        print(
            f"fold {fold}: unseen loss {loss_of(x @ weights, starts, right)[0]:.3f}, "
            f"right {accuracy(x @ weights, starts, right):.3f}"
        )
    return parts


def temperature_of(unseen: Unseen) -> float:
    """How much to cool the shares so that they hold for groups the weights have not seen."""
    total = sum(len(tested) for tested, *_ in unseen)

    def loss(temperature: float) -> float:
        return sum(loss_of(u / temperature, s, r)[0] * len(tested) for tested, u, s, r in unseen) / total

    return float(minimize_scalar(loss, bounds=(0.5, 3.0), method="bounded").x)


def calibration_of(unseen: Unseen, temperature: float) -> dict[str, list[float]]:
    """For each kind of decision how its share of what could be meant becomes the chance that it is right."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for tested, utilities, starts, _ in unseen:
        _, shares = loss_of(utilities / temperature, starts, starts)
        for choice, start in zip(tested, starts, strict=True):
            decision, right = decided(choice, shares[start : start + len(choice.rows)])
            found.setdefault(decision.kind, []).append((decision.raw, right))
    lines = {}
    for kind, pairs in sorted(found.items()):
        odds = np.array([features.log_odds(share) for share, _ in pairs]).reshape(-1, 1)
        right = np.array([right for _, right in pairs])
        model = LogisticRegression(C=1.0).fit(odds, right)
        lines[kind] = [round(float(model.intercept_[0]), 3), round(float(model.coef_[0][0]), 3)]
        print(f"{kind}: {len(pairs)} decisions, {right.mean():.3f} right, line {lines[kind]}")
    return lines


def decided(choice: Choice, shares: np.ndarray) -> tuple[Decision, bool]:
    """What the router does with the shares, and whether that is what was meant."""
    candidates = [
        Candidate(row.kind, row.id, "", "", float(share))
        for row, share in zip(choice.candidates, shares[1:], strict=True)
    ]
    candidates.sort(key=lambda candidate: -candidate.score)
    own = sum(c.score for c in candidates if (c.kind, c.id) == ("procedure", choice.triggered))
    nothing = float(shares[0])
    state: RunState | None = None if choice.triggered is None else "offered"
    decision = route(
        Situation(state=state, triggered_id=choice.triggered),
        Signals("", Person(0.0), tuple(candidates), triggered=nothing + own, nothing=nothing),
    )
    meant = None if choice.right == 0 else choice.candidates[choice.right - 1]
    if decision.kind == "follow":
        return decision, meant is None or (meant.kind, meant.id) == ("procedure", choice.triggered)
    if decision.target is None:
        return decision, meant is None
    return decision, meant is not None and (meant.kind, meant.id) == (
        decision.target.kind,
        decision.target.id,
    )


def accuracy(utilities: np.ndarray, starts: np.ndarray, right: np.ndarray) -> float:
    ends = [*starts[1:], len(utilities)]
    best = [start + int(np.argmax(utilities[start:end])) for start, end in zip(starts, ends, strict=True)]
    return float(np.mean(np.array(best) == right))


def near_ones(sources: Sources, encoder: Encoder) -> dict[str, set[str]]:
    """For each intent those that a person might take for it: never used as messages that match nothing."""
    keys = list(sources.intents)
    means = []
    for key in keys:
        mean = encoder.encode(sources.intents[key].says[:25]).mean(axis=0)
        means.append(mean / np.linalg.norm(mean))
    similar = np.array(means) @ np.array(means).T
    return {key: {keys[n] for n in np.flatnonzero(similar[at] > 0.45)} for at, key in enumerate(keys)}


def spaces_of(
    sources: Sources, encoder: Encoder, count: int, seed: int = SEED, least: int = 8
) -> list[Workspace]:
    rng = random.Random(seed)
    near = near_ones(sources, encoder)
    spaces = [of_intents(sources, rng, near, least) for _ in range(count)]
    return spaces + [of_company(sources, company, rng) for company in sources.companies for _ in range(6)]


def measure_left_out(
    sources: Sources, everything: dict[str, list[str]], encoder: Encoder, source: str, count: int
) -> None:
    """Learn the head from all but one public source (and some companies), and decide in workspaces of that one."""
    here, there = halves(sources)
    learnt, tested = without(here, everything, source)[0], without(there, everything, source, only=True)[0]
    classifier, idle = train_idle(learnt, encoder)
    known = [c for s in spaces_of(learnt, encoder, count, least=4) for c in choices_of(s, encoder, idle)]
    folds = unseen_utilities(known)
    temperature = temperature_of(folds)
    lines = calibration_of(folds, temperature)
    weights = fit(known)
    choices: list[Choice] = []
    lost = 0
    for space in spaces_of(tested, encoder, count, SEED + 1, least=8):
        unseen = {r.text: classifier.probability(encoder.encode([r.text])[0]) for r in space.replies}
        found = choices_of(space, encoder, unseen)
        lost += len(space.replies) - len(found)
        choices += found
    x, starts, right = matrices(choices)
    utilities = x @ weights
    total = len(choices) + lost
    _, shares = loss_of(utilities / temperature, starts, right)
    surest: list[tuple[float, bool]] = []
    for choice, start in zip(choices, starts, strict=True):
        decision, ok = decided(choice, shares[start : start + len(choice.rows)])
        base, slope = lines.get(decision.kind, (0.0, 1.0))
        surest.append((1 / (1 + math.exp(-base - slope * features.log_odds(decision.raw))), ok))
    by_group: dict[str, list[bool]] = {}
    for choice, (_, ok) in zip(choices, surest, strict=True):
        by_group.setdefault(choice.group, []).append(ok)
    noise = np.std([np.mean(v) for v in by_group.values()]) / max(1, len(by_group)) ** 0.5
    bins = [[pair for pair in surest if min(9, int(pair[0] * 10)) == at] for at in range(10)]
    error = sum(abs(sum(p for p, _ in one) - sum(ok for _, ok in one)) for one in bins) / len(surest)
    half = sorted(surest, key=lambda pair: -pair[0])[: len(surest) // 2]
    print(
        f"left out {source}: {len(choices)} replies of {total} (the others have no right candidate), decided "
        f"right {sum(ok for _, ok in surest) / total:.4f} (± {noise:.4f}), loss "
        f"{loss_of(utilities, starts, right)[0]:.4f}, surest half right {np.mean([ok for _, ok in half]):.4f}, "
        f"calibration error {error:.4f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the public files")
    parser.add_argument("--workspaces", type=int, default=120)
    parser.add_argument("--person-only", action="store_true", help="train the classifier for people alone")
    parser.add_argument("--encoder", type=Path, default=WEIGHTS, help="folder of another encoder")
    parser.add_argument(
        "--leave-out", help="only measure: learn without clinc or hwu, decide in workspaces of it"
    )
    args = parser.parse_args()
    sources, everything = read_sources(args.data)
    encoder = Remembering(Encoder.load(args.encoder))
    if args.leave_out:
        measure_left_out(sources, everything, encoder, args.leave_out, args.workspaces)
        return

    people = train_person(sources, encoder)
    person.WEIGHTS.write_text(
        json.dumps({"bias": round(people.bias, 4), "cut": people.cut, "weights": rounded(people.weights)})
        + "\n"
    )
    if args.person_only:
        return
    idle, unseen_idle = train_idle(sources, encoder)
    blank = {"none": {}, "procedure": {}, "article": {}, "temperature": 1.0, "calibration": {}}
    head = {**blank, "idle": {"bias": round(idle.bias, 4), "weights": rounded(idle.weights)}}
    features.WEIGHTS.write_text(json.dumps(head) + "\n")
    Head.load.cache_clear()
    PersonModel.load.cache_clear()

    spaces = spaces_of(sources, encoder, args.workspaces)
    choices = [choice for space in spaces for choice in choices_of(space, encoder, unseen_idle)]
    print(f"{len(spaces)} workspaces, {len(choices)} replies")

    unseen = unseen_utilities(choices)
    temperature = temperature_of(unseen)
    weights = fit(choices)
    for (part, name), weight in zip(COLUMNS, weights, strict=True):
        head[part] = {**head[part], name: round(float(weight), 4)}
    head["temperature"] = round(temperature, 3)
    head["calibration"] = calibration_of(unseen, temperature)
    features.WEIGHTS.write_text(json.dumps(head) + "\n")
    print(json.dumps({name: part for name, part in head.items() if name != "idle"}, indent=1))


def rounded(weights: np.ndarray) -> list[float]:
    return [round(float(weight), 3) for weight in weights]


if __name__ == "__main__":
    main()

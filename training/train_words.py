"""Train the head that decides by words in common alone, for where the encoder's file is missing.

    python training/train_words.py --data DIR

The same made-up workspaces as in train_head.py, read by nothing: every similarity is zero, and what is left to weigh
is BM25 and the form of the message.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import train_head as training

from overture.agent import features
from overture.agent.features import Head
from overture.encoder.model import Encoder, WordsAlone


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the public files")
    parser.add_argument("--workspaces", type=int, default=80)
    args = parser.parse_args()
    sources, _ = training.read_sources(args.data)
    # The encoder only keeps intents that a person might confuse from counting as unknown; the head never sees it.
    spaces = training.spaces_of(sources, training.Remembering(Encoder.load()), args.workspaces)
    words = WordsAlone()
    choices = [choice for space in spaces for choice in training.choices_of(space, words, {})]
    print(f"{len(spaces)} workspaces, {len(choices)} replies")
    unseen = training.unseen_utilities(choices)
    temperature = training.temperature_of(unseen)
    weights = training.fit(choices)
    head = Head.load().to_dict()
    for (part, name), weight in zip(training.COLUMNS, weights, strict=True):
        head[part][name] = round(float(weight), 4)
    head["temperature"] = round(temperature, 3)
    head["calibration"] = training.calibration_of(unseen, temperature)
    # Without a vector the classifier of small talk says the same of every text, and so needs no weights.
    head["idle"]["weights"] = [0.0] * len(head["idle"]["weights"])
    features.WORDS_WEIGHTS.write_text(json.dumps(head) + "\n")
    print(json.dumps({name: part for name, part in head.items() if name != "idle"}, indent=1))


if __name__ == "__main__":
    main()

"""The sentence encoder: any text becomes 384 numbers, and texts that mean the same point the same way."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overture.base.errors import Error

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "weights"
DIMENSIONS = 384
AGAIN = "Install Overture again."


class EncoderMissing(Error):
    """The language model that came with Overture is not there. Install Overture again."""

    status = 500
    code = "encoder_missing"


class EncoderDamaged(EncoderMissing):
    """The language model that came with Overture is not the one on its card. Install Overture again."""

    code = "encoder_damaged"


class Encoder:
    """Texts to vectors of length one; threads may share it.

    Each text is run by itself: int8 activations are scaled over what is run together, so a batch would give a
    text slightly different numbers depending on its neighbours, and a stored vector could not be made again.
    """

    def __init__(self, session: Any, tokenizer: Tokenizer, hash: str) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self.hash = hash

    @classmethod
    def load(cls, weights: Path = WEIGHTS) -> Encoder:
        """The packaged encoder, after its files were compared with the hashes on their card."""
        read = {name: _read(weights / name) for name in ("card.json", "model.onnx", "tokenizer.json")}
        try:
            files = json.loads(read["card.json"])["files"]
            promised = {name: str(files[name]) for name in ("model.onnx", "tokenizer.json")}
        except (ValueError, KeyError, TypeError):
            raise EncoderDamaged(f"{weights / 'card.json'} is not a model card. {AGAIN}") from None
        for name in ("model.onnx", "tokenizer.json"):
            if hashlib.sha256(read[name]).hexdigest() != promised[name]:
                raise EncoderDamaged(f"{weights / name} is not the file its card describes. {AGAIN}")

        # Imported here: they take longer than everything else together, and `overture --help` needs neither.
        # onnxruntime reports its use to its maker unless it is told not to before it is loaded. Nothing leaves this
        # machine unasked.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        here = ["CPUExecutionProvider"]
        # By its path: of a model in memory the session keeps the 23 MB beside what it makes of them.
        del read["model.onnx"]
        session = onnxruntime.InferenceSession(str(weights / "model.onnx"), options, providers=here)
        tokenizer = Tokenizer.from_str(read["tokenizer.json"].decode("utf-8"))
        return cls(session, tokenizer, promised["model.onnx"])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text: float32, 384 wide, length one. What is past 256 tokens is not read."""
        rows = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            ids = np.array([self._tokenizer.encode(_whole(text)).ids], dtype=np.int64)
            row[:] = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return rows


WORDS_ALONE = "words-alone"


class WordsAlone(Encoder):
    """Stands in for an encoder that is missing: no text has a meaning, so that only words in common count."""

    def __init__(self) -> None:
        self.hash = WORDS_ALONE

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), DIMENSIONS), np.float32)


def packaged_hash(weights: Path = WEIGHTS) -> str:
    """What the packaged encoder is known by, without loading it; words alone where it is missing."""
    try:
        return str(json.loads(_read(weights / "card.json"))["files"]["model.onnx"])
    except (EncoderMissing, ValueError, KeyError, TypeError):
        return WORDS_ALONE


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise EncoderMissing(f"{path} cannot be read. {AGAIN}") from None


def _whole(text: str) -> str:
    # Half of a surrogate pair is not UTF-8, and the tokenizer refuses it.
    return text.encode("utf-8", "replace").decode("utf-8")

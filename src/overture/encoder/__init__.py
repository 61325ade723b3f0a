"""The language model in the wheel: text in, vectors out. Its card and hashes stand beside its weights."""

from overture.encoder.model import (
    DIMENSIONS,
    WORDS_ALONE,
    Encoder,
    EncoderDamaged,
    EncoderMissing,
    WordsAlone,
)

__all__ = ["DIMENSIONS", "WORDS_ALONE", "Encoder", "EncoderDamaged", "EncoderMissing", "WordsAlone"]

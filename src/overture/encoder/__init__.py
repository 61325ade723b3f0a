"""The language model in the wheel: text in, vectors out. Its card and hashes stand beside its weights."""

from overture.encoder.model import DIMENSIONS, Encoder, EncoderDamaged, EncoderMissing

__all__ = ["DIMENSIONS", "Encoder", "EncoderDamaged", "EncoderMissing"]

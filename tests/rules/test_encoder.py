"""The packaged language model: it loads, it is the one on its card, and it hears what belongs together."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from overture.encoder import DIMENSIONS, Encoder, EncoderDamaged, EncoderMissing
from overture.encoder.model import WEIGHTS


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


def test_vectors_have_length_one(encoder):
    vectors = encoder.encode(["Where is my parcel?", "", "😀", "word " * 2000])
    assert (4, DIMENSIONS) == vectors.shape
    assert np.float32 == vectors.dtype
    assert np.allclose(1, np.linalg.norm(vectors, axis=1), atol=1e-5)


def test_nothing_in_nothing_out(encoder):
    assert (0, DIMENSIONS) == encoder.encode([]).shape


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("Where is my parcel?", "My order has not arrived", "What are your opening hours?"),
        ("I want my money back", "refund please", "change my delivery address"),
        ("Do you take dogs?", "Are pets allowed?", "Is breakfast included?"),
    ],
)
def test_what_means_the_same_is_near(encoder, text, near, far):
    of_text, of_near, of_far = encoder.encode([text, near, far])
    assert of_text @ of_near > of_text @ of_far


def test_a_text_has_one_vector_whoever_is_beside_it(encoder):
    alone = encoder.encode(["refund please"])[0]
    among = encoder.encode(["a", "refund please", "a much longer text about something else"])[1]
    assert np.array_equal(alone, among)


def test_half_a_character_is_no_reason_to_fail(encoder):
    assert (1, DIMENSIONS) == encoder.encode(["half \ud83d a smile"]).shape


def test_threads_may_share_it(encoder):
    texts = [f"message number {n}" for n in range(24)]
    expected = encoder.encode(texts)
    with ThreadPoolExecutor(4) as pool:
        found = np.vstack(list(pool.map(lambda text: encoder.encode([text]), texts)))
    assert np.array_equal(expected, found)


def test_its_hash_is_on_its_card(encoder):
    assert encoder.hash == json.loads((WEIGHTS / "card.json").read_text())["files"]["model.onnx"]


def test_missing_weights_are_named(copy):
    (copy / "model.onnx").unlink()
    with pytest.raises(EncoderMissing, match=r"model\.onnx cannot be read"):
        Encoder.load(copy)


def test_other_weights_are_refused(copy):
    (copy / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderDamaged, match=r"tokenizer\.json is not the file"):
        Encoder.load(copy)


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"files": null}'])
def test_a_damaged_card_is_refused(copy, card):
    (copy / "card.json").write_text(card)
    with pytest.raises(EncoderDamaged):
        Encoder.load(copy)


def test_importing_it_does_not_import_the_runtime():
    code = "import sys, overture.encoder; sys.exit(bool({'onnxruntime', 'tokenizers'} & set(sys.modules)))"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode

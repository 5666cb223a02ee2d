"""A small Qwen3 as transformers and bitsandbytes store it when it was loaded with load_in_4bit (NF4, double quantisation), and
the logits that its dequantised weights give in float64: what a reader of such files must give.

    python make_bits.py        needs torch, transformers 5, accelerate and bitsandbytes 0.50; writes the folder bnb

Queries, keys and values are as wide as blocks are long, and mlp.down_proj is not (96 columns), so that its blocks run across
rows. The embeddings, the norms and the head stay as they are, as bitsandbytes leaves them.
"""

import json
import shutil
import tempfile
from pathlib import Path

import bitsandbytes
import torch
import transformers
from bitsandbytes.functional import get_4bit_type

HERE = Path(__file__).resolve().parent / "bnb"
SIZES = {
    "vocab_size": 57,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 96,
    "max_position_embeddings": 128,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e4},
    "tie_word_embeddings": True,
}
LENGTH = 24
ROWS = [0, 5, 13, 23]


def dequantised(weight):
    """In float32 and plain torch: the CPU kernel of bitsandbytes 0.50 gives a row the wrong scales where rows do not begin at
    blocks (an error of 0.7 where the quantisation itself has 0.1)."""
    packed, state = weight.data.flatten(), weight.quant_state
    codes = torch.stack([packed >> 4, packed & 15], 1).flatten().long()
    nested = state.state2.absmax.repeat_interleave(state.state2.blocksize)[: state.absmax.numel()]
    absmax = state.state2.code[state.absmax.flatten().int()] * nested + state.offset
    values = get_4bit_type("nf4", device="cpu")[codes] * absmax.repeat_interleave(state.blocksize)[: codes.numel()]
    return values.reshape(state.shape)


def main():
    torch.manual_seed(14)
    config = transformers.Qwen3Config(**SIZES)
    model = transformers.Qwen3ForCausalLM(config)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape)
        if parameter.ndim == 2:
            # Rows of different sizes, so that the scales of blocks differ.
            gain = torch.exp(0.7 * torch.randn(parameter.shape[0], 1))
            parameter.data = noise if "embed" in name else noise * gain * (1.3 / parameter.shape[1] ** 0.5)
        else:
            parameter.data = 1 + 0.3 * noise
    with tempfile.TemporaryDirectory() as folder:
        model.to(torch.bfloat16).save_pretrained(folder)
        bits = transformers.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
        quantised = transformers.AutoModelForCausalLM.from_pretrained(
            folder, quantization_config=bits, device_map="cpu", dtype=torch.bfloat16
        )
    shutil.rmtree(HERE, ignore_errors=True)
    quantised.save_pretrained(HERE)
    (HERE / "generation_config.json").unlink(missing_ok=True)

    plain = transformers.Qwen3ForCausalLM._from_config(config, attn_implementation="eager", dtype=torch.float64)
    weights = {}
    for name, module in quantised.named_modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            weights[f"{name}.weight"] = dequantised(module.weight).double()
    for name, value in quantised.state_dict().items():
        if name in plain.state_dict() and name not in weights:
            weights[name] = value.double()
    plain.load_state_dict(weights)
    ids = torch.randint(0, SIZES["vocab_size"], (1, LENGTH), generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        logits = plain(ids).logits[0]
    expected = {
        "made": f"make_bits.py: transformers {transformers.__version__}, bitsandbytes {bitsandbytes.__version__}, torch {torch.__version__}",
        "ids": ids[0].tolist(),
        "rows": ROWS,
        "logits": [[float(f"{value:.7g}") for value in logits[row].tolist()] for row in ROWS],
    }
    (HERE / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


main()

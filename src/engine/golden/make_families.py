"""Golden logits of the families besides ModernBERT: small random models as transformers itself builds, stores and runs
them, so that config.json, tensor names and logits come from the library that the published models come from.

    python make_families.py [NAME ...]    writes every fixture, or these; needs torch and transformers 5
    python make_families.py --full NAME --out FOLDER
                                          a model of a published size (bert-base, roberta-base, qwen3-0.6b) in 16 bits
    python make_families.py --check FOLDER --ids 5,6,4,9 --logits FILE.npy
                                          compares a file of `npm run forward` with transformers in float32

Weights are drawn with gains that make attention sharp, rounded to the stored type, and run in float64; `float32_error` is
the distance of a float32 run of the same model. A `a2d-` model is the causal one of its family with every position
seeing every other, as dLLM converts decoders (dllm/pipelines/a2d, commit ca17675). Configurations are written as
transformers 5 does (`rope_parameters`, `dtype`) or, where `old` says so, as 4 did (`rope_theta`, `rope_scaling`,
`torch_dtype`).
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
BERT = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 70}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}

# name: (class of the model, what its config is made from, stored type, old style, bidirectional decoder)
CASES = {
    "bert": ("Bert", {**BERT, "vocab_size": 83, "max_position_embeddings": 64}, torch.float16, False, False),
    "roberta": ("Roberta", {**BERT, "vocab_size": 75, "max_position_embeddings": 66, "type_vocab_size": 1, "layer_norm_eps": 1e-5}, torch.float32, True, False),
    "qwen3": ("Qwen3", {"vocab_size": 90, "hidden_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 20, "intermediate_size": 56, "max_position_embeddings": 256, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}, "tie_word_embeddings": True}, torch.bfloat16, False, True),
    "qwen3-wide": ("Qwen3", {"vocab_size": 61, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 128, "intermediate_size": 40, "max_position_embeddings": 128, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}, "tie_word_embeddings": True}, torch.float16, True, False),
    "qwen2": ("Qwen2", {"vocab_size": 70, "hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 3, "intermediate_size": 45, "max_position_embeddings": 128, "rope_parameters": {"rope_type": "default", "rope_theta": 1e5}, "tie_word_embeddings": False}, torch.float16, True, True),
    "llama": ("Llama", {"vocab_size": 66, "hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2, "intermediate_size": 62, "max_position_embeddings": 128, "rope_parameters": LLAMA3, "tie_word_embeddings": False}, torch.bfloat16, False, False),
    "distilbert": ("DistilBert", {"vocab_size": 77, "dim": 40, "n_layers": 2, "n_heads": 4, "hidden_dim": 66, "max_position_embeddings": 64}, torch.bfloat16, False, False),
}
LENGTH = 40
ROWS = [0, 1, 7, 16, 24, 33, 39]


def draw(model, dtype, seed):
    """Seeded weights, exact in the stored type."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float32)
        if parameter.ndim == 2:
            table = "embed" in name
            value = noise if table else noise * (1.8 / parameter.shape[1] ** 0.5)
        else:
            value = 0.4 * noise if "bias" in name else 1 + 0.3 * noise
        parameter.data = value.to(dtype).to(torch.float64)


def style(config, old, a2d):
    """config.json as stored beside the weights."""
    if a2d:
        config["model_type"] = "a2d-" + config["model_type"]
        config["architectures"] = ["A2D" + config["architectures"][0].replace("ForCausalLM", "LMHeadModel")]
    if old:
        config["torch_dtype"] = config.pop("dtype")
        config["transformers_version"] = "4.57.0"
        rope = config.pop("rope_parameters", None)
        if rope:
            config["rope_theta"] = rope["rope_theta"]
            config["rope_scaling"] = None
    return config


def write(name, seed):
    family, sizes, dtype, old, a2d = CASES[name]
    causal = family not in ("Bert", "Roberta", "DistilBert")
    config = getattr(transformers, family + "Config")(**sizes, attn_implementation="eager")
    model = getattr(transformers, family + ("ForCausalLM" if causal else "ForMaskedLM"))(config).double().eval()
    draw(model, dtype, seed)
    model.tie_weights()
    # Without ids of padding: RoBERTa counts positions past it.
    ids = torch.randint(3, sizes["vocab_size"], (1, LENGTH), generator=torch.Generator().manual_seed(seed + 100))
    kinds = {"full_attention": torch.zeros(1, 1, LENGTH, LENGTH, dtype=torch.float64)}

    def run(dtype):
        # A mask of four dimensions is taken as it is: nothing is hidden.
        mask = {"attention_mask": kinds["full_attention"].to(dtype)} if a2d else {}
        with torch.no_grad():
            return model.to(dtype)(ids, **mask).logits[0].double()

    exact = run(torch.float64)
    error = (run(torch.float32) - exact).abs().max().item()
    tied = set(model.all_tied_weights_keys if hasattr(model, "all_tied_weights_keys") else model._tied_weights_keys or [])
    model.to(torch.float64)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    state = {key: value.to(dtype).contiguous() for key, value in model.state_dict().items() if key not in tied}
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    stored = {**json.loads(config.to_json_string(use_diff=False)), "architectures": [type(model).__name__]}
    stored = {key: value for key, value in stored.items() if key not in ("attn_implementation", "_name_or_path")}
    stored["dtype"] = str(dtype).removeprefix("torch.")
    (folder / "config.json").write_text(json.dumps(style(stored, old, a2d), indent=1, sort_keys=True) + "\n")
    expected = {
        "source": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "ids": ids[0].tolist(),
        "rows": ROWS,
        "logits": [[float(f"{value:.7g}") for value in exact[row].tolist()] for row in ROWS],
        "float32_error": error,
    }
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    print(f"{name}: logits span {(exact.max() - exact.min()).item():.1f}, float32 is off by {error:.1e}")


# name: (class of the model, sizes as published)
FULL = {
    "bert-base": ("Bert", {}),
    "roberta-base": ("Roberta", {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5}),
    "qwen3-0.6b": ("Qwen3", {"vocab_size": 151936, "hidden_size": 1024, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 3072, "max_position_embeddings": 40960, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}, "tie_word_embeddings": True}),
}


def full(name, folder):
    """Seeded random weights, drawn in float32 and stored in float16."""
    family, sizes = FULL[name]
    torch.manual_seed(7)
    kind = "ForMaskedLM" if family in ("Bert", "Roberta") else "ForCausalLM"
    config = getattr(transformers, family + "Config")(**sizes, initializer_range=0.04)
    model = getattr(transformers, family + kind)(config)
    for key, parameter in model.named_parameters():
        if parameter.ndim == 1:
            parameter.data = torch.randn_like(parameter) * 0.3 + (0.0 if "bias" in key else 1.0)
    model.half().save_pretrained(folder)


def check(folder, ids, file):
    """Prints the distance of the engine's logits from transformers'; exits 1 if large."""
    import numpy

    config = json.loads((folder / "config.json").read_text())
    family = transformers.AutoConfig.from_pretrained(folder).architectures[0]
    model = getattr(transformers, family).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        want = model(torch.tensor([ids])).logits[0].double()
    got = torch.from_numpy(numpy.load(file)).double()
    spread = float(want.max() - want.min())
    worst = float((got - want).abs().max())
    same = int((got.argmax(-1) == want.argmax(-1)).sum())
    print(
        f"{config['model_type']}: logits {list(want.shape)} span {spread:.1f}; largest difference {worst:.1e}, "
        f"{worst / spread:.1e} of the range; {same} of {len(ids)} likeliest tokens agree"
    )
    return 0 if worst / spread < 1e-3 else 1


def option(name):
    return sys.argv[sys.argv.index(name) + 1]


if "--full" in sys.argv:
    full(option("--full"), Path(option("--out")))
elif "--check" in sys.argv:
    sys.exit(check(Path(option("--check")), [int(i) for i in option("--ids").split(",")], option("--logits")))
else:
    for at, name in enumerate(CASES):
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            write(name, 300 + at)

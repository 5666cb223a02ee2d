"""Golden logits for the engine's tests: a second, independent ModernBERT in plain PyTorch, and the small fixtures it writes.

The forward pass is written from the equations of Hugging Face's modeling_modernbert.py and modeling_modernbert_decoder.py,
without using transformers, in float64, so that the stored float32 logits are right to the last digit that matters; the
distance of a float32 run of the same code is stored beside them (`float32_error`) as a yardstick for tolerances.

    python make_golden.py            writes every fixture, and the logits of the shipped models if they are there
    python make_golden.py --shipped [NAME …]
                                     only public/models/{tales,tiny-chat,stories,stories-ar} -> NAME.json
    python make_golden.py --check FOLDER --ids 5,6,4,9 --logits FILE.npy
                                     compares a logits file of `npm run forward` with this forward pass over any model
"""

import hashlib
import json
import math
import struct
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[2] / "public" / "models"
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


# ---------------------------------------------------------------- safetensors: 8 bytes of length, a JSON header, raw data
def save_safetensors(path, tensors):
    names = {dtype: name for name, dtype in DTYPES.items()}
    header, blobs, offset = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        blob = tensor.contiguous().view(torch.uint8).numpy().tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    head = json.dumps({"__metadata__": {"format": "pt"}, **header}, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + b"".join(blobs))


def load_safetensors(path):
    raw = bytearray(path.read_bytes())
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        flat = torch.frombuffer(raw[start:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


# ---------------------------------------------------------------- what a config means, in its older and its newer spelling
def layer_plan(config):
    """For every layer: (slides?, rope theta)."""
    layers = config["num_hidden_layers"]
    every = config.get("global_attn_every_n_layers", 3)
    types = config.get("layer_types") or ["sliding_attention" if i % every else "full_attention" for i in range(layers)]
    old = {
        "full_attention": config.get("global_rope_theta", 160000.0),
        "sliding_attention": config.get("local_rope_theta", 10000.0),
    }
    rope = config.get("rope_parameters") or {}
    return [(kind == "sliding_attention", rope.get(kind, {}).get("rope_theta", old[kind])) for kind in types]


def visible(config, length, slides):
    """[query, key] -> may the query see the key?  Encoder: |i - j| <= local_attention // 2.
    Decoder: 0 <= i - j, and i - j < local_attention // 2 in sliding layers (the query itself counts)."""
    distance = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    half = config.get("local_attention", 128) // 2
    if config["model_type"] == "modernbert-decoder":
        return (distance >= 0) & (distance < half) if slides else distance >= 0
    return distance.abs() <= half if slides else torch.ones(length, length, dtype=torch.bool)


# ---------------------------------------------------------------- the forward pass, one sequence
def forward(config, weights, ids, dtype=torch.float64):
    """ids: list of T token ids -> logits [T, vocab]."""
    w = {name: tensor.to(dtype) for name, tensor in weights.items()}
    causal = config["model_type"] == "modernbert-decoder"
    heads, hidden = config["num_attention_heads"], config["hidden_size"]
    size = hidden // heads
    activations = {"gelu": torch.nn.functional.gelu, "silu": torch.nn.functional.silu, "relu": torch.relu}
    act = activations[config.get("hidden_activation", "gelu")]
    head_act = activations[config.get("classifier_activation", "gelu")]

    def linear(x, name):
        y = x @ w[name + ".weight"].T
        return y + w[name + ".bias"] if name + ".bias" in w else y

    def norm(x, name):
        centred = x - x.mean(-1, keepdim=True)
        y = centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + config.get("norm_eps", 1e-5)) * w[name + ".weight"]
        return y + w[name + ".bias"] if name + ".bias" in w else y

    def rotate(x, theta):  # x: [heads, T, size]; pairs (d, d + size/2) turn by position * theta^(-2d/size)
        frequency = theta ** (-torch.arange(0, size, 2, dtype=dtype) / size)
        angle = torch.arange(len(ids), dtype=dtype)[:, None] * frequency[None, :]
        a, b = x[..., : size // 2], x[..., size // 2 :]
        return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)

    def split_heads(x):
        return x.reshape(len(ids), heads, size).transpose(0, 1)

    x = norm(w["model.embeddings.tok_embeddings.weight"][torch.tensor(ids)], "model.embeddings.norm")
    for i, (slides, theta) in enumerate(layer_plan(config)):
        at = f"model.layers.{i}."
        a = x if i == 0 else norm(x, at + "attn_norm")
        if causal:
            q, k, v = (split_heads(linear(a, f"{at}attn.{part}_proj")) for part in "qkv")
        else:
            q, k, v = (split_heads(part) for part in linear(a, at + "attn.Wqkv").split(hidden, -1))
        scores = rotate(q, theta) @ rotate(k, theta).transpose(1, 2) / math.sqrt(size)
        scores = scores.masked_fill(~visible(config, len(ids), slides), -math.inf)
        mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(len(ids), hidden)
        x = x + linear(mixed, at + "attn.Wo")
        value, gate = linear(norm(x, at + "mlp_norm"), at + "mlp.Wi").chunk(2, -1)
        x = x + linear(act(value) * gate, at + "mlp.Wo")
    x = norm(x, "model.final_norm")
    head = "lm_head" if causal else "head"
    x = norm(head_act(linear(x, head + ".dense")), head + ".norm")
    decoder = w.get("decoder.weight", w["model.embeddings.tok_embeddings.weight"])
    logits = x @ decoder.T
    return logits + w["decoder.bias"] if "decoder.bias" in w else logits


# ---------------------------------------------------------------- random models, loud enough to tell a wrong kernel from a right one
def random_weights(config, dtype, seed):
    generator = torch.Generator().manual_seed(seed)
    hidden, glu, vocab = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    causal = config["model_type"] == "modernbert-decoder"
    tensors = {}

    def matrix(name, rows, columns, gain=1.0, bias=False):
        tensors[name + ".weight"] = torch.randn(rows, columns, generator=generator) * gain / math.sqrt(columns)
        if bias:
            tensors[name + ".bias"] = torch.randn(rows, generator=generator) * 0.3

    def scale(name):
        tensors[name + ".weight"] = 1 + 0.3 * torch.randn(hidden, generator=generator)
        if config.get("norm_bias", False):
            tensors[name + ".bias"] = 0.3 * torch.randn(hidden, generator=generator)

    tensors["model.embeddings.tok_embeddings.weight"] = torch.randn(vocab, hidden, generator=generator) * 3 / math.sqrt(hidden)
    scale("model.embeddings.norm")
    for i in range(config["num_hidden_layers"]):
        at = f"model.layers.{i}."
        if i > 0:
            scale(at + "attn_norm")
        attention_bias, mlp_bias = config.get("attention_bias", False), config.get("mlp_bias", False)
        if causal:
            for part, gain in zip("qkv", (2, 2, 1)):
                matrix(f"{at}attn.{part}_proj", hidden, hidden, gain, attention_bias)
        else:
            matrix(at + "attn.Wqkv", 3 * hidden, hidden, 1.7, attention_bias)
        matrix(at + "attn.Wo", hidden, hidden, 1, attention_bias)
        scale(at + "mlp_norm")
        matrix(at + "mlp.Wi", 2 * glu, hidden, 1.5, mlp_bias)
        matrix(at + "mlp.Wo", hidden, glu, 1, mlp_bias)
    scale("model.final_norm")
    head = "lm_head" if causal else "head"
    matrix(head + ".dense", hidden, hidden, 1.5, config.get("classifier_bias", False))
    scale(head + ".norm")
    if not config.get("tie_word_embeddings", True):
        matrix("decoder", vocab, hidden, 3)
    if config.get("decoder_bias", True):
        tensors["decoder.bias"] = torch.randn(vocab, generator=generator) * 0.5
    return {name: tensor.to(dtype) for name, tensor in tensors.items()}


def config_of(model_type="modernbert", **changes):
    causal = model_type == "modernbert-decoder"
    return {
        "model_type": model_type,
        "architectures": ["ModernBertDecoderForCausalLM" if causal else "ModernBertForMaskedLM"],
        "hidden_activation": "gelu",
        "classifier_activation": "gelu",
        "norm_eps": 1e-5,
        "attention_bias": False,
        "mlp_bias": False,
        "norm_bias": False,
        "classifier_bias": False,
        "decoder_bias": True,
        "tie_word_embeddings": True,
        "max_position_embeddings": 1024,
        "pad_token_id": 0,
        "mask_token_id": 4,
        "cls_token_id": 2,
        "sep_token_id": 3,
        "bos_token_id": 2,
        "eos_token_id": 3,
        **changes,
    }


OLD_ROPE = {"global_attn_every_n_layers": 3, "global_rope_theta": 160000.0, "local_rope_theta": 10000.0}


def shape(hidden, heads, layers, glu, vocab, window):
    return {
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "intermediate_size": glu,
        "vocab_size": vocab,
        "local_attention": window,
    }


# name -> (what it is for, config, stored type, number of ids, rows of logits kept: None for all)
CASES = {
    "base": (
        "base-like proportions, F32, four layers: full, sliding, sliding, full",
        config_of(**shape(32, 2, 4, 40, 131, 128), **OLD_ROPE),
        "F32", 37, None,
    ),
    "odd": (
        "sizes that are no multiple of four, heads of 16, F16 weights, windows of 4 to each side, no decoder bias",
        config_of(**shape(48, 3, 3, 50, 101, 8), **OLD_ROPE, decoder_bias=False),
        "F16", 29, None,
    ),
    "biases": (
        "every bias, untied decoder, BF16, new-style layer_types and rope_parameters (an order no n gives), sliding layer first",
        config_of(
            **shape(48, 4, 3, 56, 99, 12),
            attention_bias=True, mlp_bias=True, norm_bias=True, classifier_bias=True, tie_word_embeddings=False,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters={
                "full_attention": {"rope_type": "default", "rope_theta": 80000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0},
            },
        ),
        "BF16", 33, None,
    ),
    "single": (
        "one token alone: softmax over one key",
        config_of(**shape(32, 1, 3, 24, 70, 16), **OLD_ROPE),
        "F16", 1, None,
    ),
    "head64": (
        "one head of 64, the size of every published ModernBERT",
        config_of(**shape(64, 1, 2, 80, 90, 32), **{**OLD_ROPE, "global_attn_every_n_layers": 2}),
        "F16", 70, [0, 1, 15, 16, 17, 33, 34, 50, 68, 69],
    ),
    "decoder": (
        "causal ModernBertDecoder: separate q, k, v, lm_head, windows of 8 keys with the query itself",
        config_of(
            "modernbert-decoder", **shape(48, 3, 4, 52, 103, 16),
            global_attn_every_n_layers=3, global_rope_theta=160000.0, local_rope_theta=160000.0,
        ),
        "F16", 31, None,
    ),
    "long": (
        "200 tokens against windows of 8 to each side",
        config_of(**shape(32, 2, 4, 48, 120, 16), **OLD_ROPE),
        "F16", 200, [0, 7, 8, 9, 63, 100, 191, 199],
    ),
}


def short(x):
    return float(f"{float(x):.7g}")


def write_case(name, seed):
    about, config, dtype, length, rows = CASES[name]
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = {**config, "torch_dtype": {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}[dtype]}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    save_safetensors(folder / "model.safetensors", random_weights(config, DTYPES[dtype], seed))
    weights = load_safetensors(folder / "model.safetensors")  # what a reader of the file gets
    ids = torch.randint(0, config["vocab_size"], (length,), generator=torch.Generator().manual_seed(seed + 1000)).tolist()
    logits = forward(config, weights, ids)
    error = (forward(config, weights, ids, torch.float32).double() - logits).abs().max()
    rows = list(range(length)) if rows is None else rows
    expected = {
        "about": about,
        "torch": torch.__version__,
        "ids": ids,
        "rows": rows,
        "float32_error": short(error),
        "logits": [[short(x) for x in logits[row]] for row in rows],
    }
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name:8s} {size / 1000:6.1f} kB  logits std {logits.std():.2f}, range {logits.min():.1f} .. {logits.max():.1f}, f32 error {error:.1e}")


# ---------------------------------------------------------------- the shipped models
# "Once upon a time, there was a little girl named Lily. She [MASK] to [MASK] in the [MASK]..." in pieces of their vocabulary
def encode(vocab, merges, text):
    """Byte-level BPE, for words parted by spaces and the sentence's own punctuation (enough for the sentence below)."""
    import re

    ids = []
    for word in re.findall(r" ?[A-Za-z]+| ?[^A-Za-z\s]+", text):
        parts = list(word.replace(" ", "\u0120"))
        while len(parts) > 1:
            ranks = [merges.get(pair, math.inf) for pair in zip(parts, parts[1:])]
            best = min(range(len(ranks)), key=ranks.__getitem__)
            if ranks[best] == math.inf:
                break
            parts[best : best + 2] = [parts[best] + parts[best + 1]]
        ids += [vocab[part] for part in parts]
    return ids


SENTENCE = "Once upon a time, there was a little girl named Lily. She loved to play in the park with her friends. One day, Lily found a big red ball."


def modernbert(config, folder):
    weights = load_safetensors(folder / "model.safetensors")
    return lambda ids, dtype: forward(config, weights, ids, dtype)


def bert(folder):
    """The network that training/ learns with, which is written independently of the engine."""
    sys.path.insert(0, str(HERE.parents[2] / "training"))
    import model as network
    from look import open_bert

    weights, shape = open_bert(folder)

    def answer(ids, dtype):
        p = {name: tensor.to(dtype) for name, tensor in weights.items()}
        x = network.transform(p, shape, network.encode(p, shape, torch.tensor([ids]), torch.arange(len(ids))))
        return x @ p["bert.embeddings.word_embeddings.weight"].T + p["cls.predictions.bias"]

    return torch.no_grad()(answer)


def write_shipped(name):
    folder = MODELS / name
    if not (folder / "model.safetensors").exists():
        return print(f"{name}: not there, skipped")
    config = json.loads((folder / "config.json").read_text())
    tokenizer = json.loads((folder / "tokenizer.json").read_text())["model"]
    merges = {tuple(m.split(" ")) if isinstance(m, str) else tuple(m): rank for rank, m in enumerate(tokenizer["merges"])}
    answer = bert(folder) if config["model_type"] == "bert" else modernbert(config, folder)
    ids = encode(tokenizer["vocab"], merges, SENTENCE)
    if config["model_type"] != "modernbert-decoder":
        mask = config["mask_token_id"]
        masked = [i for i in range(4, len(ids)) if i % 3 == 1] + list(range(len(ids), len(ids) + 20))
        ids = [mask if i in masked else token for i, token in enumerate(ids)] + [mask] * 20
        rows = masked[:: max(1, len(masked) // 8)]
    else:
        rows = list(range(0, len(ids), 4))
    logits = answer(ids, torch.float64)
    error = (answer(ids, torch.float32).double() - logits).abs().max()
    logprobs = logits.log_softmax(-1)
    probe = list(range(5, config["vocab_size"], config["vocab_size"] // 64))[:64]
    entries = []
    for row in rows:
        values, best = logprobs[row].topk(20)
        entries.append({
            "row": row,
            "logSumExp": short(logits[row].logsumexp(-1)),
            "top": [[int(i), short(v)] for i, v in zip(best, values)],
            "probe": [short(logits[row, i]) for i in probe],
        })
    expected = {
        "model": name,
        "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "torch": torch.__version__,
        "sentence": SENTENCE,
        "ids": ids,
        "float32_error": short(error),
        "probeIds": probe,
        "rows": entries,
    }
    (HERE / f"{name}.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    print(f"{name}: {len(ids)} ids, {len(rows)} rows, f32 error {error:.1e}")


# ---------------------------------------------------------------- any model against a file of logits
def check(folder, ids, file):
    """Prints the distance of the engine's logits from these in float64, and that of float32 as a yardstick; exits 1 if large."""
    import numpy

    config = json.loads((folder / "config.json").read_text())
    weights = load_safetensors(folder / "model.safetensors")
    want = forward(config, weights, ids)
    single = forward(config, weights, ids, torch.float32)
    got = torch.from_numpy(numpy.load(file)).double()
    spread = float(want.max() - want.min())
    worst, yardstick = float((got - want).abs().max()), float((single.double() - want).abs().max())
    print(f"{folder}: logits {list(want.shape)} from {want.min():.2f} to {want.max():.2f}; largest difference {worst:.1e}, "
          f"{worst / spread:.1e} of the range; PyTorch's own float32 differs by {yardstick:.1e}")
    return 0 if worst / spread < 1e-3 else 1


if __name__ == "__main__":
    if "--check" in sys.argv:
        option = lambda name: sys.argv[sys.argv.index(name) + 1]
        sys.exit(check(Path(option("--check")), [int(i) for i in option("--ids").split(",")], option("--logits")))
    if "--shipped" not in sys.argv:
        for index, case in enumerate(CASES):
            write_case(case, seed=20 + index)
    named = sys.argv[sys.argv.index("--shipped") + 1 :] if "--shipped" in sys.argv else []
    for shipped in named or ("tales", "tiny-chat", "stories", "stories-ar"):
        write_shipped(shipped)

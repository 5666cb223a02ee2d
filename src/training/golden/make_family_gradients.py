"""Golden losses and gradients of every family but ModernBERT, by PyTorch's autograd over transformers' own models.

Each case is a folder as make_golden_gradients.py writes it, without the stepped weights: config.json and
model.safetensors of a tiny random model, question.json with the losses and gradient norms of three AdamW steps,
gradients.safetensors; and logits.safetensors, every row of the question's canvases before any step. `scored` are slots; a network with a shift of 1 answers slot s in row s - 1.

Half of the configurations are written as transformers 5 writes them (rope_parameters, dtype), half as 4 did (rope_theta,
rope_scaling, torch_dtype). Converted decoders are the causal classes under a mask that hides nothing, as dLLM's a2d
models are. LLaDA is a Llama under its own names and keys; Dream is a Qwen2 without a causal mask that kept its shift.

    python make_family_gradients.py [CASE …]     made with PyTorch 2.8.0 and transformers 5.24.0 on a CPU
"""

import json
import sys
from pathlib import Path

import torch
import transformers as hf

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "engine" / "golden"))
from make_golden import save_safetensors  # noqa: E402
from make_golden_gradients import ADAMW, STEPS  # noqa: E402

LENGTH = 11
ROWS = dict(hidden_size=12, num_hidden_layers=2, intermediate_size=10)
DECODER = dict(**ROWS, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, hidden_act="silu",
               bos_token_id=1, eos_token_id=2, attention_dropout=0.0)
ENCODER = dict(hidden_act="gelu", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, num_attention_heads=3)
LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)


def rope(theta, **scaling):
    return {"rope_parameters": {"rope_theta": theta, "rope_type": "default", **scaling}}


def bert():
    config = hf.BertConfig(**ROWS, **ENCODER, vocab_size=29, max_position_embeddings=16, type_vocab_size=2, pad_token_id=0)
    return hf.BertForMaskedLM(config), dict(style=4)


def roberta():
    config = hf.RobertaConfig(**{**ROWS, "intermediate_size": 9}, **ENCODER, vocab_size=27, max_position_embeddings=18,
                              type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2)
    return hf.RobertaForMaskedLM(config), dict(style=5)


def qwen3(causal, style, block=None, **changes):
    config = hf.Qwen3Config(**{**DECODER, "head_dim": 8, "vocab_size": 25, "rms_norm_eps": 1e-6,
                               "tie_word_embeddings": True, **rope(1000000.0), **changes})
    return hf.Qwen3ForCausalLM(config), dict(style=style, causal=causal, a2d=None if causal else "a2d-qwen3", block=block)


def qwen2(causal, style):
    config = hf.Qwen2Config(**{**DECODER, "hidden_size": 16}, vocab_size=26, rms_norm_eps=1e-6, tie_word_embeddings=causal,
                            **rope(10000.0))
    return hf.Qwen2ForCausalLM(config), dict(style=style, causal=causal, a2d=None if causal else "a2d-qwen2")


def llama(causal, style):
    scaling = dict(rope_type="llama3", **LLAMA3) if causal else {}
    config = hf.LlamaConfig(**{**DECODER, "hidden_size": 16}, vocab_size=23, rms_norm_eps=1e-5, tie_word_embeddings=False,
                            **rope(500.0, **scaling))
    return hf.LlamaForCausalLM(config), dict(style=style, causal=causal, a2d=None if causal else "a2d-llama")


def llada():
    config = hf.LlamaConfig(**{**DECODER, "hidden_size": 16, "num_key_value_heads": 4}, vocab_size=24, rms_norm_eps=1e-5,
                            tie_word_embeddings=False, **rope(500000.0))
    return hf.LlamaForCausalLM(config), dict(llada=True)


def dream():
    config = hf.Qwen2Config(**{**DECODER, "hidden_size": 16}, vocab_size=22, rms_norm_eps=1e-6, tie_word_embeddings=False,
                            **rope(1000000.0))
    return hf.Qwen2ForCausalLM(config), dict(style=4, dream=True, shift=1)


CASES = {
    "bert": bert,
    "roberta": roberta,
    "qwen3": lambda: qwen3(True, 5),
    "a2d-qwen3": lambda: qwen3(False, 4, tie_word_embeddings=False),
    "qwen2": lambda: qwen2(True, 4),
    "a2d-qwen2": lambda: qwen2(False, 5),
    "llama": lambda: llama(True, 4),
    "a2d-llama": lambda: llama(False, 5),
    "llada": llada,
    "dream": dream,
    # The training pattern of block diffusion (arXiv 2503.09573): x_t, then x_0 at the same positions.
    "noisy-and-clean": lambda: qwen3(False, 5, block=3),
}


# ---------------------------------------------------------------- files under the names and keys of each family
def config_json(model, about):
    config = model.config
    json_of = {k: v for k, v in config.to_dict().items() if k not in ("transformers_version", "use_cache", "_name_or_path")}
    kept = ("model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
            "head_dim", "intermediate_size", "hidden_act", "max_position_embeddings", "type_vocab_size", "layer_norm_eps",
            "rms_norm_eps", "tie_word_embeddings", "attention_bias", "mlp_bias", "rope_parameters", "layer_types",
            "sliding_window", "use_sliding_window", "max_window_layers", "pad_token_id", "bos_token_id", "eos_token_id")
    written = {k: json_of[k] for k in kept if k in json_of}
    written["architectures"] = [type(model).__name__]
    if about.get("llada"):
        return {
            "model_type": "llada", "architectures": ["LLaDAModelLM"], "activation_type": "silu", "alibi": False,
            "attention_layer_norm": False, "bias_for_layer_norm": False, "block_type": "llama", "d_model": config.hidden_size,
            "embedding_size": config.vocab_size, "eos_token_id": 2, "include_bias": False, "include_qkv_bias": False,
            "input_emb_norm": False, "layer_norm_type": "rms", "layer_norm_with_affine": True, "mask_token_id": 21,
            "max_sequence_length": 64, "mlp_hidden_size": config.intermediate_size, "mlp_ratio": 4, "n_heads": 4,
            "n_kv_heads": 4, "n_layers": 2, "pad_token_id": 2, "rms_norm_eps": config.rms_norm_eps, "rope": True,
            "rope_theta": 500000.0, "scale_logits": False, "vocab_size": config.vocab_size, "weight_tying": False,
        }
    if about.get("a2d"):
        written["model_type"] = about["a2d"]
        written["architectures"] = [f"A2D{type(model).__name__.replace('ForCausalLM', 'LMHeadModel')}"]
    if about.get("dream"):
        written.update(model_type="Dream", architectures=["DreamModel"], mask_token_id=20)
    if about["style"] == 4:
        parameters = written.pop("rope_parameters", None)
        if parameters is not None:
            parameters = dict(parameters)
            written["rope_theta"] = parameters.pop("rope_theta")
            written["rope_scaling"] = None if parameters["rope_type"] == "default" else parameters
        written["torch_dtype"] = "float32"
        written["transformers_version"] = "4.51.0"
    else:
        written["dtype"] = "float32"
        written["transformers_version"] = hf.__version__
    return written


LLADA = {
    "model.embed_tokens": "model.transformer.wte", "model.norm": "model.transformer.ln_f",
    "lm_head": "model.transformer.ff_out", "input_layernorm": "attn_norm", "post_attention_layernorm": "ff_norm",
    "self_attn.q_proj": "q_proj", "self_attn.k_proj": "k_proj", "self_attn.v_proj": "v_proj", "self_attn.o_proj": "attn_out",
    "mlp.gate_proj": "ff_proj", "mlp.up_proj": "up_proj", "mlp.down_proj": "ff_out", "model.layers.": "model.transformer.blocks.",
}


def stored_name(name, about):
    if about.get("llada"):
        for old, new in LLADA.items():
            name = name.replace(old, new)
    return name


# ---------------------------------------------------------------- the question
def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        with torch.no_grad():
            noise = torch.randn(parameter.shape, generator=generator)
            if "norm" in name.lower() and name.endswith("weight"):
                parameter.copy_(1 + 0.3 * noise)
            elif parameter.dim() == 1:
                parameter.copy_(0.3 * noise)
            else:
                parameter.copy_(noise * (1.5 / parameter.shape[-1] ** 0.5))


def visible(length, block):
    """[query, key] of x_t ++ x_0: a noisy token sees its own noisy block and the clean blocks before it, a clean one the
    clean blocks up to its own."""
    half = length // 2
    seen = torch.zeros(length, length, dtype=torch.bool)
    for query in range(length):
        for key in range(length):
            q, k = query % half // block, key % half // block
            noisy_query, noisy_key = query < half, key < half
            seen[query, key] = (q == k if noisy_key else k < q) if noisy_query else (not noisy_key and k <= q)
    return seen


def logits_of(model, about, question):
    length = question["length"]
    ids = torch.tensor(question["inputs"]).reshape(-1, length)
    how = {}
    if not about.get("causal") and "decoder" in about:
        mask = torch.zeros(len(ids), 1, length, length, dtype=torch.float64)
        if about.get("block"):
            mask = mask.masked_fill(~visible(length, about["block"]), -1e30)
            how["position_ids"] = torch.tensor([question["positions"]] * len(ids))
        how["attention_mask"] = mask
    return model(input_ids=ids, **how).logits.reshape(len(question["inputs"]), -1)


def loss_of(logits, about, question):
    rows = logits[[slot - about.get("shift", 0) for slot in question["scored"]]]
    each = torch.nn.functional.cross_entropy(rows, torch.tensor(question["targets"]), reduction="none")
    return (each * torch.tensor(question["weights"], dtype=torch.float64)).sum()


def make(name, build, seed):
    model, about = build()
    model.config._attn_implementation = "eager"
    randomise(model, seed)
    model = model.double().eval()
    if about.get("causal"):
        about["shift"] = 1
    if "causal" in about or about.get("llada") or about.get("dream"):
        about["decoder"] = True
    vocab = model.config.vocab_size
    length = 16 if about.get("block") else LENGTH
    generator = torch.Generator().manual_seed(200 + seed)
    ids = torch.randint(3, vocab, (2 * length,), generator=generator).tolist()
    ids[3] = ids[7] = ids[17] = 4
    scored = [1, 3, 7, 10, 12, 17, 21]
    targets = torch.randint(vocab, (len(scored),), generator=generator).tolist()
    weights = (0.1 + torch.rand(len(scored), generator=generator)).tolist()
    question = {"inputs": ids, "length": length, "scored": scored, "targets": targets, "weights": weights}

    if about.get("block"):
        # The last block of each half is shorter than the others.
        question["positions"] = [slot % 8 for slot in range(length)]
        question["sees"] = {"noisyAndClean": about["block"]}

    stored = {stored_name(key, about): value.detach().float().clone() for key, value in model.named_parameters()}
    parameters = dict(model.named_parameters())
    optimiser = torch.optim.AdamW(
        [{"params": [p for p in parameters.values() if p.dim() > 1], "weight_decay": ADAMW["weightDecay"]},
         {"params": [p for p in parameters.values() if p.dim() == 1], "weight_decay": 0.0}],
        lr=ADAMW["lr"], betas=(ADAMW["beta1"], ADAMW["beta2"]), eps=ADAMW["eps"],
    )
    losses, norms, gradients, first = [], [], None, None
    for _ in range(STEPS):
        optimiser.zero_grad()
        logits = logits_of(model, about, question)
        first = logits.detach().float() if first is None else first
        loss = loss_of(logits, about, question)
        loss.backward()
        losses.append(loss.item())
        zero = {key: p for key, p in parameters.items() if p.grad is None}
        for p in zero.values():
            p.grad = torch.zeros_like(p)
        norms.append(torch.sqrt(sum((p.grad**2).sum() for p in parameters.values())).item())
        gradients = gradients or {stored_name(key, about): p.grad.float() for key, p in parameters.items()}
        torch.nn.utils.clip_grad_norm_(parameters.values(), ADAMW["clip"])
        optimiser.step()

    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config_json(model, about), indent=1) + "\n")
    (folder / "question.json").write_text(json.dumps({**question, "adamw": ADAMW, "losses": losses, "gradNorms": norms}) + "\n")
    save_safetensors(folder / "model.safetensors", stored)
    save_safetensors(folder / "gradients.safetensors", gradients)
    save_safetensors(folder / "logits.safetensors", {"logits": first})
    print(name, sum(v.numel() for v in stored.values()), losses, norms)


if __name__ == "__main__":
    for seed, (name, build) in enumerate(CASES.items()):
        if name in (sys.argv[1:] or CASES):
            make(name, build, 40 + seed)

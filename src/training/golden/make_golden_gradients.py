"""Golden losses, gradients and AdamW steps for src/training, by PyTorch's autograd and torch.optim.AdamW.

The forward pass is the one of src/engine/golden/make_golden.py, in float64. Each case is a folder:

    config.json, model.safetensors   a tiny random ModernBERT in Hugging Face layout, float32
    question.json                    two canvases, scored slots, targets, weights; the loss, the norm of its gradient,
                                     the AdamW settings and the loss and gradient norm of each of three steps
    gradients.safetensors            the gradient of the loss by every tensor, float32, under the tensor's name
    stepped.safetensors              the weights after three AdamW steps on the same question, with clipping

    python make_golden_gradients.py [CASE …]     needs PyTorch, nothing else; made with 2.6.0 on a CPU, causal with 2.8.0
"""

import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "engine" / "golden"))
from make_golden import OLD_ROPE, config_of, forward, load_safetensors, random_weights, save_safetensors, shape  # noqa: E402

CASES = {
    # layers full, sliding, sliding; windows of 3 to each side; odd vocabulary and GLU width
    "tied": config_of(**shape(16, 2, 3, 11, 29, 6), **OLD_ROPE),
    # every bias, a decoder of its own
    "biases": config_of(
        **shape(12, 3, 2, 9, 23, 4),
        attention_bias=True, mlp_bias=True, norm_bias=True, classifier_bias=True, tie_word_embeddings=False,
        layer_types=["sliding_attention", "full_attention"],
        global_rope_theta=80000.0, local_rope_theta=5000.0,
    ),
    # causal, windows of 4 keys with the query itself
    "causal": config_of(
        "modernbert-decoder", **shape(16, 2, 3, 10, 27, 8), global_attn_every_n_layers=3,
        global_rope_theta=160000.0, local_rope_theta=160000.0, decoder_bias=False,
    ),
}
ADAMW = {"lr": 0.01, "weightDecay": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "clip": 0.5}
STEPS = 3
LENGTH = 13


def loss_of(config, weights, question):
    rows = [question["inputs"][i : i + LENGTH] for i in range(0, len(question["inputs"]), LENGTH)]
    # A decoder's row speaks of the next slot.
    shift = config["model_type"] == "modernbert-decoder"
    logits = torch.cat([forward(config, weights, row) for row in rows])[[slot - shift for slot in question["scored"]]]
    each = torch.nn.functional.cross_entropy(logits, torch.tensor(question["targets"]), reduction="none")
    return (each * torch.tensor(question["weights"], dtype=torch.float64)).sum()


def norm_of(weights):
    return torch.sqrt(sum((w.grad**2).sum() for w in weights.values())).item()


def make(name, config, seed):
    there = HERE / name / "model.safetensors"
    # Generators differ from one PyTorch to the next: a model that is there stays.
    stored = load_safetensors(there) if there.exists() else random_weights(config, torch.float32, seed)
    generator = torch.Generator().manual_seed(100 + seed)
    ids = torch.randint(config["vocab_size"], (2 * LENGTH,), generator=generator).tolist()
    ids[3] = ids[7] = ids[20] = 4  # one id several times: its rows' gradients add up
    causal = config["model_type"] == "modernbert-decoder"
    scored = [1, 3, 7, 12, 14, 20, 21] if causal else [0, 3, 7, 12, 13, 20, 21]
    targets = torch.randint(config["vocab_size"], (len(scored),), generator=generator).tolist()
    weights32 = (0.1 + torch.rand(len(scored), generator=generator)).tolist()
    question = {"inputs": ids, "length": LENGTH, "scored": scored, "targets": targets, "weights": weights32}

    weights = {key: value.double().requires_grad_() for key, value in stored.items()}
    decaying = [w for w in weights.values() if w.dim() > 1]
    others = [w for w in weights.values() if w.dim() == 1]
    optimiser = torch.optim.AdamW(
        [{"params": decaying, "weight_decay": ADAMW["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
        lr=ADAMW["lr"], betas=(ADAMW["beta1"], ADAMW["beta2"]), eps=ADAMW["eps"],
    )
    losses, norms, gradients = [], [], None
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = loss_of(config, weights, question)
        loss.backward()
        losses.append(loss.item())
        norms.append(norm_of(weights))
        gradients = gradients or {key: value.grad.float() for key, value in weights.items()}
        torch.nn.utils.clip_grad_norm_(weights.values(), ADAMW["clip"])
        optimiser.step()

    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "question.json").write_text(json.dumps({**question, "adamw": ADAMW, "losses": losses, "gradNorms": norms}) + "\n")
    save_safetensors(folder / "model.safetensors", stored)
    save_safetensors(folder / "gradients.safetensors", gradients)
    save_safetensors(folder / "stepped.safetensors", {key: value.detach().float() for key, value in weights.items()})
    print(name, losses, norms)


if __name__ == "__main__":
    for seed, (name, config) in enumerate(CASES.items()):
        if name in (sys.argv[1:] or CASES):
            make(name, config, seed)

"""Golden adapters: what PEFT's LoRA makes of the tiny models beside this file.

Each case is a folder `lora-CASE`: the adapter as PEFT saves it (adapter_config.json, adapter_model.safetensors, random
values in A and in B), `base` in step.json names the folder of its base model and of the question that is asked. Where low
ranks alone learn, step.json has losses and gradient norms of three AdamW steps and gradients.safetensors the gradients of
the first. logits.safetensors has every row of the question's canvases with the adapter on, at half its scale, and merged.

    python make_adapters.py      made with PyTorch 2.8.0, transformers 5.24.0 and PEFT 0.21.0 on a CPU, in float64
"""

import json
import sys
from pathlib import Path

import peft
import torch
import transformers as hf
from peft.helpers import rescale_adapter_scale
from safetensors.torch import load_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "engine" / "golden"))
from make_golden import save_safetensors  # noqa: E402

CLASSES = {"tied": hf.ModernBertForMaskedLM, "bert": hf.BertForMaskedLM, "a2d-qwen3": hf.Qwen3ForCausalLM}
CASES = {
    "modernbert": ("tied", dict(target_modules="all-linear", r=3, lora_alpha=6)),
    "bert": ("bert", dict(target_modules=["query", "value", "output.dense"], r=2, lora_alpha=3, use_rslora=True,
                          rank_pattern={"query": 3}, alpha_pattern={"layer.1.attention.self.value": 5},
                          layers_to_transform=[1])),
    "qwen3": ("a2d-qwen3", dict(target_modules=r".*\.(q_proj|v_proj|up_proj|down_proj)", r=2, lora_alpha=4,
                                exclude_modules=["layers.0.mlp.down_proj"])),
    # What changes more than linear layers.
    "whole": ("tied", dict(target_modules=["tok_embeddings", "Wqkv", "decoder"], r=2, lora_alpha=2, bias="all",
                           modules_to_save=["final_norm", "head.dense"])),
}


def load(base):
    folder = HERE / base
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = config["model_type"].removeprefix("a2d-")
    kind = CLASSES[base]
    model = kind(kind.config_class(**{**config, "attn_implementation": "eager"}))
    missing = model.load_state_dict(load_file(folder / "model.safetensors"), strict=False).missing_keys
    model.tie_weights()
    assert not [name for name in missing if "decoder" not in name], missing
    return model.double().eval()


def ask(model, base, inputs):
    if base != "a2d-qwen3":
        return model(input_ids=inputs).logits
    length = inputs.shape[1]
    seen = torch.zeros(inputs.shape[0], 1, length, length, dtype=torch.float64)
    return model(input_ids=inputs, attention_mask=seen).logits


def make(case):
    base, settings = CASES[case]
    question = json.loads((HERE / base / "question.json").read_text())
    inputs = torch.tensor(question["inputs"]).reshape(-1, question["length"])
    torch.manual_seed(3)
    plain = load(base)
    model = peft.get_peft_model(plain, peft.LoraConfig(**settings), autocast_adapter_dtype=False)
    model.eval()
    with torch.no_grad():
        for name, each in model.named_parameters():
            if "lora_" in name:
                each.normal_(0, 0.3)
            elif each.requires_grad:
                each.add_(0.2 * torch.randn_like(each))
            each.copy_(each.float())  # what the files hold
    folder = HERE / f"lora-{case}"
    folder.mkdir(exist_ok=True)
    model.double()
    copy = peft.get_peft_model_state_dict(model)
    config = json.loads(json.dumps(model.peft_config["default"].to_dict(), default=lambda each: sorted(each)))
    config = {k: v.value if hasattr(v, "value") else v for k, v in config.items()}
    config.update(inference_mode=True)
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    save_safetensors(folder / "adapter_model.safetensors", {k: v.detach().float().contiguous() for k, v in copy.items()})

    logits = {}
    with torch.no_grad():
        logits["on"] = ask(model, base, inputs)
        with rescale_adapter_scale(model, 0.5):
            logits["half"] = ask(model, base, inputs)
        with model.disable_adapter():
            logits["off"] = ask(model, base, inputs)
    logits = {k: v.reshape(-1, v.shape[-1]).float().contiguous() for k, v in logits.items()}
    if case == "whole":
        del logits["half"]
    save_safetensors(folder / "logits.safetensors", logits)

    step = {"base": base}
    if case != "whole":
        scored, targets = torch.tensor(question["scored"]), torch.tensor(question["targets"])
        weights = torch.tensor(question["weights"], dtype=torch.float64)
        trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
        assert all("lora_" in n for n in trained)
        adamw = question["adamw"]
        optimiser = torch.optim.AdamW(trained.values(), lr=adamw["lr"], betas=(adamw["beta1"], adamw["beta2"]),
                                      eps=adamw["eps"], weight_decay=adamw["weightDecay"])
        losses, norms = [], []
        for number in range(3):
            rows = ask(model, base, inputs).reshape(-1, logits["on"].shape[-1])[scored]
            loss = (weights * torch.nn.functional.cross_entropy(rows, targets, reduction="none")).sum()
            optimiser.zero_grad()
            loss.backward()
            if number == 0:
                gradients = {n.removeprefix("base_model.model.").replace(".default", ""): p.grad.float().clone()
                             for n, p in trained.items()}
                save_safetensors(folder / "gradients.safetensors", gradients)
            norms.append(float(torch.nn.utils.clip_grad_norm_(trained.values(), adamw["clip"])))
            losses.append(float(loss))
            optimiser.step()
        step.update(losses=losses, gradNorms=norms)
    (folder / "step.json").write_text(json.dumps(step) + "\n")


for each in sys.argv[1:] or CASES:
    make(each)

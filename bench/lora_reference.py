"""The steps of lora.ts by PyTorch and PEFT: `npm run bench:lora -- --vectors DIR`, then `python lora_reference.py DIR`.

Run with PyTorch 2.8.0, transformers 4.57.1 and PEFT 0.21.2 on a CPU, in f32.
"""

import json
import sys
from pathlib import Path

import peft
import torch
import transformers as hf

folder = Path(sys.argv[1])
asked = json.loads((folder / "questions.json").read_text())
how, length = asked["how"], asked["length"]
base = hf.ModernBertForMaskedLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
model = peft.PeftModel.from_pretrained(base, folder / "adapter", is_trainable=True).eval()
trained = [each for each in model.parameters() if each.requires_grad]
print(f"{sum(each.numel() for each in trained)} numbers learn")
optimiser = torch.optim.AdamW(trained, lr=how["lr"], betas=(how["beta1"], how["beta2"]), eps=how["eps"],
                              weight_decay=how["weightDecay"])
ours = json.loads((folder / "losses.json").read_text()) if (folder / "losses.json").exists() else []
for step, question in enumerate(asked["questions"]):
    inputs = torch.tensor(question["inputs"]).reshape(-1, length)
    hidden = model.base_model.model.model(input_ids=inputs).last_hidden_state.reshape(inputs.numel(), -1)
    rows = hidden[torch.tensor(question["scored"])]
    logits = model.base_model.model.decoder(model.base_model.model.head(rows))
    each = torch.nn.functional.cross_entropy(logits, torch.tensor(question["targets"]), reduction="none")
    loss = (torch.tensor(question["weights"]) * each).sum()
    optimiser.zero_grad()
    loss.backward()
    norm = float(torch.nn.utils.clip_grad_norm_(trained, how["clip"]))
    optimiser.step()
    difference = f", ours differs by {abs(loss.item() - ours[step]):.2e}" if step < len(ours) else ""
    print(f"step {step + 1}: loss {loss.item():.6f}, norm {norm:.6f}{difference}")

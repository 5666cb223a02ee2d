"""What transformers says of a folder with a causal chat model: the ten likeliest next tokens after some prompts, and the
greedy answer to some questions; as JSON for check.ts. Needs torch and transformers.

    python reference.py FOLDER OUT.json [GGUF]

With a GGUF file it also checks, weight by weight, that transformers' own conversion of it gives the weights of the folder
(needs gguf and accelerate).
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

TEXTS = [
    "The capital of France is",
    "Once upon a time, there was a little girl named",
    "def fibonacci(n):\n    if n < 2:\n        return",
    "In 1969, 12 people:",
]
QUESTIONS = [
    "What is the capital of Japan?",
    "Write one sentence about the sea.",
    "Name three colours of the rainbow.",
]
NEW_TOKENS = 48


def main(folder, out, gguf=None):
    torch.set_num_threads(2)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if gguf is not None:
        path = Path(gguf)
        other = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
        largest = 0.0
        own = model.state_dict()
        for name, value in other.state_dict().items():
            largest = max(largest, (own[name] - value.to(torch.float16).to(torch.float32)).abs().max().item())
        assert len(own) == len(other.state_dict()) and largest == 0, f"the weights differ by {largest}"
        print("every weight is that of transformers' own conversion, rounded to 16 bits")
        theirs = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
        for text in TEXTS + QUESTIONS:
            print(repr(text), "same ids" if theirs.encode(text) == tokenizer.encode(text) else "OTHER IDS")
    nexts, answers = [], []
    with torch.no_grad():
        for text in TEXTS:
            ids = tokenizer.encode(text, add_special_tokens=False)
            log_probs = model(torch.tensor([ids])).logits[0, -1].double().log_softmax(-1)
            top = log_probs.topk(10)
            nexts.append({"text": text, "ids": ids, "top": top.indices.tolist(), "logProbs": top.values.tolist()})
        for question in QUESTIONS:
            messages = [{"role": "user", "content": question}]
            prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
            ids = tokenizer.encode(prompt, add_special_tokens=False)
            made = model.generate(torch.tensor([ids]), do_sample=False, max_new_tokens=NEW_TOKENS)[0, len(ids) :].tolist()
            text = tokenizer.decode(made, skip_special_tokens=True).strip()
            answers.append({"question": question, "ids": ids, "answer": made, "text": text, "length": NEW_TOKENS})
    source = f"transformers {transformers.__version__}, torch {torch.__version__}, float32"
    Path(out).write_text(json.dumps({"source": source, "next": nexts, "answers": answers}, indent=1) + "\n")
    print(f"{out}: {source}")


main(*sys.argv[1:])

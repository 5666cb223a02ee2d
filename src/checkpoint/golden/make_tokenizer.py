"""
Token ids as the reference implementation gives them: Hugging Face's Rust `tokenizers` (0.23.2 made the file beside this).

    pip install tokenizers
    python make_tokenizer.py stories=../../../public/models/stories/tokenizer.json modernbert=<its tokenizer.json>

Writes tokenizer.json: the texts, and for each tokenizer the SHA-256 of its file and the ids of every text without added
special tokens. Run it again when the shipped tokenizer changes.
"""

import hashlib
import json
import pathlib
import sys

import tokenizers

TEXTS = [
    "",
    "Once upon a time, a small fox",
    "  two  spaces   and a tab\tand\r\nlines\n\n",
    " leading and trailing ",
    "don't we'll I'd they've IT'S you'RE 's",
    "3.14 1,000 2026 1st ½ Ⅷ ٣",
    "na\u00efve cafe\u0301 \u2014 \u201cquotes\u201d \u2026",
    "A\u030angstro\u0308m \ufb01 \u1e9b\u0323",
    "日本語とÜmläute и кириллица עברית हिन्दी",
    "👩\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 𝔘𝔫𝔦 \U0001f9ff",
    "\u0000\u0001\u007f\u0080\u200b\u202e\ufeff\uffff",
    "\u00a0\u2003\u3000\u2028 spaces of other kinds",
    "a" * 300,
    "!?!?...---***" * 8,
    "def f(x):\n    return x ** 2  # code\n\n\treturn\n",
    "[MASK]",
    "The [MASK] sat.",
    "a  [MASK]  b",
    "a\n\n[MASK]\n\nb",
    "[MASK] [MASK][MASK] [MASK]",
    "[mask] [ MASK ] [MASK [[MASK]]",
    "[CLS] text [SEP][PAD][UNK]",
    "<|endoftext|>|||IP_ADDRESS||| [unused0]<|padding|>",
    "[Question]\nHi there\n[/Question]\n\n[Answer]\n",
]


def golden(path):
    tokenizer = tokenizers.Tokenizer.from_file(path)
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    return {"sha256": hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest(), "ids": ids}


result = {"tokenizers": tokenizers.__version__, "texts": TEXTS}
result |= {name: golden(path) for name, path in (argument.split("=", 1) for argument in sys.argv[1:])}
target = pathlib.Path(__file__).with_name("tokenizer.json")
target.write_text(json.dumps(result, ensure_ascii=True, separators=(",", ":")) + "\n")

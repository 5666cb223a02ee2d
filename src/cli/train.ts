/**
 * Trains without a page: `npm run train -- --data FILE --init DIR|fresh --steps 300 --out DIR`. One JSON line per event on
 * stdout, words on stderr. The folder holds the model in Hugging Face layout, or the adapter in PEFT's, and the last
 * checkpoint: `--resume` goes on.
 */
import { look } from './look.ts';
import { run } from './program.ts';
import { forCluster, teach } from './teach.ts';
import { parseTrain, trainHelp } from './train-arguments.ts';

await run(async (status) => {
  const given = parseTrain(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${trainHelp()}\n`);
  else if ('look' in given) await look(given, status);
  else if ('cluster' in given) await forCluster(given, status);
  else await teach(given, status, (event) => process.stdout.write(`${JSON.stringify(event)}\n`));
});

/**
 * Serves the models of a folder to a class: `npm run serve-models -- DIR [--port N] [--host [H]]`. In the page, its address
 * goes where the hub's stands (Models, Address of the hub).
 */
import { networkInterfaces } from 'node:os';
import { UnmaskError } from '../diffusion/error.ts';
import { modelServer } from '../node/model-server.ts';
import { commitOf, findModels } from '../node/served-models.ts';
import { parseServe, SERVE_HELP } from './arguments.ts';
import { run } from './program.ts';

await run(async (status) => {
  const given = parseServe(process.argv.slice(2));
  if (given === 'help') {
    process.stdout.write(`${SERVE_HELP}\n`);
    return;
  }
  const models = await findModels(given.folder);
  for (const model of models) {
    status.show(`reading ${model.id}`);
    await commitOf(model);
    const bytes = model.files.reduce((sum, { size }) => sum + size, 0);
    status.say(`${model.id}  ${(bytes / 1e6).toFixed(1)} MB in ${model.files.length} files`);
  }
  const server = modelServer(models);
  await new Promise<void>((ready, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(cannotListen(error, given.port)));
    server.listen(given.port, given.host, ready);
  });
  const { port } = server.address() as { port: number };
  const hosts = hostsOf(given.host);
  for (const host of hosts) process.stdout.write(`http://${host}:${port}\n`);
  if (everywhere(given.host) && hosts.length === 1)
    status.say('This machine has no address in a network at the moment.');
});

function everywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Addresses under which others reach this machine. */
function hostsOf(host: string): string[] {
  if (!everywhere(host)) return [host.includes(':') ? `[${host}]` : host];
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [
    '127.0.0.1',
    ...all.filter(({ family, internal }) => family === 'IPv4' && !internal).map((each) => each.address),
  ];
}

function cannotListen({ code }: NodeJS.ErrnoException, port: number): UnmaskError {
  const message = code === 'EADDRINUSE' ? `Port ${port} is taken.` : `Port ${port} cannot be used (${code}).`;
  return new UnmaskError({ code: 'arguments', message, remedy: 'Choose another with --port.' });
}

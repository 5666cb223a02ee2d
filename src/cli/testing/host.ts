/**
 * Runs programs one after the other in this process, each from its file as it stands: loading what they import takes
 * most of the time of a short one. Asked by `programsInOne` (programs.ts), over the channel between the two processes.
 */
export interface Asked {
  /** Path of the program's file. */
  readonly file: string;
  readonly argv: readonly string[];
}

let count = 0;

process.on('message', async ({ file, argv }: Asked) => {
  const said = { stdout: '', stderr: '' };
  const own = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  process.argv = [process.execPath, file, ...argv];
  process.exitCode = undefined;
  try {
    // Under another address it is another module, which begins anew.
    await import(`${file}?${++count}`);
  } catch (error) {
    said.stderr += String((error as Error).stack ?? error);
    process.exitCode = 1;
  }
  for (const name of ['stdout', 'stderr'] as const) process[name].write = own[name];
  // Every program listens once more.
  process.stdout.removeAllListeners('error');
  const { exitCode } = process;
  process.exitCode = undefined;
  process.send?.({ code: exitCode ?? 0, ...said });
});

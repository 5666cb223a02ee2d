/** Says on one line what goes on, for how long, and when it is done. Where nobody watches, one line at its end. */
export async function showing(what, detail, work) {
  const started = Date.now();
  const line = () => {
    const more = detail();
    return `${what}… ${Math.round((Date.now() - started) / 1000)} s${more ? `, ${more}` : ''}`;
  };
  const live = process.stdout.isTTY;
  const show = () => process.stdout.write(`\r${line()}\x1b[K`);
  if (!live) console.log(`${what}…`);
  const timer = live && setInterval(show, 500);
  try {
    const result = await work();
    if (live) {
      show();
      process.stdout.write('\n');
    }
    return result;
  } finally {
    clearInterval(timer);
  }
}

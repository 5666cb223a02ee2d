/** Files of the repository that notebooks read, wherever the kernel was started. */
import { readFileSync } from 'node:fs';

/** The short stories of public/data/sample.txt, one text each. */
export function sampleText(): string[] {
  const text = readFileSync(new URL('../../public/data/sample.txt', import.meta.url), 'utf8');
  return text.split(/\n{2,}/).filter((story) => story.trim() !== '');
}

/** A file of notebooks/traces, as the page's "Save" writes it. */
export function traceFile(name: string): string {
  return readFileSync(new URL(`../traces/${name}`, import.meta.url), 'utf8');
}

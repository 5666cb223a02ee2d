/** WikiText for journeys: a hub on this machine with a few Parquet files under the names and the commit of the real ones. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { serveHub, type TestHub } from '../src/checkpoint/testing/hub-server.ts';
import { REVISION } from '../src/training/data/wikitext.ts';

export function startWikitext(): Promise<TestHub> {
  const files = new Map([
    ['wikitext-2-raw-v1/train-00000-of-00001.parquet', articles(1500, 1)],
    ['wikitext-2-raw-v1/validation-00000-of-00001.parquet', articles(12, 2)],
  ]);
  return serveHub('Salesforce/wikitext', files, { page: 10, commit: REVISION, oneHost: true });
}

/** Lines as in WikiText: headings, paragraphs, and empty ones between them. */
function articles(count: number, kind: number): Uint8Array {
  const animals = ['heron', 'otter', 'lynx', 'crane', 'hare'];
  const data = Array.from({ length: count }, (_, i) => {
    const animal = animals[(i * kind) % animals.length];
    const words = `The ${animal} number ${i} lives by the river and was first seen in ${1800 + kind * i} . `;
    return [` = ${animal} ${i} = \n`, '', ` ${words.repeat(3)}\n`];
  }).flat();
  return new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'text', data, type: 'STRING' }], codec: 'UNCOMPRESSED' }),
  );
}

/** The script of the lesson's page in a course: the frame tells it that the lesson is done, and it tells the course. */
import { findApi, Visit } from './api.ts';

interface Words {
  readonly open: string;
  readonly done: string;
  readonly alone: string;
  readonly refused: string;
}

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const frame = element<HTMLIFrameElement>('lesson');
const said = element('said');
const button = element<HTMLButtonElement>('done');
const words = JSON.parse(document.body.dataset['words'] ?? '{}') as Words;

const api = findApi(window);
const visit = api && new Visit(api);
visit?.begin();

function show(): void {
  if (!visit) said.textContent = words.alone;
  else if (visit.done) said.textContent = words.done;
  else said.textContent = visit.error ? words.refused.replace('{error}', visit.error) : words.open;
  button.hidden = !visit || visit.done;
}

function complete(): void {
  visit?.complete();
  show();
}

button.addEventListener('click', complete);
addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  const ours = source === frame.contentWindow && origin === new URL(frame.src).origin;
  if (ours && typeof data === 'object' && data !== null && 'unmask' in data && data.unmask === 'completed') complete();
});
// Not `unload`, which browsers give up; a page that comes back from their cache goes on without the course.
addEventListener('pagehide', () => visit?.end());
show();

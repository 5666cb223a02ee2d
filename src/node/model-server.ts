/**
 * A small hub for a classroom: the models in a folder under the hub's own addresses, so that the page needs no other code
 * for it, only another address. Read-only; it serves the files it found in the models' folders and nothing else, so no
 * request can name its way out: a name that is not in the list does not exist.
 *
 *     /api/models     /api/models/{id}[/revision/{rev}]     /api/models/{id}/tree/{rev}     /{id}/resolve/{rev}/{file}
 *
 * Its own address shows the list to people.
 */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { LISTS } from '../checkpoint/hub/list.ts';
import { commitOf, type ServedFile, type ServedModel, shaOf } from './served-models.ts';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': `X-Repo-Commit, X-Error-Code, X-Error-Message, ETag, Link, Accept-Ranges, Content-Range, Retry-After, ${LISTS}`,
  // A page on the web that reaches into a local network is asked for this by Chrome.
  'Access-Control-Allow-Private-Network': 'true',
};

/** The server, not yet listening. */
export function modelServer(models: readonly ServedModel[]): Server {
  return createServer((request, response) => {
    answer(models, request, response).catch((error: Error) => {
      if (!response.headersSent) refuse(response, 500, 'ServerError', error.message);
      else response.destroy();
    });
  });
}

async function answer(models: readonly ServedModel[], request: IncomingMessage, response: ServerResponse) {
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { 'Access-Control-Allow-Methods': 'GET, HEAD', 'Access-Control-Allow-Headers': 'Range' });
    response.end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD, OPTIONS');
    return refuse(response, 405, 'MethodNotAllowed', 'This server only reads.');
  }
  const path = segmentsOf(request.url ?? '/');
  if (path === undefined) return refuse(response, 400, 'BadRequest', 'The address is not valid.');
  const api = path[0] === 'api' && path[1] === 'models';
  const rest = api ? path.slice(2) : path;
  if (path.length === 0) return sendPage(request, response, models);
  if (api && rest.length === 0) {
    response.setHeader(LISTS, models.length);
    const list = models.map((model) => ({ id: model.id, usedStorage: bytesOf(model) }));
    return sendJson(request, response, list);
  }
  const model = models.find(({ id }) => rest.slice(0, id.split('/').length).join('/') === id);
  if (model === undefined) return refuse(response, 404, 'RepoNotFound', 'There is no such model here.');
  const [verb, revision, ...file] = rest.slice(model.id.split('/').length);
  const commit = await commitOf(model);
  response.setHeader('X-Repo-Commit', commit);
  if (revision !== undefined && revision !== 'main' && revision !== commit) {
    return refuse(response, 404, 'RevisionNotFound', `There is main, which is ${commit}.`);
  }
  if (api && (verb === undefined || verb === 'revision')) {
    return sendJson(request, response, {
      id: model.id,
      sha: commit,
      siblings: model.files.map(({ name }) => ({ rfilename: name })),
    });
  }
  if (api && verb === 'tree') {
    const inside = model.files.filter(({ name }) => name.split('/').slice(0, -1).join('/') === file.join('/'));
    if (inside.length > 0) return sendJson(request, response, await Promise.all(inside.map(treeEntry)));
  }
  const found = !api && verb === 'resolve' ? model.files.find(({ name }) => name === file.join('/')) : undefined;
  if (found === undefined) return refuse(response, 404, 'EntryNotFound', 'There is no such file.');
  return sendFile(request, response, found);
}

/** The decoded parts of the path; undefined when they cannot be decoded. */
function segmentsOf(url: string): string[] | undefined {
  try {
    const path = url.split(/[?#]/)[0] ?? '';
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Every file as one of the hub's large ones, so that all of them carry a SHA-256. */
async function treeEntry(file: ServedFile) {
  const oid = await shaOf(file);
  return { type: 'file', path: file.name, size: file.size, oid: oid.slice(0, 40), lfs: { oid, size: file.size } };
}

async function sendFile(request: IncomingMessage, response: ServerResponse, file: ServedFile): Promise<void> {
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', file.name.endsWith('.json') ? 'application/json' : 'application/octet-stream');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('ETag', `"${await shaOf(file)}"`);
  const range = rangeOf(request.headers.range, file.size);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${file.size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.size };
  response.statusCode = range === undefined ? 200 : 206;
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${file.size}`);
  response.setHeader('Content-Length', end - start);
  if (request.method === 'HEAD' || end === start) {
    response.end();
    return;
  }
  // A reader that goes away ends the stream; a file that fails under us breaks the answer off.
  pipeline(createReadStream(file.path, { start, end: end - 1 }), response, () => undefined);
}

/** One range as `[start, end)` (RFC 9110, 14.1.2). What is not one valid range of bytes is ignored, as the RFC asks. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return Number(last) === 0 || size === 0 ? 'unsatisfiable' : { start, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}

const bytesOf = ({ files }: ServedModel) => files.reduce((sum, { size }) => sum + size, 0);

/** For people who open the address itself: what is here, and where the address belongs. */
function sendPage(request: IncomingMessage, response: ServerResponse, models: readonly ServedModel[]): void {
  const escaped = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const rows = models.map((model) => {
    const files = model.files.map(({ name }) => {
      const path = `${model.id}/resolve/main/${name}`.split('/').map(encodeURIComponent).join('/');
      return `<a href="/${path}">${escaped(name)}</a>`;
    });
    return `<li><b>${escaped(model.id)}</b>, ${(bytesOf(model) / 1e6).toFixed(1)} MB<br>${files.join(' · ')}</li>`;
  });
  const body = Buffer.from(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Models for Unmask</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:2em auto;padding:0 1em}li{margin:.6em 0}</style>
<h1>Models for Unmask</h1>
<p>This is a hub for a class. In Unmask, click the model’s name and put this address under “Address of the hub”; the models stand there in a list.</p>
<ul>${rows.join('\n')}</ul>
</html>
`);
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.length,
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Error-Code': code, 'X-Error-Message': message });
  response.end(JSON.stringify({ error: message }));
}

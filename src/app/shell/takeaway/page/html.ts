/**
 * A run as one HTML file that replays it anywhere: the script, the page's own style sheets and the recorded run in it,
 * nothing from elsewhere, and a content policy that would refuse it. Only what carries this file's own nonce may run, so
 * that a token which looks like markup stays text even where escaping should ever fail.
 */
import { currentTrace, type TraceTree, treeOf } from '../../../../diffusion/branches.ts';
import { canvasAt } from '../../../../diffusion/replay.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { encodeTree } from '../../../../diffusion/trace-encode.ts';
import { m } from '../../../messages/index.ts';
import canvasStyles from '../../../styles/canvas.css?raw';
import tokens from '../../../styles/tokens.css?raw';
import { editsText } from '../../../trace/resume.ts';
import { plainText } from '../../../trace/words.ts';
import { escapeText, jsonForScript } from '../escape.ts';
import { allFacts, shortFacts } from '../facts.ts';
import { portable } from '../picture/theme.ts';
import styles from './replay.css?raw';
import script from './replay.ts?script';
import { replayWords } from './words.ts';

/** Alternatives kept per word: what is read of them, and half the size. */
const ALTERNATIVES = 5;
const SPEEDS = [2, 4, 8, 16, 32];

export interface HtmlOptions {
  readonly title: string;
  /** BCP 47. */
  readonly language: string;
  /** Name of a branch, for a choice among several. */
  readonly nameOf: (id: number) => string;
  /** The serif's file, WOFF2, to be carried along. */
  readonly font?: Uint8Array | undefined;
}

/** The run of the current branch alone, as a tree of one. */
export const alone = (tree: TraceTree): TraceTree => treeOf(currentTrace(tree));

export async function htmlOf(tree: TraceTree, options: HtmlOptions): Promise<string> {
  const trace = currentTrace(tree);
  const nonce = base64(crypto.getRandomValues(new Uint8Array(18)));
  const run = base64(await deflated(encodeTree(tree, { alternatives: ALTERNATIVES })));
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; font-src data:; base-uri 'none'; form-action 'none'`;
  const e = escapeText;
  return `<!doctype html>
<html lang="${e(options.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${e(options.title)} · ${e(m.name)}</title>
<style nonce="${nonce}">
${fontFace(options.font)}${themed(tokens)}
${plainCss(canvasStyles)}
${plainCss(styles)}
</style>
</head>
<body>
<header class="top">
<h1>${e(options.title)}</h1>
${branchChoice(tree, options)}<p class="mark" aria-hidden="true">Un<i></i><i></i>sk</p>
<p class="facts">${e(shortFacts(trace))}</p>
</header>
<main>
<div>
<div class="sheet"><div class="canvas prose" id="canvas" translate="no" role="listbox" aria-label="${e(m.canvas.label)}" aria-orientation="horizontal">${e(finalText(trace))}</div></div>
${legend(editsText(trace.settings))}
${time()}
</div>
<aside class="side" aria-label="${e(m.inspector.title)}">
<p class="note" id="hint">${e(m.inspector.none)}</p>
<div id="inspector" hidden></div>
</aside>
<details><summary>${e(m.takeaway.html.settings)}</summary><dl>
${allFacts(trace)
  .map(([name, value]) => `<div><dt>${e(name)}</dt><dd>${e(value)}</dd></div>`)
  .join('\n')}
</dl></details>
</main>
<noscript><p class="note">${e(m.takeaway.html.noScript)}</p></noscript>
<script type="application/json" id="words">${jsonForScript(replayWords(options.language))}</script>
<script type="text/plain" id="run">${run}</script>
<script nonce="${nonce}">
${script}</script>
</body>
</html>
`;
}

function branchChoice({ branches, current }: TraceTree, { nameOf }: HtmlOptions): string {
  if (branches.length < 2) return '';
  const options = branches.map(
    ({ id }) => `<option value="${id}"${id === current ? ' selected' : ''}>${escapeText(nameOf(id))}</option>`,
  );
  return `<select id="branch" aria-label="${escapeText(m.takeaway.html.branch)}">${options.join('')}</select>\n`;
}

function legend(edited: boolean): string {
  const e = escapeText;
  const { mask, now, unsure, halfsure, rewritten, pinned, bounds } = m.legend;
  return `<ul class="legend" aria-label="${e(m.legend.title)}">
<li><i class="hatch" aria-hidden="true"></i> ${e(mask)}</li>
<li><span class="slot now">${e(now)}</span></li>
<li><span class="slot unsure">${e(unsure[0])}</span> ${e(unsure[1])}</li>
<li><span class="slot halfsure">${e(halfsure[0])}</span> ${e(halfsure[1])}</li>
<li><span class="slot again">${e(rewritten)}</span></li>
<li><span class="slot pinned">${e(pinned)}</span></li>
<li><span aria-hidden="true">▹ ∎</span> ${e(bounds)}</li>
${edited ? `<li class="prose"><span class="slot inserted">${e(m.legend.edited[0])}</span></li>\n<li><span class="slot removed">${e(m.legend.edited[1])}</span></li>\n` : ''}</ul>`;
}

function time(): string {
  const e = escapeText;
  const icon = (path: string, name = '') =>
    `<svg class="${name}" viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
  return `<div class="time">
<div class="transport">
<button type="button" id="play" aria-label="${e(m.time.play)}">${icon('M5 3.2v9.6L12.6 8z', 'start')}${icon('M4.6 3.2h2.3v9.6H4.6zM9.1 3.2h2.3v9.6H9.1z', 'stop')}</button>
<button type="button" id="back" aria-label="${e(m.time.back)}">${icon('M11.6 3.6v8.8L5.6 8zM4 3.6h1.5v8.8H4z')}</button>
<button type="button" id="forward" aria-label="${e(m.time.forward)}">${icon('M4.4 3.6v8.8L10.4 8zM10.5 3.6H12v8.8h-1.5z')}</button>
<span id="step"></span>
<select id="speed" aria-label="${e(m.time.speed)}">${SPEEDS.map((speed) => `<option value="${speed}"${speed === 8 ? ' selected' : ''}>${e(m.time.speeds(speed))}</option>`).join('')}</select>
</div>
<svg id="bars" preserveAspectRatio="none" aria-hidden="true"><clipPath id="clip"><path id="bar-shape"/></clipPath><g clip-path="url(#clip)"><rect id="all" height="100"/><rect id="played" height="100"/><rect id="now" height="100" width="1"/></g><polyline id="mean"/></svg>
<input type="range" id="seek" min="0" max="0" value="0" aria-label="${e(m.time.label)}">
</div>`;
}

/** The text as it ended, for readers whose viewer runs no script. */
function finalText(trace: Trace): string {
  return plainText(canvasAt(trace, trace.steps.length).ids, trace.maskId, trace.pieces);
}

/** The colours of the page: the dark ones where the reader's system is dark. */
function themed(css: string): string {
  const plain = plainCss(css)
    .replace(/--(?:serif|ui|mono):[^;]+;/g, portable)
    .replace(/:root\[data-theme='dark'\] (\{[^}]+\})/, '@media (prefers-color-scheme: dark) { :root $1 }');
  return plain;
}

const plainCss = (css: string) =>
  css
    .replace(/\/\*[\s\S]*?\*\/\s*/g, '')
    .replace(/\n\s*/g, '\n')
    .trim();

function fontFace(font: Uint8Array | undefined): string {
  if (!font) return '';
  const source = `url(data:font/woff2;base64,${base64(font)}) format('woff2')`;
  return `@font-face { font-family: 'Source Serif 4 Variable'; font-weight: 200 900; src: ${source}; }\n`;
}

async function deflated(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** In pieces, because a call takes only so many arguments. */
function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let from = 0; from < bytes.length; from += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  }
  return btoa(binary);
}

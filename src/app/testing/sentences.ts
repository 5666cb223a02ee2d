/** The sentences that the rooms below the page can say, read from their source: what `messages/text/LANGUAGE/errors.json` must hold. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const root = new URL('../../', import.meta.url);

/** What stays English: the command line, a model's card, what goes to a cluster, the bench's report, and texts for models to read. */
const ENGLISH =
  /^cli\/|^node\/|^training\/card[.]ts|^training\/cluster\/differs[.]ts|^bench\/report[.]ts|^diffusion\/(openings|shelf)[.]ts|^app\/(views\/learn|messages)\//;

/** Texts without their places' names, since an expression of the source has none: "{} of {}". */
export const unnamed = (text: string) => text.replace(/\{\w*\}/g, '{}');

/** A message or remedy: some words, and a full stop or a reason after a colon. */
const isSentence = (text: string) => /^\S.*[.][)]?$|: \{\}$/s.test(text) && text.includes(' ');

/** All texts of the sources, places unnamed; `sentences` are those that a person may be told, `loose` those whose values are not kept apart (`said`). */
export function textsOfSources(): {
  readonly texts: ReadonlySet<string>;
  readonly sentences: ReadonlySet<string>;
  readonly loose: ReadonlySet<string>;
} {
  const texts = new Set<string>();
  const loose = new Set<string>();
  for (const { parentPath, name } of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = `${parentPath}/${name}`.slice(root.pathname.length).replace(/^\//, '');
    if (!/[.]ts$/.test(name) || name.includes('.test.') || path.includes('testing/') || ENGLISH.test(path)) continue;
    const code = readFileSync(new URL(path, root), 'utf8');
    if (path.startsWith('app/') && !code.includes('new UnmaskError(')) continue;
    collect(ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true), texts, loose);
  }
  return { texts, loose, sentences: new Set([...texts].filter(isSentence)) };
}

function collect(node: ts.Node, texts: Set<string>, loose: Set<string>): void {
  const text = textOf(node);
  if (text !== undefined) texts.add(text);
  if (text !== undefined && ts.isTemplateExpression(node) && !isSaid(node)) loose.add(text);
  // Texts inside a template's places count on their own; the parts of a sum do not.
  if (text === undefined || ts.isTemplateExpression(node))
    ts.forEachChild(node, (child) => collect(child, texts, loose));
}

/** With its values apart; what only a program's error says has no other words on the page. */
function isSaid({ parent }: ts.TemplateExpression): boolean {
  if (ts.isTaggedTemplateExpression(parent)) return parent.tag.getText() === 'said';
  return ts.isNewExpression(parent) && /^(Type|Range)?Error$/.test(parent.expression.getText());
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
}

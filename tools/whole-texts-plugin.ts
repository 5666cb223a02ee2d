/**
 * A sentence that a language lacks stands there in English, rather than stopping the view that says it: a file of texts is
 * given what its English counterpart has and it has not. Done where the page is built, so that no reader fetches both; the
 * tests of the texts hold languages to be whole, so that this helps while one is being written.
 */
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const TEXTS = /^(.*[/]messages[/]text[/])(?!en[/])[\w-]+[/](?!(?:errors|frame)[.]json$)([\w/]+[.]json)$/;

export function wholeTexts(): Plugin {
  return {
    name: 'whole-texts',
    enforce: 'pre',
    transform(code, id) {
      const [, folder, file] = TEXTS.exec(id.replaceAll('\\', '/')) ?? [];
      if (folder === undefined) return undefined;
      const english = `${folder}en/${file}`;
      this.addWatchFile(english);
      const whole = completed(JSON.parse(readFileSync(english, 'utf8')), JSON.parse(code));
      return { code: JSON.stringify(whole), map: null };
    },
  };
}

type Json = string | readonly Json[] | { readonly [key: string]: Json };

/** `own`, with the English of what it lacks or has of another kind. Plurals have the forms of their language. */
export function completed(english: Json, own: Json | undefined): Json {
  if (own === undefined || kindOf(own) !== kindOf(english)) return english;
  if (typeof english === 'string') return own;
  if (Array.isArray(english)) return english.map((each, i) => completed(each, (own as readonly Json[])[i]));
  const [given, wanted] = [own, english] as readonly { readonly [key: string]: Json }[] as [Entries, Entries];
  if (isPlural(wanted)) return typeof given['other'] === 'string' ? given : english;
  return Object.fromEntries(Object.entries(wanted).map(([key, each]) => [key, completed(each, given[key])]));
}

type Entries = { readonly [key: string]: Json };

const kindOf = (value: Json) => (Array.isArray(value) ? 'list' : typeof value);

/** CLDR's names of plural forms, `other` among them. */
const isPlural = (value: Entries) =>
  'other' in value && Object.keys(value).every((key) => /^(zero|one|two|few|many|other)$/.test(key));

/**
 * Whether a text is written in something else than English, as far as its script and its commonest words tell: enough to say
 * what a model has learnt, and no more.
 */

/** A letter of another script than Latin. */
const OTHER_SCRIPT = /[^\P{L}\p{Script=Latin}]/u;
/** German, French, Spanish, Italian, Portuguese, Dutch; without those that are English words as well. */
const COMMON_ELSEWHERE =
  /(?<!\p{L})(?:der|das|und|ist|nicht|ein|eine|einen|ich|wir|sie|mit|auf|le|les|des|est|une|dans|que|qui|pour|avec|je|el|los|las|una|por|con|del|es|il|lo|che|della|sono|os|uma|não|em|het|een|van|niet|zijn)(?!\p{L})/giu;
const COMMON_HERE =
  /(?<!\p{L})(?:the|a|an|and|is|was|were|to|of|in|on|he|she|it|they|his|her|i|my|you|with|that|for|not|had)(?!\p{L})/giu;

const count = (text: string, words: RegExp) => text.match(words)?.length ?? 0;

export function notEnglish(text: string): boolean {
  if (OTHER_SCRIPT.test(text)) return true;
  const elsewhere = count(text, COMMON_ELSEWHERE);
  // One alone may be a name or a phrase.
  return elsewhere > 1 && elsewhere > 2 * count(text, COMMON_HERE);
}

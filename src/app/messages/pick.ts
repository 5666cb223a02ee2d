/**
 * The first of the wanted BCP 47 tags that is among the known ones, else the first known. Chinese without a script is
 * simplified but in Taiwan, Hong Kong and Macau (likely subtags of CLDR, which `Intl.Locale.maximize` knows).
 */
export function pick<Tag extends string>(wanted: readonly string[], known: readonly [Tag, ...Tag[]]): Tag {
  for (const tag of wanted) {
    let locale: Intl.Locale;
    try {
      locale = new Intl.Locale(tag).maximize();
    } catch {
      continue; // A tag that is none: an old browser, or a link written by hand.
    }
    const names = [locale.language, `${locale.language}-${locale.script}`];
    const found = known.find((each) => names.includes(each));
    if (found) return found;
  }
  return known[0];
}

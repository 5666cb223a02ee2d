/** The addresses by which other machines reach this page, where its server knows them (`npm start -- --host`). */
export async function lanAddresses(): Promise<readonly string[]> {
  try {
    const answer = await fetch(new URL('lan.json', document.baseURI), { cache: 'no-store' });
    const list: unknown = answer.ok ? await answer.json() : [];
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string' && /^https?:[/][/]./.test(one)) : [];
  } catch {
    return []; // another server, or none: then there is nothing to offer
  }
}

/** The same place of the page, by another address of its server. */
export function at(lan: string, address: string): string {
  const { search, hash } = new URL(address);
  return new URL(`${search}${hash}`, lan).href;
}

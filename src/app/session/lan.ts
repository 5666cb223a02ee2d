/**
 * The addresses by which other machines reach this page, where its server knows them (`npm start -- --host`): none where
 * the machine is in no network, undefined where the server is not open to others or does not say.
 */
export async function lanAddresses(): Promise<readonly string[] | undefined> {
  try {
    const answer = await fetch(new URL('lan.json', document.baseURI), { cache: 'no-store' });
    const list: unknown = answer.ok ? await answer.json() : undefined;
    return Array.isArray(list)
      ? list.filter((one) => typeof one === 'string' && /^https?:[/][/]./.test(one))
      : undefined;
  } catch {
    return undefined; // another server, or none: then there is nothing to offer
  }
}

/** The same place of the page, by another address of its server. */
export function at(lan: string, address: string): string {
  const { search, hash } = new URL(address);
  return new URL(`${search}${hash}`, lan).href;
}

/**
 * What the page and its workers may load: one text for the build (a `meta` in the page), for `npm start` and `vite preview`
 * (headers), and for the service worker, which adds them where a static host sends none. A worker does not inherit the
 * policy of its page; it has the one that its own script came with.
 *
 * The page itself asks nobody but its own server. Workers also fetch models, from a hub that may be any address a person
 * types: they are started with the hubs that were chosen, in the address of their script, and get a policy with just those.
 */

/** Hosts that the hub of Hugging Face, and mirrors of it, send a download on to. */
const STORES = ['https://*.hf.co', 'https://*.huggingface.co'];

const COMMON = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // Pictures, workers and files that the page itself makes.
  "worker-src 'self' blob:",
  "img-src 'self' blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

export const PAGE_POLICY = [...COMMON, "connect-src 'self' blob: data:"].join('; ');

/** Of the page as a header, which can also say who may show it in a frame: anybody, with `?embed`, else nobody. */
export function pagePolicy(address: URL): string {
  return `${PAGE_POLICY}; frame-ancestors ${address.searchParams.has('embed') ? '*' : "'none'"}`;
}

/** Of a worker whose script has this address. */
export function workerPolicy(address: URL): string {
  const hubs = address.searchParams.getAll('hub').flatMap((hub) => sourceOf(hub) ?? []);
  const stores = hubs.some((hub) => hub.startsWith('https:')) ? STORES : [];
  return [...COMMON, `connect-src ${["'self'", 'blob:', 'data:', ...new Set([...hubs, ...stores])].join(' ')}`].join(
    '; ',
  );
}

/** The policy for what lies at this address of the page's server; undefined for what runs no script. */
export function policyFor(address: URL): string | undefined {
  if (/[.]js$/.test(address.pathname)) return workerPolicy(address);
  return /(^|[/]|[.]html)$/.test(address.pathname) ? pagePolicy(address) : undefined;
}

/** The address of a worker's script that may ask these hubs. */
export function withHubs(script: string, base: string, hubs: Iterable<string>): URL {
  const url = new URL(script, base);
  for (const hub of hubs) url.searchParams.append('hub', hub);
  return url;
}

/** As a policy names it. It has no words for addresses of IPv6 (CSP 3, host-source), so there it is any host at that port. */
function sourceOf(hub: string): string | undefined {
  return originOf(hub)?.replace(/[[].*[\]]/, '*');
}

/**
 * Whether browsers let a page of this address ask that hub at all. What came over https may ask http only of its own
 * machine (Mixed Content; Secure Contexts, potentially trustworthy origins), whatever a policy says.
 */
export function mayAsk(page: string, hub: string): boolean {
  const { protocol, hostname } = new URL(hub);
  const own = /^(127[.][0-9.]+|localhost|.*[.]localhost|[[]::1[\]])$/.test(hostname);
  return !page.startsWith('https:') || protocol === 'https:' || own;
}

/** Undefined for what is no address of a web server. */
export function originOf(hub: string): string | undefined {
  try {
    const { protocol, origin } = new URL(hub);
    return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
  } catch {
    return undefined;
  }
}

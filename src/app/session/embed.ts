/**
 * Embed mode, `?embed` before the `#`: the sheet with its player and one button, in a frame of somebody else's page. The
 * model is fetched when it is asked for, and nothing of the frame is remembered or recalled.
 */
export const EMBEDDED = new URLSearchParams(globalThis.location?.search ?? '').has('embed');

/** What to paste into a page: a frame of the size that embed mode is laid out for. */
export function embedCode(address: string, title: string): string {
  const { origin, pathname, hash } = new URL(address);
  const source = `${origin}${pathname}?embed${hash}`.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<iframe src="${source}" title="${title}" width="800" height="600" style="border:0" loading="lazy" allow="fullscreen"></iframe>`;
}

/** Whether an address leads to this machine alone, so that nobody else can follow it. */
export function reachesOnlyHere(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^(127[.]|\[?::1\]?$)/.test(host);
}

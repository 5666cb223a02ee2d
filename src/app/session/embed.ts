/**
 * Embed mode, `?embed` before the `#`, in a frame of somebody else's page: of Generate the sheet with its player and one
 * button, of other views all but the header. Generate fetches its model when it is asked for, and nothing of the frame is
 * remembered or recalled.
 */
export const EMBEDDED = new URLSearchParams(globalThis.location?.search ?? '').has('embed');

/** Tells the page around the frame that what it shows has been done: a text written, the last page of a chapter reached. */
export function tellCompleted(): void {
  if (EMBEDDED && parent !== window) parent.postMessage({ unmask: 'completed' }, '*');
}

/** The address of a link in embed mode. */
export function embedAddress(address: string): string {
  const { origin, pathname, hash } = new URL(address);
  return `${origin}${pathname}?embed${hash}`;
}

/** What to paste into a page: a frame of the size that embed mode is laid out for. */
export function embedCode(address: string, title: string): string {
  const source = embedAddress(address).replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<iframe src="${source}" title="${title}" width="800" height="600" style="border:0" loading="lazy" allow="fullscreen"></iframe>`;
}

/** Whether an address leads to this machine alone, so that nobody else can follow it. */
export function reachesOnlyHere(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^(127[.]|\[?::1\]?$)/.test(host);
}

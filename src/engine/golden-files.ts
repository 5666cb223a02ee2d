/** Addresses of the golden files, for a page that checks itself: small, and fetched only when it does. */
const files = import.meta.glob<string>('./golden/**/*.{json,safetensors}', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** Of `name`, such as `base/config.json`; absolute. */
export function goldenFile(name: string): string {
  const url = files[`./golden/${name}`];
  if (url === undefined) throw new Error(`There is no golden file ${name}.`);
  return new URL(url, globalThis.location.href).href;
}

/**
 * What only a build knows of the page's head: the fonts that its first words stand in, so that they come with its scripts and
 * no line breaks anew, and where the page will be. Whoever shows a link wants the whole address of its picture, which
 * `UNMASK_URL=https://… npm run build` gives; without it the address stays relative, and some show no picture.
 */
import type { HtmlTagDescriptor, Plugin } from 'vite';

const FIRST_FONTS = /(?:^|\/)(?:inter|source-serif-4)-latin-wght-normal-[^/]+[.]woff2$/;

export function head(address = process.env.UNMASK_URL): Plugin {
  return {
    name: 'head',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle }) => ({
        html: address ? withAddress(html, address) : html,
        tags: Object.keys(bundle ?? {})
          .filter((file) => FIRST_FONTS.test(file))
          .map(preloaded),
      }),
    },
  };
}

/** The page with its own address, and with that of its picture whole. Throws where `address` is none of the web. */
export function withAddress(html: string, address: string): string {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    throw new Error(
      `UNMASK_URL is "${address}". Write the whole address of the page, such as https://example.org/unmask/.`,
    );
  }
  // Of a page within a folder, whether or not somebody wrote its last stroke.
  const base = new URL(address.replace(/[?#].*$/, '').replace(/\/?$/, '/'));
  const image = /(<meta property="og:image" content=")([^"]+)"/;
  return html.replace(
    image,
    (_, before: string, path: string) =>
      `<meta property="og:url" content="${base.href}" />\n    ${before}${new URL(path, base).href}"`,
  );
}

const preloaded = (file: string): HtmlTagDescriptor => ({
  tag: 'link',
  attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `./${file}` },
  injectTo: 'head',
});

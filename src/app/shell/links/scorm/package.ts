/**
 * A lesson as a SCORM 1.2 package: a zip with `imsmanifest.xml`, the schemas that it is checked against (as ADL published
 * them), and one page that shows the lesson in a frame and reports it as completed. The lesson itself stays where it is.
 */
import { strToU8, zipSync } from 'fflate';
import script from './sco.ts?script';
import adlcp from './xsd/adlcp_rootv1p2.xsd?raw';
import imsXml from './xsd/ims_xml.xsd?raw';
import imscp from './xsd/imscp_rootv1p1p2.xsd?raw';

export interface Sco {
  /** Shown in the course. */
  readonly title: string;
  /** Of the lesson, with `?embed`. */
  readonly address: string;
  /** BCP 47 tag of the page around the frame. */
  readonly language: string;
  readonly words: {
    readonly open: string;
    readonly done: string;
    readonly alone: string;
    readonly refused: string;
    readonly button: string;
  };
}

const escaped = (text: string) =>
  text
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '');

const SCHEMAS = {
  'imscp_rootv1p1p2.xsd': imscp,
  'adlcp_rootv1p2.xsd': adlcp,
  'ims_xml.xsd': imsXml,
};

/** The manifest (Content Aggregation Model, 2.3): one organization, one item, one SCO. `id` tells lessons apart. */
export function manifest(title: string, id: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="UNMASK-${id}" version="1.0"
  xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="ORG-${id}">
    <organization identifier="ORG-${id}">
      <title>${escaped(title)}</title>
      <item identifier="ITEM-${id}" identifierref="RES-${id}" isvisible="true">
        <title>${escaped(title)}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="RES-${id}" type="webcontent" adlcp:scormtype="sco" href="index.html">
      <file href="index.html"/>
      <file href="sco.js"/>
    </resource>
  </resources>
</manifest>
`;
}

function page({ title, address, language, words: { button, ...words } }: Sco): string {
  return `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; }
body { display: flex; flex-direction: column; height: 100vh; margin: 0; font: 15px/1.4 system-ui, sans-serif; }
iframe { flex: 1; min-height: 600px; border: 0; }
div { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; padding: 8px 16px; }
p { flex: 1 1 16em; margin: 0; }
button { min-height: 32px; padding: 0 14px; font: inherit; }
[hidden] { display: none; }
</style>
</head>
<body data-words="${escaped(JSON.stringify(words))}">
<iframe id="lesson" src="${escaped(address)}" title="${escaped(title)}" allow="fullscreen"></iframe>
<div><p id="said" role="status"></p><button id="done" type="button" hidden>${escaped(button)}</button></div>
<script src="sco.js"></script>
</body>
</html>
`;
}

/** The zip's bytes; the same lesson gives the same bytes. */
export async function scormPackage(sco: Sco): Promise<Uint8Array<ArrayBuffer>> {
  const hash = await crypto.subtle.digest('SHA-256', strToU8(`${sco.title}\n${sco.address}`));
  const id = Array.from(new Uint8Array(hash, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const texts = { 'imsmanifest.xml': manifest(sco.title, id), 'index.html': page(sco), 'sco.js': script, ...SCHEMAS };
  const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, strToU8(text)]));
  return zipSync(files, { mtime: new Date(1980, 0, 2) }) as Uint8Array<ArrayBuffer>;
}

/**
 * Unpacks the browser that `npm ci` brings (`@sparticuz/chromium`, Linux x64) into `.cache/`: the browser itself for the
 * end-to-end tests, and its software Vulkan driver (SwiftShader, with the Vulkan loader) for Dawn under Node.
 * The package's own `executablePath()` unpacks to fixed names in the system's temporary folder, which two runs at once
 * can break; here each part is unpacked aside and renamed into place.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';
import { extract } from 'tar-fs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const packageFolder = join(dirname(require.resolve('@sparticuz/chromium')), '..');

/** Whether the npm package carries a browser for this machine. */
export function hasChromiumPackage(): boolean {
  return process.platform === 'linux' && process.arch === 'x64' && existsSync(join(packageFolder, 'bin/chromium.br'));
}

/** Files of the software Vulkan driver. */
export interface SwiftShader {
  /** The Vulkan loader, `libvulkan.so.1`. */
  readonly loader: string;
  /** The driver's manifest, for `VK_ICD_FILENAMES`. */
  readonly manifest: string;
}

export async function unpackSwiftShader(): Promise<SwiftShader> {
  const folder = await unpackTar('swiftshader');
  return { loader: join(folder, 'libvulkan.so.1'), manifest: join(folder, 'vk_swiftshader_icd.json') };
}

/** How to launch the browser: its path, and the environment that lets it find its own libraries and fonts. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Record<string, string>;
}

export async function unpackBrowser(): Promise<Browser> {
  // SwiftShader's libraries must lie beside the browser, so the browser is put into their folder.
  const folder = await unpackTar('swiftshader');
  const executablePath = join(folder, 'chromium');
  if (!existsSync(executablePath)) {
    await unpackAside(folder, async (aside) => {
      const file = join(aside, 'chromium');
      await pipeline(openPart('chromium.br'), createBrotliDecompress(), createWriteStream(file));
      await chmod(file, 0o755);
      await rename(file, executablePath);
    });
  }
  const libraries = join(await unpackTar('al2023'), 'lib');
  const fonts = await unpackTar('fonts');
  const fontConfig = join(fonts, 'unmask.conf');
  if (!existsSync(fontConfig)) await writeFile(fontConfig, fontConfiguration(fonts));
  const inherited = process.env.LD_LIBRARY_PATH;
  return {
    executablePath,
    env: {
      LD_LIBRARY_PATH: inherited ? `${libraries}:${inherited}` : libraries,
      FONTCONFIG_FILE: fontConfig,
    },
  };
}

function fontConfiguration(fonts: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${fonts}</dir>
  <cachedir>${fonts}/cache</cachedir>
</fontconfig>
`;
}

function openPart(file: string) {
  return createReadStream(join(packageFolder, 'bin', file));
}

async function cacheFolder(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return join(root, '.cache', `chromium-${manifest.version}`);
}

async function unpackTar(part: 'swiftshader' | 'al2023' | 'fonts'): Promise<string> {
  const target = join(await cacheFolder(), part);
  if (!existsSync(target)) {
    await unpackAside(dirname(target), async (aside) => {
      const folder = join(aside, part);
      await pipeline(openPart(`${part}.tar.br`), createBrotliDecompress(), extract(folder));
      await rename(folder, target).catch((error: unknown) => {
        // Another process was faster; its files are the same.
        if (!existsSync(target)) throw error;
      });
    });
  }
  return target;
}

/** Runs `work` with a fresh folder inside `parent` (so that a rename out of it is atomic) and removes the folder. */
async function unpackAside(parent: string, work: (aside: string) => Promise<void>): Promise<void> {
  await mkdir(parent, { recursive: true });
  const aside = await mkdtemp(join(parent, 'unpack-'));
  try {
    await work(aside);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

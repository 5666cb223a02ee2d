/**
 * Which browser the end-to-end tests drive, first that exists: the one an environment variable names, a Chromium or
 * Chrome on the PATH, the one Playwright downloaded, and else the one that `npm ci` brings as a package.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type LaunchOptions } from 'playwright';
import { hasChromiumPackage, unpackBrowser } from '../src/node/chromium-package.ts';

export async function findBrowser(): Promise<Pick<LaunchOptions, 'executablePath' | 'env'>> {
  const named = process.env.UNMASK_BROWSER ?? process.env.PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH;
  if (named) return { executablePath: named };

  const installed = onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
  if (installed) return { executablePath: installed };

  if (existsSync(chromium.executablePath())) return { executablePath: chromium.executablePath() };

  if (hasChromiumPackage()) {
    const { executablePath, env } = await unpackBrowser();
    return { executablePath, env: { ...definedEnvironment(), ...env } };
  }
  throw new Error('No browser found. Set UNMASK_BROWSER to a Chromium, or run "npx playwright install chromium".');
}

function onPath(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] != null));
}

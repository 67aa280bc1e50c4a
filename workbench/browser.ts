import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** How to run Chromium on this machine. */
export interface ChromiumProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Headless Chromium that reaches nothing but 127.0.0.1.
 *
 * @param folder for what it keeps besides its profile, so that nothing lands in the user's own folders
 */
export function launchBrowser(program: ChromiumProgram, folder: string): Promise<Browser> {
  const own = { XDG_CACHE_HOME: path.join(folder, 'cache'), XDG_CONFIG_HOME: path.join(folder, 'config') };
  return chromium.launch({
    executablePath: program.path,
    headless: true,
    env: { ...(process.env as Record<string, string>), ...own, ...program.env },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
}

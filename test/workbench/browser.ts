import { chromium, type Browser } from 'playwright-core';

/** How to run Chromium on this machine. */
export interface ChromiumProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Headless Chromium that reaches nothing but 127.0.0.1. */
export function launchBrowser(program: ChromiumProgram): Promise<Browser> {
  return chromium.launch({
    executablePath: program.path,
    headless: true,
    env: { ...(process.env as Record<string, string>), ...program.env },
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

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SetupContext } from './context';
import { ensureHostTool, hostRoot, type HostProgram } from './hostTools';

/** Provides the browser Chromium with fonts that a page can be read with. */
export async function chromium(setup: SetupContext): Promise<HostProgram> {
  const program = await ensureHostTool(setup, 'chromium');
  return { path: program.path, env: { ...program.env, ...(await ensureFonts(setup)) } };
}

const machineFonts = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';

/** Fonts for a browser: empty when the machine has them, else a configuration of fontconfig that names private ones. */
async function ensureFonts(setup: SetupContext): Promise<Record<string, string>> {
  if (existsSync(machineFonts)) return {};
  const root = await hostRoot(setup, 'fonts', 'fonts', ['fonts-dejavu-core']);
  const folder = path.join(setup.cache, 'fontconfig');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'fonts.conf');
  const alias = (family: string, font: string): string =>
    `<alias><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  writeFileSync(
    file,
    [
      '<?xml version="1.0"?>',
      '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
      '<fontconfig>',
      `<dir>${path.join(root.folder, 'usr/share/fonts')}</dir>`,
      '<dir>/usr/share/fonts</dir>',
      `<cachedir>${folder}</cachedir>`,
      alias('sans-serif', 'DejaVu Sans'),
      alias('serif', 'DejaVu Serif'),
      alias('monospace', 'DejaVu Sans Mono'),
      '</fontconfig>',
      '',
    ].join('\n'),
  );
  return { FONTCONFIG_FILE: file };
}

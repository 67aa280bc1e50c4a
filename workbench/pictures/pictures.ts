/** `npm run demo -- --screenshots`: every view in light, dark and high contrast, for the README and for reviewers. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setStage } from '../stage';
import { chromium } from '../../setup/chromium';
import type { SetupContext } from '../../setup/context';
import { launchBrowser } from '../browser';
import { PAIR_VIEWS, TRIAL_VIEWS, VIEWS, prepare, preparePair, type View } from './pictureViews';
import { WorkbenchPage } from '../workbenchPage';

const THEMES = [
  { name: 'light', label: 'Light Modern' },
  { name: 'dark', label: 'Dark Modern' },
  { name: 'contrast', label: 'Dark High Contrast' },
] as const;

/** Larger pictures make every clone slower. */
const MOST_BYTES = 150 * 1024;

/** WebP: what PNG needs 185 KB for, a page of coloured source, is 80 KB here, and no reader sees the difference. */
const ENCODING = { format: 'webp', quality: 75 } as const;

/**
 * Sets the stage, brings every view into a state worth a picture and takes it in each theme.
 *
 * @param folder where the pictures go
 * @returns the pictures that are too large
 */
export async function takePictures(setup: SetupContext, root: string, folder: string): Promise<string[]> {
  const program = await chromium(setup);
  const stage = await setStage(setup, root, {
    'workbench.colorTheme': 'Light Modern',
    'editor.minimap.enabled': false,
    'diffEditor.useInlineViewWhenSpaceIsLimited': false,
  });
  const browser = await launchBrowser(program, stage.folder);
  const taken: string[] = [];
  mkdirSync(folder, { recursive: true });
  try {
    const say = (line: string): void => console.log(`    ${line}`);
    const ui = await WorkbenchPage.open(browser, stage.codeServer.origin, stage.workspace, folder, say);
    const camera = await ui.page.context().newCDPSession(ui.page);
    const shoot = async (name: string): Promise<void> => {
      await ui.page.mouse.move(700, 845); // where it hovers over nothing that shows a tip
      await ui.page.waitForTimeout(600); // what fades in has come, and tips have gone
      const { data } = await camera.send('Page.captureScreenshot', ENCODING);
      const file = path.join(folder, `screenshot-${name}.webp`);
      writeFileSync(file, Buffer.from(data, 'base64'));
      say(`${file} ${(statSync(file).size / 1024).toFixed(0)} KB`);
      taken.push(file);
    };
    const shootAll = async (views: readonly View[]): Promise<void> => {
      for (const theme of THEMES) {
        await ui.command('Preferences: Color Theme');
        await ui.page.keyboard.type(theme.label);
        await ui.choose(theme.label);
        for (const view of views) {
          await ui.clearNotifications();
          await ui.command('View: Close All Editors');
          await view.show(ui);
          await shoot(`${view.name}-${theme.name}`);
          await view.leave?.(ui);
        }
      }
    };
    await prepare(ui, stage.lab.bdf);
    await shootAll(VIEWS);
    await preparePair(ui, stage.lab);
    await shootAll(PAIR_VIEWS);
    await shootAll(TRIAL_VIEWS);
  } finally {
    await browser.close();
    await stage.end();
  }
  return taken.filter((file) => statSync(file).size > MOST_BYTES);
}

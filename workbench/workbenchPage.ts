/** The workbench as a person uses it: palette, lists, input boxes, dialogs, trees, editors. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';

const TIMEOUT_MS = 60_000;

/** How long what was clicked or pressed may take to show, and how often it is done anew. */
const SEEN_MS = 5000;
const TRIES = 12;

export class WorkbenchPage {
  private constructor(
    readonly page: Page,
    private readonly shots: string,
    private readonly say: (line: string) => void,
  ) {}

  /** Opens a folder and waits until the workbench shows. Screenshots go to `shots`. */
  static async open(
    browser: Browser,
    origin: string,
    folder: string,
    shots: string,
    say: (line: string) => void,
  ): Promise<WorkbenchPage> {
    mkdirSync(shots, { recursive: true });
    const page = await browser.newPage({ viewport: { width: 1360, height: 850 } });
    page.setDefaultTimeout(TIMEOUT_MS);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await page.goto(`${origin}/?folder=${encodeURIComponent(folder)}`);
    const workbench = new WorkbenchPage(page, shots, say);
    await page.locator('.monaco-workbench').waitFor();
    await page.locator('.activitybar').waitFor();
    return workbench;
  }

  /** Loads the window anew, as *Developer: Reload Window* does. */
  async reload(): Promise<void> {
    this.say('reload');
    await this.page.reload({ waitUntil: 'domcontentloaded' });
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page.locator('.activitybar').waitFor();
  }

  async screenshot(name: string): Promise<void> {
    const file = path.join(this.shots, `${name}.png`);
    // Dialogs and notifications fade in; half of one is no picture.
    await this.page.waitForTimeout(400);
    await this.page.screenshot({ path: file });
    this.say(`screenshot ${file}`);
  }

  /** Opens a view container by its icon in the activity bar. */
  async openView(name: string): Promise<void> {
    await this.page.locator(`.activitybar .action-item a[aria-label^="${name}"]`).first().click();
  }

  /** Runs a command of the palette by its full title, for example `ISM: Connect`. */
  async command(title: string): Promise<void> {
    this.say(`palette: ${title}`);
    const row = this.quickPickRow(title);
    await this.openedUntilFound('F1', `>${title}`, row, () => row.click({ timeout: SEEN_MS }));
  }

  /**
   * Opens the quick input by its key and types, until the row is in its list. The list is made when it is opened:
   * one that opened before the workbench knew that the folder is trusted, or before a new file was seen, stays without
   * the row however long one waits, and a view that takes the focus closes it, also with the row in it. A person opens it again;
   * so does this.
   *
   * @param use of the row, which fails when the list is closed before
   */
  private async openedUntilFound(
    key: string,
    text: string,
    row: Locator,
    use: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const input = this.page.locator('.quick-input-widget:visible input.input');
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press(key);
      const found = await input
        .fill(text, { timeout: SEEN_MS })
        .then(() => row.waitFor({ timeout: SEEN_MS }))
        .then(use)
        .then(
          () => true,
          () => false,
        );
      if (found) return;
      if (tries === TRIES) throw new Error(`“${text}” is not found in the list that ${key} opens`);
      await this.escape();
    }
  }

  /** What the palette shows for a text. */
  async offeredCommands(text: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget:visible input.input');
    await input.waitFor();
    await input.fill(`>${text}`);
    await this.page.waitForTimeout(700); // the list follows the keyboard with a delay, and may rightly stay empty
    const rows = this.page.locator('.quick-input-widget:visible .monaco-list-row .label-name');
    const labels = await rows.allTextContents();
    await this.escape();
    return labels;
  }

  /** Chooses the first row of an open list that contains the text. */
  async choose(text: string | RegExp): Promise<void> {
    const row = this.quickPickRow(text);
    await row.waitFor();
    // Where the mouse rests on a row its tip comes up and covers the next one.
    await this.page.mouse.move(1, 1);
    await row.click();
  }

  private quickPickRow(text: string | RegExp): Locator {
    return this.page
      .locator('.quick-input-widget:visible .monaco-list-row')
      .filter({ hasText: text })
      .first();
  }

  /** Waits for the input box with this text in its title or prompt and types into it, without Enter. */
  async fillInput(about: string | RegExp, text: string): Promise<void> {
    await this.inputBox().filter({ hasText: about }).waitFor();
    await this.inputBox().locator('input.input').fill(text);
  }

  async submitInput(): Promise<void> {
    await this.inputBox().locator('input.input').press('Enter');
  }

  /**
   * Gives the dialog for a file its path. It reads the folder while one types, and ignores Enter until it is done: a person
   * presses it again.
   */
  async saveAs(about: string | RegExp, file: string): Promise<void> {
    const dialog = this.inputBox().filter({ hasText: about });
    await this.fillInput(about, file);
    const enter = (): Promise<void> => dialog.locator('input.input').press('Enter', { timeout: SEEN_MS });
    await this.until(dialog, 'hidden', `${file} was given to a dialog`, enter);
  }

  /** What the open input box says below its field: the prompt, or why the text is not accepted. */
  inputMessage(): Locator {
    return this.inputBox().locator('.quick-input-message');
  }

  async escape(): Promise<void> {
    await this.page.keyboard.press('Escape');
  }

  /** Presses Escape until something has gone. */
  async escapeFrom(target: Locator): Promise<void> {
    await this.until(target, 'hidden', 'Escape was pressed', () => this.escape());
  }

  private inputBox(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** The modal dialog with this text. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  async answerDialog(text: string | RegExp, button: string): Promise<void> {
    const dialog = this.dialog(text);
    await dialog.waitFor();
    await dialog.locator('.monaco-button').filter({ hasText: button }).first().click();
    await dialog.waitFor({ state: 'detached' });
  }

  /** The notification with this text. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text }).first();
  }

  async clearNotifications(): Promise<void> {
    await this.command('Notifications: Clear All Notifications');
  }

  /** A row of the tree in the side bar. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text }).first();
  }

  /**
   * Clicks a button that a row of a tree shows when the pointer is over it.
   *
   * @param seen what the click brings
   */
  async inlineAction(text: string | RegExp, action: string, seen: Locator): Promise<void> {
    const row = this.row(text);
    await this.until(seen, 'visible', `“${action}” of a row was clicked`, async () => {
      await row.hover({ timeout: SEEN_MS });
      await row.locator(`.actions a[aria-label^="${action}"]`).click({ timeout: SEEN_MS });
    });
  }

  /** Clicks such a button that copies something, and gives back what the clipboard holds then. */
  async inlineCopy(text: string | RegExp, action: string): Promise<string> {
    const nothing = 'nothing was copied';
    await this.page.evaluate(`navigator.clipboard.writeText('${nothing}')`);
    for (let tries = 1; ; tries++) {
      await this.row(text).hover();
      await this.row(text).locator(`.actions a[aria-label^="${action}"]`).click();
      for (let polls = 0; polls < SEEN_MS / 100; polls++) {
        const copied = String(await this.page.evaluate('navigator.clipboard.readText()'));
        if (copied !== nothing) return copied;
        await this.page.waitForTimeout(100);
      }
      if (tries === TRIES) throw new Error(`“${action}” copied nothing`);
    }
  }

  /** Presses a key in the editor that has the cursor, until what it brings is seen. */
  async editorKey(key: string, seen: Locator): Promise<void> {
    await this.until(seen, 'visible', `${key} was pressed in the editor`, async () => {
      await this.command('View: Focus Active Editor Group');
      await this.page.keyboard.press(key);
    });
  }

  /**
   * Does something until it shows. A row that is drawn anew under the pointer swallows the click, and a key goes to whatever
   * has the focus at that moment; a person tries again, and so does this. For nothing that would be done twice then.
   */
  private async until(
    target: Locator,
    state: 'visible' | 'hidden',
    done: string,
    act: () => Promise<void>,
  ): Promise<void> {
    for (let tries = 1; ; tries++) {
      const reached = await act()
        .then(() => target.waitFor({ state, timeout: SEEN_MS }))
        .then(
          () => true,
          // It may have come late, and may be what the next click met.
          async () => (await target.isVisible()) === (state === 'visible'),
        );
      if (reached) return;
      if (tries === TRIES)
        throw new Error(`${done}, ${TRIES} times, and it is not ${state}: ${target.toString()}`);
    }
  }

  /** Opens a file of the workspace by its path through Quick Open, and waits for its editor. */
  async openFile(relative: string): Promise<void> {
    const row = this.quickPickRow(path.basename(relative)).filter({ hasNotText: 'No matching results' });
    await this.openedUntilFound('Control+P', relative, row);
    await this.choose(path.basename(relative));
    await this.page
      .locator('.tab.active')
      .filter({ hasText: path.basename(relative) })
      .waitFor();
    await this.page.locator('.editor-instance .monaco-editor.focused .view-line').first().waitFor();
  }

  /** Pastes the clipboard into a new editor without a name. */
  async pasteIntoNewEditor(seen: RegExp): Promise<void> {
    await this.command('File: New Untitled Text File');
    await this.page.locator('.tab.active').filter({ hasText: 'Untitled' }).waitFor();
    const line = this.page.locator('.editor-instance .view-line').filter({ hasText: seen }).first();
    await this.editorKey('Control+V', line);
  }

  async goToLine(line: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    const input = this.page.locator('.quick-input-widget:visible input.input');
    await input.waitFor();
    await input.fill(`:${line}`);
    await input.press('Enter');
    await input.waitFor({ state: 'hidden' });
    await this.page
      .locator('.statusbar-item')
      .filter({ hasText: `Ln ${line},` })
      .waitFor();
  }
}

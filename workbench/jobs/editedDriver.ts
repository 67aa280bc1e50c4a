/** The real driver in the workspace of the workbench, edited and tried as a person does it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import type { WorkbenchPage } from '../workbenchPage';

export const DRIVER = 'drivers/vfio/pci/ism/main.c';
export const LOAD_QUESTION = 'Load your ism_vfio_pci on';

export class EditedDriver {
  readonly file: string;
  private readonly original: string;

  constructor(
    private readonly ui: WorkbenchPage,
    workspace: string,
  ) {
    this.file = path.join(workspace, DRIVER);
    this.original = this.text();
  }

  /** As it is saved. */
  text(): string {
    return readFileSync(this.file, 'utf8');
  }

  /** A row of the list of problems. */
  problem(text: string | RegExp): Locator {
    return this.ui.page.locator('.markers-panel .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Where a text is, as the list of problems says it. */
  placeOf(text: string): string {
    const line = this.lineOf(text);
    const column = this.text().split('\n')[line - 1]?.indexOf(text) ?? -1;
    return `[Ln ${line}, Col ${column + 1}]`;
  }

  /** As a person types it: new lines in front of the one that contains a text. */
  async typeBefore(text: string, typed: string): Promise<void> {
    const before = this.text();
    await this.ui.openFile(DRIVER);
    await this.ui.goToLine(this.lineOf(text));
    await this.ui.page.keyboard.press('Home');
    await this.ui.page.keyboard.insertText(`${typed}\n`);
    await this.ui.command('File: Save');
    // The command comes back before the file is written.
    for (let tries = 0; this.text() === before; tries++) {
      if (tries > 100) assert.fail('what was typed was not saved');
      await this.ui.page.waitForTimeout(100);
    }
  }

  async putBack(): Promise<void> {
    await this.ui.clearNotifications();
    await this.ui.command('View: Close All Editors');
    writeFileSync(this.file, this.original);
  }

  /** *Try My Driver*, with the question answered. */
  async load(): Promise<void> {
    await this.ui.command('ISM: Try My Driver');
    await this.ui.answerDialog(LOAD_QUESTION, 'Load');
  }

  private lineOf(text: string): number {
    return (
      this.text()
        .split('\n')
        .findIndex((line) => line.includes(text)) + 1
    );
  }
}

/** Store scripts in the workbench: run after one question, a failed expect with its bytes, and stop. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StoreRecord } from '../../client/journal/journal';
import type { Stage } from '../stage';
import type { Step } from '../runJob';
import type { WorkbenchPage } from '../workbenchPage';

const TAKEN = '0x170000000000';
const LONG = '0x180000000000';

/** Needs a bound function of the connected host. */
export async function scriptsJob(stage: Stage, ui: WorkbenchPage, step: Step): Promise<void> {
  const { lab } = stage;
  const write = (name: string, ...lines: string[]): void =>
    writeFileSync(path.join(stage.workspace, name), `device ${lab.bdf}\n\n${lines.join('\n')}\n`);
  const seen = (offset: string) => lab.readStores().filter((store) => store.offset === offset);
  const runFile = async (title: RegExp, button: string): Promise<void> => {
    await ui.command('Test: Run Tests in Current File');
    await ui.dialog(title).waitFor();
    await ui.screenshot(`30-run-${button.replace(/ /g, '-').toLowerCase()}`);
    await ui.answerDialog(title, button);
  };

  await step('a script says what it will store, and Cancel sends nothing', async () => {
    write(
      'checks.ism',
      'test "stores are taken"',
      '  repeat 10',
      `    store bar0 ${TAKEN} counter 64`,
      '  end',
      '',
      'test "vendor and device"',
      '  read config 0 8',
      '  expect at 1 hex 10 ff .. ..',
    );
    await ui.openFile('checks.ism');
    await ui.command('Test: Run Tests in Current File');
    const question = ui.dialog('Run 2 test(s) with up to 10 stores');
    await question.waitFor();
    const text = (await question.textContent()) ?? '';
    assert.ok(text.includes(lab.bdf) && text.includes(lab.alias) && /cannot be undone/.test(text), text);
    await ui.answerDialog('Run 2 test(s) with up to 10 stores', 'Cancel');
    assert.deepEqual(seen(TAKEN), []);
  });

  await step('a failed expect shows expected and actual bytes at its line', async () => {
    await runFile(/Run 2 test\(s\) with up to 10 stores/, 'Run 10 Stores');
    await lab.waitForStore((store) => store.offset === TAKEN);
    await ui.page.getByText('Byte 2 of the read is ed; ff was expected.').first().waitFor();
    await ui.screenshot('31-expect-failed');
    assert.equal(seen(TAKEN).length, 10);
    await ui.goToLine(10);
    await ui.command('Test: Peek Output');
    const peek = ui.page.locator('.test-output-peek');
    await peek.waitFor();
    for (const bytes of [/10.ff.\.\..\.\./, /10.ed.04/])
      await peek.locator('.view-line').filter({ hasText: bytes }).first().waitFor();
    await ui.screenshot('32-expected-and-actual');
    await ui.escape();
  });

  await step('a script is stopped, and the journal has as many stores as the device saw', async () => {
    write('long.ism', 'repeat 1000000', `  store bar0 ${LONG} counter 64`, 'end');
    await ui.openFile('long.ism');
    await runFile(/Run 1 test\(s\) with up to 1000000 stores/, 'Run 1000000 Stores');
    await lab.waitForStore((store) => store.offset === LONG);
    await ui.command('Test: Cancel Test Run');
    const last = (): StoreRecord | undefined => {
      const line = readFileSync(stage.journal, 'utf8').trim().split('\n').at(-1);
      return line === undefined ? undefined : (JSON.parse(line) as StoreRecord);
    };
    for (let tries = 0; last()?.offset !== LONG; tries++) {
      if (tries > 100) assert.fail('the script was not stopped');
      await ui.page.waitForTimeout(100);
    }
    await ui.page.waitForTimeout(500); // the device's log is written line by line
    assert.equal(last()?.sent, seen(LONG).length);
    assert.equal(last()?.planned, 1_000_000);
    await ui.screenshot('33-stopped');
    await ui.command('ISM: Focus on Devices View');
  });
}

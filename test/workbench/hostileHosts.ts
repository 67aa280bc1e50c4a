/** Hosts that answer with links, icons and escape sequences, in the real workbench: all of it is text. */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { Server } from 'ssh2';
import { startLiar } from '../support/liarServer';
import { readablePair } from '../support/openSsh';
import type { Step } from '../../workbench/runJob';
import type { WorkbenchPage } from '../../workbench/workbenchPage';

/** What a person would click: VS Code ran the command of such a link in a notification and in an input box. */
const LINK = '[Show how to fix this](command:workbench.action.toggleZenMode)';
const WORDS = `${LINK} $(pass) \u001b[2J\u202e done ${'and so on '.repeat(2000)}`;

export async function hostileHosts(ui: WorkbenchPage, step: Step): Promise<void> {
  const add = async (destination: string): Promise<void> => {
    await ui.command('ISM: Add Host');
    await ui.fillInput('Add Host', destination);
    await ui.submitInput();
  };

  await step("a server's disconnect message is text in the notification and in the row", async () => {
    const liar = await startLiar(WORDS);
    try {
      await ui.openView('ISM');
      await add(`u@127.0.0.1:${liar.port}`);
      const note = ui.notification(/could not be connected/);
      await note.waitFor();
      await ui.row(/could not be connected: \[Show how/).waitFor();
      await ui.screenshot('80-disconnect-words');
      const message = note.locator('.notification-list-item-message');
      assert.match((await message.textContent()) ?? '', /\[Show how to fix this\] \(command:/);
      assert.equal(await message.locator('a').count(), 0);
      assert.equal(await message.locator('.codicon').count(), 0);
      assert.equal(
        await ui
          .row(/could not be connected: \[Show how/)
          .locator('a[href]')
          .count(),
        0,
      );
      await ui.clearNotifications();
    } finally {
      liar.close();
    }
  });

  await step("a server's prompt is text in the input box, and its key can be taken back", async () => {
    const prompt = `Password ${LINK} $(pass):`;
    const server = new Server(
      { hostKeys: [readablePair().private], banner: WORDS.slice(0, 400) },
      (client) => {
        client.on('error', () => undefined);
        client.on('authentication', (auth) => {
          if (auth.method !== 'keyboard-interactive') return auth.reject(['keyboard-interactive']);
          return auth.prompt([{ prompt, echo: false }], () => auth.reject(['keyboard-interactive']));
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    try {
      await add(`u@127.0.0.1:${port}`);
      await ui.dialog('The host key of 127.0.0.1 is not known').waitFor();
      await ui.answerDialog('The host key of 127.0.0.1 is not known', 'Trust and Connect');
      const box = ui.page.locator('.quick-input-widget:visible');
      await box.filter({ hasText: 'Password [Show how to fix this] (command:' }).waitFor();
      await ui.screenshot('81-prompt-words');
      assert.equal(await box.locator('.quick-input-message a, .quick-input-description a').count(), 0);
      assert.equal(await box.locator('.quick-input-message .codicon-pass').count(), 0);
      assert.match((await box.textContent()) ?? '', new RegExp(`Connect u@127\\.0\\.0\\.1:${port}`));
      await ui.escape();
      await ui.row(/did not accept any key or password/).waitFor();
      await ui.clearNotifications();
      await ui.command('ISM: Accepted Host Keys');
      const key = ui.page
        .locator('.quick-input-widget:visible .monaco-list-row')
        .filter({ hasText: `[127.0.0.1]:${port}` });
      await key.waitFor();
      await ui.screenshot('82-accepted-keys');
      await key.click();
      await ui.page.locator('.quick-input-widget:visible').filter({ hasText: '1 Selected' }).waitFor();
      await ui.page.locator('.quick-input-widget:visible').getByRole('button', { name: 'OK' }).click();
      await ui.notification('Removed 1 host key(s)').waitFor();
      await ui.clearNotifications();
      await ui.command('ISM: Accepted Host Keys');
      await ui.notification('No host key was accepted here').waitFor();
    } finally {
      server.close();
    }
  });
}

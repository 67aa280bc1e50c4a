import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import {
  createConnection,
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  type Diagnostic,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import { startLanguageServer } from './languageServer';

/** Starts a server in this process; the client speaks to it through two streams. */
function startClient(): ProtocolConnection {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  startLanguageServer(createConnection(toServer, toClient), path.resolve('dist/server'));
  const client = createProtocolConnection(toClient, toServer);
  client.listen();
  return client;
}

async function initialize(client: ProtocolConnection): Promise<void> {
  await client.sendRequest(InitializeRequest.type, {
    processId: null,
    rootUri: null,
    capabilities: {},
    workspaceFolders: null,
  });
  await client.sendNotification(InitializedNotification.type, {});
}

describe('a language server in this process', () => {
  it('serves two clients that know nothing of each other', async () => {
    const text = readFileSync(
      path.resolve('server/rules/fixtures/region-info-unknown-index/found/default-return.c'),
      'utf8',
    );
    const clients = [startClient(), startClient()] as const;
    const published = clients.map(
      (client) =>
        new Promise<readonly Diagnostic[]>((resolve) =>
          client.onNotification(PublishDiagnosticsNotification.type, ({ diagnostics }) =>
            resolve(diagnostics),
          ),
        ),
    );
    await Promise.all(clients.map(initialize));
    const open = (client: ProtocolConnection, content: string): Promise<void> =>
      client.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri: 'untitled:main.c', languageId: 'c', version: 1, text: content },
      });
    await open(clients[0], text);
    await open(clients[1], text.replace('-EINVAL', 'vfio_pci_ioctl_get_region_info(core_vdev, info, caps)'));
    const [bad, good] = await Promise.all(published);
    assert.deepEqual(
      bad?.map(({ code }) => code),
      ['region-info-unknown-index'],
    );
    assert.deepEqual(good, []);
    for (const client of clients) await client.sendRequest(ShutdownRequest.type);
    for (const client of clients) client.dispose();
  });
});

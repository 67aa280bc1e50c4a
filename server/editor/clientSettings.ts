import type { Connection } from 'vscode-languageserver/node';
import { errorMessage } from '../../protocol/errorMessage';
import { lintSection } from '../../protocol/lint';
import { inTime } from './inTime';
import { readSettings, sectionIn, type Settings } from './settings';

/** The settings of a client, whichever of the protocol's three ways it knows: with `initialize`, when asked, or by itself. */
export class ClientSettings {
  /** Whether the client can be asked. */
  asks = false;
  /** What came with `initialize`. */
  initial: unknown;
  /** What the client sent last by itself. */
  sent: unknown;

  constructor(private readonly connection: Connection) {}

  /** What holds now: the answer of a client comes before what it sent, and that before what it began with. */
  async read(): Promise<Settings> {
    const answer = this.asks ? await this.answer() : undefined;
    const read = readSettings({
      ...sectionIn(this.initial),
      ...sectionIn(this.sent),
      ...sectionIn(answer),
    });
    for (const problem of read.problems)
      this.connection.console.warn(`A setting below ${lintSection} is ignored. ${problem}`);
    return read;
  }

  private async answer(): Promise<unknown> {
    try {
      return await inTime<unknown>(this.connection.workspace.getConfiguration(lintSection));
    } catch (error) {
      const why = errorMessage(error);
      this.connection.console.warn(`The editor did not send its settings below ${lintSection}: ${why}.`);
      return undefined;
    }
  }
}

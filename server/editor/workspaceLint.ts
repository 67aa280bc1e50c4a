import {
  CancellationTokenSource,
  type Connection,
  type WorkDoneProgressServerReporter,
} from 'vscode-languageserver/node';
import path from 'node:path';
import { errorMessage } from '../../protocol/errorMessage';
import { inTime } from './inTime';
import type { Publisher } from './publisher';
import { relevantFolders } from './workspaceScan';

/** Lints all files of the workspace that concern the rules, in the background, once; what changes later is watched. */
export class WorkspaceLint {
  private running: CancellationTokenSource | undefined;
  private on = false;

  constructor(
    private readonly connection: Connection,
    private readonly publisher: Publisher,
  ) {}

  /** Whether findings of files are shown that are not open. */
  get isOn(): boolean {
    return this.on;
  }

  /**
   * Starts from the beginning; a run that is under way ends.
   * @param roots the folders of the workspace
   * @param maxSize the cap for a file in bytes
   * @param shows whether the client can show progress, with which a user can end the run
   */
  async run(roots: readonly string[], maxSize: number, shows: boolean): Promise<void> {
    this.running?.cancel();
    const source = new CancellationTokenSource();
    this.running = source;
    this.on = true;
    // A client may refuse or forget to show progress although it said that it can; the findings are wanted all the same.
    const reporter = shows
      ? await inTime(this.connection.window.createWorkDoneProgress()).catch(() => undefined)
      : undefined;
    try {
      await this.lint(roots, maxSize, source, reporter);
    } catch (error) {
      const why = errorMessage(error);
      this.connection.console.error(`Linting the workspace failed: ${why}`);
    } finally {
      reporter?.done();
      if (this.running === source) this.running = undefined;
    }
  }

  private async lint(
    roots: readonly string[],
    maxSize: number,
    source: CancellationTokenSource,
    reporter: WorkDoneProgressServerReporter | undefined,
  ): Promise<void> {
    reporter?.begin('ISM: looking for vfio drivers', undefined, '', true);
    reporter?.token.onCancellationRequested(() => source.cancel());
    const shorten = (folder: string): string => {
      const root = roots.find((each) => folder.startsWith(each));
      return (root && path.relative(root, folder)) || path.basename(folder);
    };
    const started = performance.now();
    let folders = 0;
    const scan = relevantFolders(roots, maxSize, source.token, {
      report: (files, folder) => reporter?.report(`${files} files, in ${shorten(folder)}`),
    });
    for await (const folder of scan) {
      folders++;
      await this.publisher.lint(folder, true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    this.connection.console.info(
      source.token.isCancellationRequested
        ? `Linting the workspace was cancelled after ${seconds} s and ${folders} ${folders === 1 ? 'folder' : 'folders'} with vfio files.`
        : `Linted the workspace in ${seconds} s: ${folders} ${folders === 1 ? 'folder' : 'folders'} with vfio files.`,
    );
  }

  /** Ends what is under way and takes back what is shown of files that are not open. */
  async end(): Promise<void> {
    this.running?.cancel();
    if (!this.on) return;
    this.on = false;
    await this.publisher.clear();
  }
}

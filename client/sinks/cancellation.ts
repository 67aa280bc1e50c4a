/** VS Code's cancellation as an AbortSignal, the one form of cancellation behind the edge to VS Code. */
import type * as vscode from 'vscode';

/** A signal that is aborted when one of the tokens is cancelled. Dispose it when the work has ended. */
export function signalOf(...tokens: readonly vscode.CancellationToken[]): {
  readonly signal: AbortSignal;
  dispose(): void;
} {
  const abort = new AbortController();
  const listeners = tokens.map((token) => token.onCancellationRequested(() => abort.abort()));
  if (tokens.some((token) => token.isCancellationRequested)) abort.abort();
  return {
    signal: abort.signal,
    dispose: () => {
      for (const listener of listeners) listener.dispose();
    },
  };
}

/** Events in the shape of VS Code's, for modules that run without it. */

export interface Disposable {
  dispose(): void;
}

/** As `vscode.Event`: calls the listener for each event until the result is disposed. */
export type Event<T> = (listener: (event: T) => void) => Disposable;

/** As `vscode.EventEmitter`. A listener that throws ends the others' turn as well: listeners catch their own failures. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(event: T) => void>();

  readonly event: Event<T> = (listener) => {
    // A listener that is added twice is called twice, and each result ends one of them.
    const own = (event: T): void => listener(event);
    this.listeners.add(own);
    return { dispose: () => void this.listeners.delete(own) };
  };

  fire(event: T): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  dispose(): void {
    this.listeners.clear();
  }
}

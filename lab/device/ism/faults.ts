import { accepted, busy, type StoreAnswer } from './frames';

/** What can be made to go wrong with the stores of a function. */
export const faultKinds = ['eio', 'busy', 'slow'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** How many answers it lasts. */
  readonly count: number;
  /** Of each slow store. */
  readonly milliseconds: number;
}

/** Decides how stores are answered while a fault lasts. */
export class FaultInjector {
  private fault: Fault | undefined;

  /** @param fault undefined ends the one that lasts */
  set(fault: Fault | undefined): void {
    this.fault = fault && fault.count > 0 ? fault : undefined;
  }

  get current(): Fault | undefined {
    return this.fault;
  }

  /** The answer to the next store. A condition code other than 0 means that the store was not carried out. */
  next(): StoreAnswer {
    const { fault } = this;
    if (!fault) return accepted;
    this.set({ ...fault, count: fault.count - 1 });
    switch (fault.kind) {
      case 'eio':
        return { conditionCode: 1, milliseconds: 0 };
      case 'busy':
        return busy;
      case 'slow':
        return { conditionCode: 0, milliseconds: fault.milliseconds };
    }
  }
}

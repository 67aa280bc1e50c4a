import { Taint, unknown, type Place, type Value } from './values';

/** A point where the index decided which way a function goes. */
export interface Decision {
  /**
   * How: a condition was true or false, the `default` of a switch was taken, a switch without one had no matching case,
   * or a case named the index.
   */
  readonly kind: 'true' | 'false' | 'default' | 'unmatched' | 'matched';
  /** The `default` label, or the header of the if or switch. */
  readonly place: Place;
  /** The keyword `else` of a condition that was false. */
  readonly otherwise: Place | undefined;
  readonly frame: number;
  readonly taint: Taint;
  /** Whether the index alone decided, or nobody can know which way it goes. */
  readonly certain: boolean;
  /** Whether it compared the index with a bound. */
  readonly bound: boolean;
}

/** Everything that is known at one point of one walk through a driver's functions. */
export class State {
  private readonly store: Map<string, Value>;
  readonly decisions: Decision[];
  private readonly visits: Map<string, number>;
  /** Whether a function of vfio-pci-core was asked to answer. */
  delegated = false;
  /** Where it was asked. */
  delegatedAt: Place | undefined;
  /** Whether something happened of which nobody can know whether it answered. */
  opaque = false;
  /** Whether the index was found equal to a constant the driver names. */
  named = false;
  /** Whether a table was subscripted by the index. */
  lookedUp = false;
  /** Where the struct vfio_region_info is that answers user space. */
  info: string | undefined;

  constructor(from?: State) {
    this.store = new Map(from?.store);
    this.visits = new Map(from?.visits);
    this.decisions = from ? [...from.decisions] : [];
    if (from) {
      this.delegated = from.delegated;
      this.delegatedAt = from.delegatedAt;
      this.opaque = from.opaque;
      this.named = from.named;
      this.lookedUp = from.lookedUp;
      this.info = from.info;
    }
  }

  /** What is stored at a place. */
  read(path: string): Value {
    return this.store.get(path) ?? unknown();
  }

  /** Whether anything was ever stored at exactly this place. */
  has(path: string): boolean {
    return this.store.has(path);
  }

  /** Stores a value and forgets what was known of the place's members. */
  write(path: string, value: Value): void {
    this.forget(path);
    this.store.set(path, value);
  }

  /** Forgets what is known of a place and of its members. */
  forget(path: string): void {
    this.store.delete(path);
    for (const key of this.members(path)) this.store.delete(key);
  }

  /** Copies a struct with all that is known of its members. */
  copy(from: string, to: string): void {
    const copies = this.members(from).map((key) => [key.slice(from.length), this.read(key)] as const);
    this.forget(to);
    for (const [member, value] of copies) this.store.set(to + member, value);
  }

  /** The places inside a place of which something is known. */
  members(path: string): string[] {
    const found: string[] = [];
    for (const key of this.store.keys())
      if (key.startsWith(path) && (key[path.length] === '.' || key[path.length] === '[')) found.push(key);
    return found;
  }

  /** Whether a place is a struct that carries the index, lies in one, or holds a pointer to one. */
  holdsInfo(path: string): boolean {
    if (path === this.info || path.startsWith(`${this.info ?? '?'}.`)) return true;
    if (this.read(`${path}.index`).taint === Taint.Computed) return true;
    return this.members(path).some((member) => {
      const value = this.read(member);
      return value.kind === 'pointer' && value.to !== path && value.to === this.info;
    });
  }

  /** Counts how often a walk has come to a point. */
  visit(point: string): number {
    const count = (this.visits.get(point) ?? 0) + 1;
    this.visits.set(point, count);
    return count;
  }
}

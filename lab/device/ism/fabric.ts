import { Answer, EventCode, EventType, firstDmbBit, dmbBits, type MoveTarget } from './layout';

/** An entry of a function's event queue. */
export interface FabricEvent {
  readonly type: number;
  readonly code: number;
  /** A DMB's token or a function's GID, by type. */
  readonly token: bigint;
  readonly info: bigint;
}

/** What the fabric wants of a function that is plugged into it. */
export interface Member {
  readonly name: string;
  readonly gid: bigint;
  /** The VLANs that were added to the function. */
  readonly vlans: ReadonlySet<number>;
  readonly vlanRequired: boolean;
  /** Puts data into the guest's memory, then sets the bits of the buffer and interrupts if a signal is wanted. */
  deliver(dmb: Dmb, target: MoveTarget, data: Buffer): void;
  /** Whether it has been given more than it could deliver yet. */
  readonly behind: boolean;
  raise(event: FabricEvent, interrupt: boolean): void;
}

/** A registered buffer: memory of its owner's guest that one other function may store into. */
export interface Dmb {
  readonly token: bigint;
  readonly owner: Member;
  /** Address on the device's side of the guest's IOMMU. */
  readonly address: bigint;
  readonly length: number;
  /** The bit of the owner's SBA. */
  readonly index: number;
  /** The only function that may store into it. */
  readonly remoteGid: bigint;
  readonly vlan: number | undefined;
}

/** Reasons why a store reached no buffer; the log names them. */
export type Refusal = 'no such buffer' | 'not its user' | 'outside the buffer' | 'wrong vlan';

/**
 * SMC uses this id to ask for a fabric without VLANs (ISM_RESERVED_VLANID in include/net/smc.h); every function counts as
 * a member.
 */
export const reservedVlan = 0x1fff;

/** Every DMB of a lab and the functions that own and use them, whatever guest they are in. */
export class Fabric {
  private readonly members = new Map<bigint, Member>();
  private readonly dmbs = new Map<bigint, Dmb>();
  private lastToken = 0;

  plug(member: Member): void {
    this.members.set(member.gid, member);
  }

  member(gid: bigint): Member | undefined {
    return this.members.get(gid);
  }

  /** All buffers, or those of one owner. */
  buffers(owner?: Member): Dmb[] {
    return [...this.dmbs.values()].filter((dmb) => !owner || dmb.owner === owner);
  }

  has(dmb: Dmb): boolean {
    return this.dmbs.get(dmb.token) === dmb;
  }

  /** Whether the owner of the buffer that a store is for cannot take it yet. */
  congested(target: MoveTarget): boolean {
    return this.dmbs.get(target.token)?.owner.behind ?? false;
  }

  /** Buffers that a function may store into. */
  usedBy(member: Member): Dmb[] {
    return this.buffers().filter(({ remoteGid }) => remoteGid === member.gid);
  }

  /** Whether two functions can reach each other; what QUERY_RGID answers. */
  query(asker: Member, gid: bigint, vlan: number | undefined): number {
    const peer = this.members.get(gid);
    if (!peer) return Answer.noSuchGid;
    if (vlan === undefined) return asker.vlanRequired || peer.vlanRequired ? Answer.badVlan : Answer.done;
    return inVlan(asker, vlan) && inVlan(peer, vlan) ? Answer.done : Answer.badVlan;
  }

  /** @returns the new buffer, or the answer that says why there is none */
  register(wanted: Omit<Dmb, 'token'>): Dmb | number {
    const { owner, index, remoteGid, vlan } = wanted;
    if (index < firstDmbBit || index >= dmbBits) return Answer.badIndex;
    if (this.buffers(owner).some((dmb) => dmb.index === index)) return Answer.badIndex;
    if (!this.members.has(remoteGid)) return Answer.noSuchGid;
    if (vlan === undefined ? owner.vlanRequired : !inVlan(owner, vlan)) return Answer.badVlan;
    const token = this.freeToken();
    if (token === undefined) return Answer.noSpace;
    const dmb: Dmb = { ...wanted, token };
    this.dmbs.set(token, dmb);
    return dmb;
  }

  unregister(owner: Member, token: bigint): number {
    const dmb = this.dmbs.get(token);
    if (!dmb || dmb.owner !== owner) return Answer.noSuchToken;
    this.remove(dmb);
    return Answer.done;
  }

  /** Brings a store to its buffer, or says why it does not. */
  move(user: Member, target: MoveTarget, data: Buffer): Refusal | Dmb {
    const dmb = this.dmbs.get(target.token);
    if (!dmb) return 'no such buffer';
    if (dmb.remoteGid !== user.gid) return 'not its user';
    if (dmb.vlan !== undefined && !inVlan(user, dmb.vlan)) return 'wrong vlan';
    if (target.offset + data.length > dmb.length) return 'outside the buffer';
    dmb.owner.deliver(dmb, target, data);
    return dmb;
  }

  /** Sends an event to another function; what SIGNAL_IEQ does. */
  signal(from: Member, to: bigint, interrupt: boolean, code: number, info: bigint): number {
    const peer = this.members.get(to);
    if (!peer) return Answer.noSuchGid;
    peer.raise({ type: EventType.software, code, token: from.gid, info }, interrupt);
    return Answer.done;
  }

  /** A function was reset or has lost its guest: its buffers go, and everybody who had to do with it hears of that. */
  leave(member: Member): void {
    const owned = this.buffers(member);
    const used = this.usedBy(member).filter(({ owner }) => owner !== member);
    owned.forEach((dmb) => this.remove(dmb));
    for (const { owner, token } of used)
      owner.raise({ type: EventType.buffer, code: EventCode.userDisabled, token, info: 0n }, true);
    const partners = new Set([
      ...used.map(({ owner }) => owner),
      ...owned.flatMap((dmb) => this.userOf(dmb)),
    ]);
    partners.delete(member);
    for (const partner of partners)
      partner.raise(
        { type: EventType.device, code: EventCode.gidDisabled, token: member.gid, info: 0n },
        true,
      );
  }

  private remove(dmb: Dmb): void {
    this.dmbs.delete(dmb.token);
    for (const user of this.userOf(dmb))
      if (user !== dmb.owner)
        user.raise(
          { type: EventType.buffer, code: EventCode.dmbUnregistered, token: dmb.token, info: 0n },
          true,
        );
  }

  private userOf({ remoteGid }: Dmb): Member[] {
    const user = this.members.get(remoteGid);
    return user ? [user] : [];
  }

  /** Tokens are the upper 16 bits of an offset in BAR0; they come round again as late as possible. */
  private freeToken(): bigint | undefined {
    for (let attempt = 0; attempt < 0xffff; attempt++) {
      this.lastToken = (this.lastToken % 0xffff) + 1;
      const token = BigInt(this.lastToken) << 32n;
      if (!this.dmbs.has(token)) return token;
    }
    return undefined;
  }
}

function inVlan(member: Member, vlan: number): boolean {
  return vlan === reservedVlan || member.vlans.has(vlan);
}

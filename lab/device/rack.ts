import type { StoreRecord } from './stores/storeRecord';
import { Fabric } from './ism/fabric';
import { IsmFunction } from './ism/ismFunction';
import type { BufferInfo, DeviceRequest, FunctionInfo } from './requests';
import { serve, type Served } from './vfioUser/server';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** GIDs of the lab: unique in their fabric is all that the kernel asks. */
const firstGid = 0x0a15_6d00_0000_0001n;

interface Slot {
  readonly device: IsmFunction;
  readonly served: Served;
}

/** The functions of a lab with their sockets, and what can be asked of them from outside. */
export class Rack {
  private readonly fabric = new Fabric();
  private readonly slots = new Map<string, Slot>();

  constructor(
    private readonly logStore: (record: StoreRecord) => void,
    private readonly log: (line: string) => void,
  ) {}

  /** Answers a request; rejects with one sentence when it cannot be done. */
  async handle(request: DeviceRequest): Promise<unknown> {
    switch (request.op) {
      case 'add':
        return this.add(request.name, request.socket);
      case 'list':
        return [...this.slots.values()].map((slot) => this.describe(slot));
      case 'buffers':
        return this.buffers();
      case 'dump':
        return this.dump(request.token, request.offset, request.length);
      case 'fault':
        this.slot(request.name).device.faults.set(request.fault ?? undefined);
        return null;
      case 'stall':
        if (!this.slot(request.name).served.stall(request.stalled))
          throw new Error(`No machine uses the function ${request.name}.`);
        return null;
      case 'kill':
        this.slot(request.name).served.close();
        return null;
    }
  }

  private async add(name: string, socket: string): Promise<null> {
    if (this.slots.has(name)) throw new Error(`There is a function ${name} already.`);
    const log = (line: string): void => this.log(`${name}: ${line}`);
    const gid = firstGid + BigInt(this.slots.size);
    const { fabric, logStore } = this;
    const device = new IsmFunction({ name, gid, fabric, logStore, log });
    this.slots.set(name, { device, served: await serve(device, socket, log) });
    return null;
  }

  private slot(name: string): Slot {
    const slot = this.slots.get(name);
    if (!slot)
      throw new Error(`There is no function ${name}; there are ${[...this.slots.keys()].join(', ')}.`);
    return slot;
  }

  private describe({ device, served }: Slot): FunctionInfo {
    const address = (value: bigint | undefined): string | null => (value === undefined ? null : hex(value));
    return {
      name: device.name,
      gid: hex(device.gid),
      connected: served.connected,
      sba: address(device.sba),
      ieq: address(device.ieq),
      vlans: [...device.vlans],
      owned: this.fabric.buffers(device).length,
      used: this.fabric.usedBy(device).length,
      fault: device.faults.current ?? null,
    };
  }

  private buffers(): BufferInfo[] {
    return this.fabric.buffers().map((dmb) => ({
      token: hex(dmb.token),
      owner: dmb.owner.name,
      user: this.fabric.member(dmb.remoteGid)?.name ?? hex(dmb.remoteGid),
      address: hex(dmb.address),
      length: dmb.length,
      index: dmb.index,
      vlan: dmb.vlan ?? null,
    }));
  }

  private async dump(token: string, offset: number, length: number): Promise<string> {
    const dmb = this.fabric.buffers().find((one) => hex(one.token) === token);
    if (!dmb) throw new Error(`There is no buffer ${token}.`);
    if (offset + length > dmb.length)
      throw new Error(`The buffer ${token} has ${dmb.length} bytes; ${offset} + ${length} is outside.`);
    const { memory } = this.slot(dmb.owner.name).device;
    return (await memory.read(dmb.address + BigInt(offset), length)).toString('hex');
  }
}

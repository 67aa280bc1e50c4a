import assert from 'node:assert/strict';
import type { Lab, LabFunction } from '../../../lab/machine/api';
import type { SetupContext } from '../../../setup/context';
import { Guest, installProgram, type Conversation } from '../../../lab/machine/guestPrograms';

const dmaAddress = 0x1_0000_0000n;

/** Where in its memory a function's program has its signal bits, its event queue and its buffer. */
const place = { sba: 0x0, ieq: 0x1000, dmb: 0x10000 };

export const dmbLength = 0x40000;

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** vfioShell on one function, with the commands of drivers/s390/net/ism.h. */
export class Shell {
  private constructor(
    readonly talk: Conversation,
    /** Which of vfio's interfaces it took. */
    readonly api: string,
  ) {}

  /** Binds a function and opens it. The guest must have the program. */
  static async open(guest: Guest, { bdf }: LabFunction): Promise<Shell> {
    await guest.run(`echo ism_vfio_pci > /sys/bus/pci/devices/${bdf}/driver_override`);
    await guest.run(`echo ${bdf} > /sys/bus/pci/drivers_probe`);
    const talk = await guest.converse(`/tmp/vfioShell ${bdf}`);
    const greeting = await talk.next();
    assert.match(greeting, /^open (cdev|group)$/);
    return new Shell(talk, greeting.slice(5));
  }

  /** Carries out a command as the kernel's driver does: the body, then the header, then the answer is read. */
  async command(code: number, body: string): Promise<{ readonly answer: number; readonly body: string }> {
    const length = 8 + body.length / 2;
    if (body) assert.equal(await this.talk.ask(`put 2 0x8 ${body}`), String(body.length / 2));
    const header = `${hex32(code)}0000${length.toString(16).padStart(4, '0')}`;
    assert.equal(await this.talk.ask(`put 2 0x0 ${header}`), '8');
    const response = await this.talk.ask('read 2 0x0 256');
    const answered = parseInt(response.slice(12, 16), 16);
    return { answer: parseInt(response.slice(8, 12), 16), body: response.slice(16, answered * 2) };
  }

  async gid(): Promise<bigint> {
    const { answer, body } = await this.command(0x3, '');
    assert.equal(answer, 0);
    return BigInt(`0x${body}`);
  }

  /** Sets up memory, signal bits, event queue and a buffer that one other function may store into; returns its token. */
  async own(user: bigint, bit = 40): Promise<bigint> {
    assert.equal(await this.talk.ask('dma'), 'ok');
    const at = (offset: number): string => hex64(dmaAddress + BigInt(offset));
    assert.equal((await this.command(0x1, at(place.sba))).answer, 0);
    assert.equal((await this.command(0x2, at(place.ieq) + hex64(512n))).answer, 0);
    const fields = [at(place.dmb), hex32(dmbLength), hex32(bit), hex32(0), hex32(0), hex64(user)];
    const { answer, body } = await this.command(0xa, fields.join(''));
    assert.equal(answer, 0);
    return BigInt(`0x${body}`);
  }

  peekSba(): Promise<string> {
    return this.talk.ask(`peek 0x${place.sba.toString(16)} 4096`);
  }

  peekQueue(): Promise<string> {
    return this.talk.ask(`peek 0x${place.ieq.toString(16)} 512`);
  }

  async buffer(length = dmbLength): Promise<Buffer> {
    return Buffer.from(await this.talk.ask(`peek 0x${place.dmb.toString(16)} ${length}`), 'hex');
  }
}

/** Logs in to a guest and brings the program. */
export async function guestWithShell(setup: SetupContext, lab: Lab, number = 1): Promise<Guest> {
  const guest = await Guest.login(lab, 'root', number);
  await installProgram(setup, guest, 'vfioShell');
  return guest;
}

export { hex32, hex64 };

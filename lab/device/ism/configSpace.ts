/**
 * PCI configuration space of an ISM function as the lab shows it. Vendor, device and the meaning of BAR0 and BAR2 are
 * those of drivers/s390/net/ism_drv.c. Known differences to a real function: BAR4 with the MSI-X table exists because
 * QEMU's zPCI refuses functions without MSI-X; the class code 0 is unverified.
 */

export const vendorId = 0x1014;
export const deviceId = 0x04ed;
export const configSize = 256;

const commandAt = 0x04;
const statusHasCapabilities = 0x10;
const bar64Bit = 4n;
const capabilityMsix = 0x11;
const capabilityMsi = 0x05;
const msixAt = 0x40;
const msiAt = 0x50;
const msi64Bit = 0x80;
/** Offset of the pending bits in BAR4; bits 2..0 of these fields name the BAR. */
const msixPending = 0x800;
const msixBar = 4;

/** Configuration space with its write masks: bits that are not writable keep what they have. */
export class ConfigSpace {
  private readonly bytes = Buffer.alloc(configSize);
  private readonly writable = Buffer.alloc(configSize);

  /** @param bars size in bytes of each 64-bit memory BAR, by its number; sizes are powers of two */
  constructor(bars: Readonly<Record<number, bigint>>) {
    const { bytes, writable } = this;
    bytes.writeUInt16LE(vendorId, 0x00);
    bytes.writeUInt16LE(deviceId, 0x02);
    bytes.writeUInt16LE(statusHasCapabilities, 0x06);
    bytes.writeUInt16LE(vendorId, 0x2c);
    bytes.writeUInt16LE(deviceId, 0x2e);
    bytes[0x34] = msixAt;
    bytes[msixAt] = capabilityMsix;
    bytes[msixAt + 1] = msiAt;
    bytes.writeUInt32LE(msixBar, msixAt + 4);
    bytes.writeUInt32LE(msixPending | msixBar, msixAt + 8);
    bytes[msiAt] = capabilityMsi;
    bytes.writeUInt16LE(msi64Bit, msiAt + 2);
    writable.writeUInt16LE(0x0007 | 0x0400, commandAt); // command: I/O, memory, bus master, no INTx
    writable[0x3c] = 0xff; // interrupt line
    writable.writeUInt16LE(0xc000, msixAt + 2); // MSI-X enable, function mask
    writable.writeUInt16LE(0x0001, msiAt + 2); // MSI enable
    writable.fill(0xff, msiAt + 4, msiAt + 14); // MSI address and data
    for (const [bar, size] of Object.entries(bars)) {
      const at = 0x10 + Number(bar) * 4;
      bytes.writeBigUInt64LE(bar64Bit, at);
      writable.writeBigUInt64LE(BigInt.asUintN(64, ~(size - 1n)), at);
    }
  }

  /** Whether it takes accesses or may access memory by itself: command register, memory space and bus master. */
  get reachable(): boolean {
    return (this.bytes.readUInt16LE(commandAt) & 0x0006) !== 0;
  }

  read(offset: number, length: number): Buffer {
    return Buffer.from(this.bytes.subarray(offset, offset + length));
  }

  write(offset: number, data: Buffer): void {
    data.forEach((value, index) => {
      const mask = this.writable[offset + index] ?? 0;
      this.bytes[offset + index] = ((this.bytes[offset + index] ?? 0) & ~mask) | (value & mask);
    });
  }
}

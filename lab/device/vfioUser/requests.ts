import { configRegion, pciIrqs, pciRegions, type Device } from './device';
import {
  Command,
  commandName,
  Errno,
  highestCommand,
  maxTransfer,
  ProtocolError,
  type Message,
} from './wire';

/** What a request is answered with: a payload, or an error number. */
export type Answer = { readonly payload: Buffer } | { readonly errno: number };

/** VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI of include/uapi/linux/vfio.h. */
const deviceFlags = 3;

/** Carries out one command of the client on the device.
 * @throws ProtocolError for a command that no client of this protocol sends
 */
export function answer(device: Device, { command, payload }: Message): Answer {
  switch (command) {
    case Command.version:
      return version(payload);
    case Command.dmaMap:
      need(payload, 32, command);
      device.dmaMapped({ address: payload.readBigUInt64LE(16), size: payload.readBigUInt64LE(24) });
      return empty;
    case Command.dmaUnmap:
      need(payload, 24, command);
      device.dmaUnmapped({ address: payload.readBigUInt64LE(8), size: payload.readBigUInt64LE(16) });
      return { payload: Buffer.from(payload.subarray(0, 24)) };
    case Command.deviceGetInfo:
      return { payload: words(16, deviceFlags, pciRegions, pciIrqs) };
    case Command.deviceGetRegionInfo:
      return regionInfo(device, payload);
    case Command.deviceGetIrqInfo:
      return irqInfo(device, payload);
    case Command.deviceSetIrqs:
      // Interrupts travel as DMA writes to the MSI address, so event descriptors are not needed.
      need(payload, 20, command);
      return empty;
    case Command.regionRead:
      return regionRead(device, payload);
    case Command.regionWrite:
      return regionWrite(device, payload);
    case Command.deviceReset:
      device.reset();
      return empty;
    default:
      if (command < 1 || command > highestCommand) throw new ProtocolError(`unknown command ${command}`);
      return { errno: Errno.ENOTSUP };
  }
}

const empty: Answer = { payload: Buffer.alloc(0) };

/** Version: major u16, minor u16, capabilities as a zero-terminated JSON text. */
function version(payload: Buffer): Answer {
  need(payload, 4, Command.version);
  const major = payload.readUInt16LE(0);
  if (major !== 0) throw new ProtocolError(`protocol version ${major} is not 0`);
  const capabilities = { max_msg_fds: 8, max_data_xfer_size: maxTransfer, pgsizes: 4096 };
  const text = Buffer.from(`${JSON.stringify({ capabilities })}\0`);
  return { payload: Buffer.concat([Buffer.alloc(4), text]) };
}

/** struct vfio_region_info: argsz, flags, index, cap_offset, size u64, offset u64. */
function regionInfo(device: Device, payload: Buffer): Answer {
  need(payload, 32, Command.deviceGetRegionInfo);
  const index = payload.readUInt32LE(8);
  if (index >= pciRegions) return { errno: Errno.EINVAL };
  const region = device.regions[index] ?? { size: 0n, flags: 0 };
  const reply = Buffer.concat([words(32, region.flags, index, 0), Buffer.alloc(16)]);
  reply.writeBigUInt64LE(region.size, 16);
  return { payload: reply };
}

/** struct vfio_irq_info: argsz, flags, index, count. */
function irqInfo(device: Device, payload: Buffer): Answer {
  need(payload, 16, Command.deviceGetIrqInfo);
  const index = payload.readUInt32LE(8);
  if (index >= pciIrqs) return { errno: Errno.EINVAL };
  const interrupt = device.interrupts[index] ?? { count: 0, flags: 0 };
  return { payload: words(16, interrupt.flags, index, interrupt.count) };
}

interface Access {
  readonly offset: bigint;
  readonly region: number;
  readonly count: number;
}

/** Fields of a region access: offset u64, region u32, count u32; data follows in writes. */
function access(device: Device, payload: Buffer, command: number): Access {
  need(payload, 16, command);
  const offset = payload.readBigUInt64LE(0);
  const region = payload.readUInt32LE(8);
  const count = payload.readUInt32LE(12);
  if (count > maxTransfer) throw new ProtocolError(`${commandName(command)} of ${count} bytes is too long`);
  const size = device.regions[region]?.size ?? 0n;
  if (offset + BigInt(count) > size)
    throw new ProtocolError(
      `${commandName(command)} of ${count} bytes at 0x${offset.toString(16)} is outside region ${region}${
        region === configRegion ? ' (configuration space)' : ''
      }`,
    );
  return { offset, region, count };
}

function regionRead(device: Device, payload: Buffer): Answer {
  const { offset, region, count } = access(device, payload, Command.regionRead);
  const data = device.read(region, offset, count);
  return { payload: Buffer.concat([payload.subarray(0, 16), data]) };
}

function regionWrite(device: Device, payload: Buffer): Answer {
  const { offset, region, count } = access(device, payload, Command.regionWrite);
  if (payload.length !== 16 + count)
    throw new ProtocolError(`regionWrite announces ${count} bytes and carries ${payload.length - 16}`);
  device.write(region, offset, Buffer.from(payload.subarray(16)));
  return { payload: Buffer.from(payload.subarray(0, 16)) };
}

function need(payload: Buffer, length: number, command: number): void {
  if (payload.length < length)
    throw new ProtocolError(
      `${commandName(command)} carries ${payload.length} bytes where ${length} are needed`,
    );
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

/** What the protocol asks of a device, and what it offers to one. Numbers follow include/uapi/linux/vfio.h. */

/** VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE */
export const regionReadWrite = 3;

/** VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE */
export const irqEventfdNoResize = 9;

/** Regions and interrupts of a vfio-pci device: VFIO_PCI_NUM_REGIONS and VFIO_PCI_NUM_IRQS. */
export const pciRegions = 9;
export const pciIrqs = 5;

/** Region index of PCI configuration space: VFIO_PCI_CONFIG_REGION_INDEX. */
export const configRegion = 7;

export interface Region {
  /** Bytes; 0n for a region that the device does not have. */
  readonly size: bigint;
  readonly flags: number;
}

export interface Interrupt {
  readonly count: number;
  readonly flags: number;
}

/** A range of the guest's memory that the device may reach. Addresses are those of the device's side of the IOMMU. */
export interface DmaRange {
  readonly address: bigint;
  readonly size: bigint;
}

/** The machine at the other end of a connection: how a device reaches the guest's memory. */
export interface Client {
  /** Reads guest memory; rejects when the guest refuses or the connection ends. */
  dmaRead(address: bigint, length: number): Promise<Buffer>;
  /** Writes guest memory. A write to the MSI address is an interrupt. */
  dmaWrite(address: bigint, data: Buffer): Promise<void>;
}

/** A device that a vfio-user server puts on a socket. Accesses are checked against the regions before they come here. */
export interface Device {
  /** By region index; missing ones have no bytes. */
  readonly regions: Readonly<Record<number, Region>>;
  readonly interrupts: Readonly<Record<number, Interrupt>>;
  connected(client: Client): void;
  disconnected(): void;
  /** Returns exactly `length` bytes in the order of ascending addresses. */
  read(region: number, offset: bigint, length: number): Buffer;
  /** Takes bytes in the order of ascending addresses; the buffer is the device's to keep. */
  write(region: number, offset: bigint, data: Buffer): void;
  reset(): void;
  dmaMapped(range: DmaRange): void;
  dmaUnmapped(range: DmaRange): void;
}

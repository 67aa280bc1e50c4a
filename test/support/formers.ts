/** Where a DriverSwitch of a test remembers the drivers before. */
import type { FormerStore } from '../../client/hosts/driverSwitch';
import type { FormerDriver } from '../../protocol/helper';

export const forgetful: FormerStore = { get: () => undefined, set: () => Promise.resolve() };

export const remembering = (formers = new Map<string, FormerDriver>()): FormerStore => ({
  get: (address) => formers.get(address),
  set: (address, former) =>
    Promise.resolve(former ? void formers.set(address, former) : void formers.delete(address)),
});

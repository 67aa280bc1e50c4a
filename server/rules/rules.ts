import { copyUserRawReturn } from './copyUserRawReturn';
import { drvdataBeforeRegister } from './drvdataBeforeRegister';
import { hardcodedRegionOffset } from './hardcodedRegionOffset';
import { irqLoopbackNullTrigger } from './irqLoopbackNullTrigger';
import { missingErrHandler } from './missingErrHandler';
import { mmapFlagWithoutMmapOp } from './mmapFlagWithoutMmapOp';
import { mmapWithoutFlag } from './mmapWithoutFlag';
import { opsRegionInfoDead } from './opsRegionInfoDead';
import { pcistbLengthPage } from './pcistbLengthPage';
import { regionEinvalTolerance } from './regionEinvalTolerance';
import { regionInfoArgsz } from './regionInfoArgsz';
import { regionInfoUnknownIndex } from './regionInfoUnknownIndex';
import { regionOffsetMacroMismatch } from './regionOffsetMacroMismatch';
import { regionOffsetTruncated } from './regionOffsetTruncated';
import { regionRwUnknownIndex } from './regionRwUnknownIndex';
import { regionTableIndexUnchecked } from './regionTableIndexUnchecked';
import { releasePairing } from './releasePairing';
import type { Rule } from './rule';
import { setIrqsUnvalidated } from './setIrqsUnvalidated';
import { shortIoIgnored } from './shortIoIgnored';
import { signedRegionIndex } from './signedRegionIndex';
import { uncheckedVfioIoctl } from './uncheckedVfioIoctl';
import { unknownIoctlErrno } from './unknownIoctlErrno';
import { useAfterVfioPut } from './useAfterVfioPut';
import { usercopyWhitelist } from './usercopyWhitelist';
import { vfioDeviceLeak } from './vfioDeviceLeak';
import { zpciLoadPartialCopy } from './zpciLoadPartialCopy';
import { zpciMioAccess } from './zpciMioAccess';
import { zpciReturnIgnored } from './zpciReturnIgnored';

/** All rules, in the order of their value. A new one is a file, its page beside it, and a line here. */
export const rules: readonly Rule[] = [
  regionInfoUnknownIndex,
  regionOffsetMacroMismatch,
  regionRwUnknownIndex,
  pcistbLengthPage,
  zpciMioAccess,
  copyUserRawReturn,
  regionTableIndexUnchecked,
  irqLoopbackNullTrigger,
  setIrqsUnvalidated,
  vfioDeviceLeak,
  useAfterVfioPut,
  usercopyWhitelist,
  zpciLoadPartialCopy,
  zpciReturnIgnored,
  missingErrHandler,
  releasePairing,
  mmapFlagWithoutMmapOp,
  signedRegionIndex,
  opsRegionInfoDead,
  drvdataBeforeRegister,
  unknownIoctlErrno,
  hardcodedRegionOffset,
  regionInfoArgsz,
  uncheckedVfioIoctl,
  regionEinvalTolerance,
  shortIoIgnored,
  mmapWithoutFlag,
  regionOffsetTruncated,
];

import { copyUserRawReturn } from './copyUserRawReturn';
import { drvdataBeforeRegister } from './drvdataBeforeRegister';
import { groupNotViable } from './groupNotViable';
import { hardcodedNumRegions } from './hardcodedNumRegions';
import { hardcodedRegionOffset } from './hardcodedRegionOffset';
import { irqLoopbackNullTrigger } from './irqLoopbackNullTrigger';
import { ismWriteLimits } from './ismWriteLimits';
import { macroArgParens } from './macroArgParens';
import { migrationWriteOffset } from './migrationWriteOffset';
import { missingErrHandler } from './missingErrHandler';
import { mmapFlagWithoutMmapOp } from './mmapFlagWithoutMmapOp';
import { mmapWithoutFlag } from './mmapWithoutFlag';
import { opsRegionInfoDead } from './opsRegionInfoDead';
import { pcistbBufferAlignment } from './pcistbBufferAlignment';
import { pcistbLengthPage } from './pcistbLengthPage';
import { perDeviceStateInGlobal } from './perDeviceStateInGlobal';
import { regionAccessBounds } from './regionAccessBounds';
import { regionEinvalTolerance } from './regionEinvalTolerance';
import { regionIndexNospec } from './regionIndexNospec';
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
  regionAccessBounds,
  irqLoopbackNullTrigger,
  setIrqsUnvalidated,
  vfioDeviceLeak,
  useAfterVfioPut,
  usercopyWhitelist,
  pcistbBufferAlignment,
  zpciLoadPartialCopy,
  zpciReturnIgnored,
  missingErrHandler,
  perDeviceStateInGlobal,
  releasePairing,
  mmapFlagWithoutMmapOp,
  signedRegionIndex,
  migrationWriteOffset,
  regionIndexNospec,
  opsRegionInfoDead,
  drvdataBeforeRegister,
  unknownIoctlErrno,
  macroArgParens,
  hardcodedRegionOffset,
  regionInfoArgsz,
  uncheckedVfioIoctl,
  regionEinvalTolerance,
  ismWriteLimits,
  shortIoIgnored,
  mmapWithoutFlag,
  groupNotViable,
  regionOffsetTruncated,
  hardcodedNumRegions,
];

/** Sizes of buffers (DMBs) in bytes, apart from the schemas so that the client's first bundle stays small. */
import { LIMITS } from './helperLimits';

/** Buffers are whole pages. */
export const DMB_PAGE = LIMITS.dmbPage;
/** The largest that the helper registers. */
export const MAX_DMB_SIZE = LIMITS.dmbSizeMax;

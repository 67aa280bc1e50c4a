/** Sizes of buffers (DMBs) in bytes, apart from the schemas so that the client's first bundle stays small. */

/** Buffers are whole pages. */
export const DMB_PAGE = 4096;
/** The largest that the helper registers (helper/dmb/dmb.h). */
export const MAX_DMB_SIZE = 65536;

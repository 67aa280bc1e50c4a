/**
 * The label that a statement jumps to where lines may be missing. No function has it, so that the analysis takes whatever
 * comes over this place for unknown, and what does not come over it for known.
 */
export const hiddenLabel = 'ism_lint_hidden_lines';

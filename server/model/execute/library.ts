/** What the walk has to know of functions and macros that no driver defines. */
export type LibraryCall =
  /** Gives its n-th argument back. */
  | { readonly kind: 'identity'; readonly argument: number }
  /** Does nothing to the answer and returns something. */
  | { readonly kind: 'harmless' }
  | { readonly kind: 'minimum' | 'maximum'; readonly first: number }
  | { readonly kind: 'fromUser'; readonly to: number; readonly from: number }
  | { readonly kind: 'duplicateUser'; readonly from: number }
  | { readonly kind: 'getUser' }
  | { readonly kind: 'toUser' }
  | { readonly kind: 'setMemory' | 'copyMemory' }
  | { readonly kind: 'isError' | 'isErrorOrNull' | 'errorOrZero' }
  | { readonly kind: 'bit' }
  /** Never comes back. */
  | { readonly kind: 'noReturn' };

const identity = (argument = 0): LibraryCall => ({ kind: 'identity', argument });
const harmless: LibraryCall = { kind: 'harmless' };

const calls = new Map<string, LibraryCall>([
  ['READ_ONCE', identity()],
  ['likely', identity()],
  ['unlikely', identity()],
  ['__builtin_expect', identity()],
  ['array_index_nospec', identity()],
  ['barrier_nospec', harmless],
  ['ERR_PTR', identity()],
  ['PTR_ERR', identity()],
  ['ERR_CAST', identity()],
  ['WARN_ON', identity()],
  ['WARN_ON_ONCE', identity()],
  ['WARN', identity()],
  ['WARN_ONCE', identity()],
  ['u64_to_user_ptr', identity()],
  ['cpu_to_le32', identity()],
  ['le32_to_cpu', identity()],
  ['dev_err_probe', identity(1)],
  ['BIT', { kind: 'bit' }],
  ['BIT_ULL', { kind: 'bit' }],
  ['min', { kind: 'minimum', first: 0 }],
  ['max', { kind: 'maximum', first: 0 }],
  ['min_t', { kind: 'minimum', first: 1 }],
  ['max_t', { kind: 'maximum', first: 1 }],
  ['copy_from_user', { kind: 'fromUser', to: 0, from: 1 }],
  ['__copy_from_user', { kind: 'fromUser', to: 0, from: 1 }],
  ['copy_struct_from_user', { kind: 'fromUser', to: 0, from: 2 }],
  ['memdup_user', { kind: 'duplicateUser', from: 0 }],
  ['vmemdup_user', { kind: 'duplicateUser', from: 0 }],
  ['get_user', { kind: 'getUser' }],
  ['__get_user', { kind: 'getUser' }],
  ['copy_to_user', { kind: 'toUser' }],
  ['__copy_to_user', { kind: 'toUser' }],
  ['put_user', { kind: 'toUser' }],
  ['memset', { kind: 'setMemory' }],
  ['memcpy', { kind: 'copyMemory' }],
  ['memmove', { kind: 'copyMemory' }],
  ['IS_ERR', { kind: 'isError' }],
  ['IS_ERR_VALUE', { kind: 'isError' }],
  ['IS_ERR_OR_NULL', { kind: 'isErrorOrNull' }],
  ['PTR_ERR_OR_ZERO', { kind: 'errorOrZero' }],
  ['BUG', { kind: 'noReturn' }],
  ['panic', { kind: 'noReturn' }],
  ['unreachable', { kind: 'noReturn' }],
]);

/**
 * Functions and macros that may see the region info and still cannot answer for the core, and macros in capitals that
 * do not return: printing, tracing, assertions, memory, locks, capabilities.
 */
const harmlessNames =
  /^(pr_\w+|dev_\w+|pci_(err|warn|info|dbg|notice|emerg)\w*|netdev_\w+|printk\w*|_printk|trace_\w+|lockdep_\w+|might_\w+|kfree\w*|kvfree\w*|vfree|vfio_info_\w+|sizeof\w*|memcmp|memchr_inv|[A-Z_]*ASSERT[A-Z_]*|BUILD_BUG_\w+|BUG_ON|VM_\w+|IS_ENABLED|IS_ALIGNED|ARRAY_SIZE|PAGE_ALIGN\w*|ALIGN\w*|ROUND_UP|DIV_ROUND_\w+|ZPCI_\w+|VFIO_\w+_(INDEX|OFFSET)\w*|BIT\w*|GENMASK\w*|FIELD_\w+|LIST_HEAD|DEFINE_\w+|DECLARE_\w+|INIT_\w+|WRITE_ONCE|MLX5_\w+|PCI_\w+|ACCESS_\w+|CLASS|QM_\w+)$/;

/** What is known of a function or macro by its name alone. */
export function libraryCall(name: string): LibraryCall | undefined {
  return calls.get(name) ?? (harmlessNames.test(name) ? harmless : undefined);
}

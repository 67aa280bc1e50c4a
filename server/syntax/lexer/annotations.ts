/**
 * The kernel's annotations that stand where C has no place for a word. They say nothing about control flow, so the
 * rewrite turns them into white space. Sources: include/linux/compiler_types.h, compiler_attributes.h, init.h,
 * linkage.h, cache.h.
 */
export const plainAnnotations =
  '__user __kernel __iomem __percpu __rcu __force __nocast __safe __private __bitwise __chk_user_ptr ' +
  '__init __exit __initdata __exitdata __initconst __exitconst __devinit __devexit __devinitdata __devinitconst ' +
  '__meminit __memexit __ref __refdata __refconst __net_init __net_exit __net_initdata __read_mostly ' +
  '__ro_after_init __always_unused __maybe_unused __must_check __used __unused __weak __pure __cold __hot ' +
  '__packed __noreturn __malloc __visible __deprecated __always_inline __inline __inline__ noinline ' +
  'noinline_for_stack __no_sanitize_address __no_kasan_or_inline __no_kcsan __no_kmsan_checks __noclone ' +
  '__flatten __attribute_const__ __cacheline_aligned __cacheline_aligned_in_smp ____cacheline_aligned ' +
  '____cacheline_aligned_in_smp ____cacheline_internodealigned_in_smp __page_aligned_data __page_aligned_bss ' +
  '__randomize_layout __designated_init __latent_entropy __rcu_free __nonstring __nonnull __ksym __bpf_kfunc ' +
  '__cpuidle __sched __lockfunc __kprobes __notrace_funcgraph notrace asmlinkage __irq_entry __entry_text ' +
  '__uninitialized __counted_by_ptr __no_randomize_layout __extension__ __restrict __restrict__ ' +
  '__amode31 __bootdata __section_init __disable_sanitizer_instrumentation __function_aligned __mode_di ' +
  '__lbound __softirq_entry __exception __no_stack_protector __noendbr __ibt_noseal __signed__';

/** Annotations that take arguments; `__attribute__` and its like always carry parentheses. */
export const annotationsWithArguments =
  '__attribute__ __attribute __printf __scanf __aligned __section __acquires __releases __must_hold ' +
  '__acquires_shared __releases_shared __must_hold_shared __cond_acquires __cond_releases __guarded_by ' +
  '__pt_guarded_by __counted_by __counted_by_le __counted_by_be __sized_by __free __cleanup __alloc_size ' +
  '__assume_aligned __alias __no_sanitize __mode __realloc_size __declspec __diagnose_as __overloadable ' +
  '__access __nonnull_args __bootdata_preserved __initcall_attr __compiletime_error __compiletime_warning ' +
  '__class_lock __no_context_analysis_for __excludes __alignas __target';

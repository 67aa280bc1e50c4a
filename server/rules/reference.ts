import type { Rule } from './rule';

/** Rules of the catalogue that are left out, because they could not be made exact enough, and why. */
const leftOut: readonly (readonly [string, string])[] = [
  [
    'region-access-bounds',
    'a bound that a caller, a clamp or the type of the region gives cannot be told from a missing one yet',
  ],
  [
    'pcistb-buffer-alignment',
    'a buffer of kzalloc() has the same weakness in theory and was never criticised',
  ],
  [
    'per-device-state-in-global',
    'most globals of drivers are meant, and nothing in the code says which are not',
  ],
  ['migration-write-offset', 'loops that move the position along look like the mistake'],
  ['region-index-nospec', 'platform, cdx and fsl-mc would be reported, and nobody has asked them for it'],
  ['macro-arg-parens', 'checkpatch --strict has it'],
  [
    'missing-argsz-check',
    'no violation was found in Linux 3.6 to 7.3, and newer kernels check it in the core',
  ],
  ['ism-write-limits', 'nothing tells a program for ISM from another one'],
  ['group-not-viable', 'the order is that of a whole program; helpers in several files give false alarms'],
  ['hardcoded-num-regions', 'imagined; no program was found that it would help'],
];

/** The reference of all rules in Markdown, which lies beside them as README.md. */
export function reference(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, severity, title, fixes }) => `| [${id}](${id}.md) | ${severity} | ${title} | ${fixes ?? ''} |`,
  );
  return [
    '# Rules',
    '',
    'Generated from the rules and their pages; `npm test` says when it is not current.',
    '',
    '| rule | severity | what holds | fix |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Left out',
    '',
    'A rule that cannot be made exact enough is not in the default set: a false alarm costs more than a miss.',
    '',
    '| rule | why |',
    '| --- | --- |',
    ...leftOut.map(([id, why]) => `| ${id} | ${why} |`),
    '',
  ].join('\n');
}

import type { Rule } from './rule';

/** Checks of the catalogue that are no rules, because they would report nothing or could not know, and why. */
const leftOut: readonly (readonly [string, string])[] = [
  [
    'missing-argsz-check',
    'no violation was found in Linux 3.6 to 7.3, and newer kernels check it in the core',
  ],
  [
    'bar-access-without-runtime-pm',
    'ism_vfio_pci_rw() would be reported, and nobody has said that it is a mistake on s390',
  ],
];

/** The reference of all rules in Markdown, which lies beside them as README.md. */
export function reference(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, severity, title, fixes, offByDefault }) =>
      `| [${id}](${id}.md) | ${severity}${offByDefault ? ', off' : ''} | ${title} | ${fixes ?? ''} |`,
  );
  const off = rules.flatMap(({ id, offByDefault }) => (offByDefault ? [`| ${id} | ${offByDefault} |`] : []));
  return [
    '# Rules',
    '',
    'Generated from the rules and their pages; `npm test` says when it is not current.',
    '',
    '| rule | severity | what holds | fix |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Off by default',
    '',
    'A false alarm costs more than a miss: a rule that finds what nobody wants to mend runs only when it is asked for, with',
    '`--rule` and its name or with `--all-rules`.',
    '',
    '| rule | why |',
    '| --- | --- |',
    ...off,
    '',
    '## Left out',
    '',
    '| rule | why |',
    '| --- | --- |',
    ...leftOut.map(([id, why]) => `| ${id} | ${why} |`),
    '',
  ].join('\n');
}

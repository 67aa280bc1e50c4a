import type { Rule } from './rule';

/** Checks that were considered and left out: they would report nothing, or could not be certain. */
const leftOut: readonly (readonly [string, string])[] = [
  [
    'missing-argsz-check',
    'no violation was found in Linux 3.6 to 7.3, and newer kernels check it in the core',
  ],
  [
    'bar-access-without-runtime-pm',
    'it would report ism_vfio_pci_rw(), which is not known to be wrong on s390',
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
    'Generated from the rules by `npm run update-reference`; `npm test` fails when it is out of date.',
    '',
    '| rule | severity | requirement | fix |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Off by default',
    '',
    'A false alarm costs more than a miss. A rule whose findings are not worth fixing runs only on request: `--rule NAME` or',
    '`--all-rules`.',
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

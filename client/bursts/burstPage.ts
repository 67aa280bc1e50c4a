/** What one burst measured, or two beside each other, as a page: the plot, and the same in a table for who cannot see it. */
import { duration } from './bins';
import { titleOf, type BurstRun } from './burstRun';
import { plot } from './plot';

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0) ?? 63};`);

/** A figure of a run: how it is written, and its number where two can be compared. */
interface Row {
  readonly name: string;
  readonly of: (run: BurstRun) => { readonly text: string; readonly value?: number };
}

const LATENCIES = [
  ['min', () => 'fastest'],
  ['p50', () => 'half are faster than (p50)'],
  ['p90', () => '90 % are faster than (p90)'],
  ['p99', () => '99 % are faster than (p99)'],
  ['p999', () => '99.9 % are faster than (p99.9)'],
  ['max', () => 'slowest'],
] as const;

const number = (value: number): string => Math.round(value).toLocaleString('en-US');

function rows(): Row[] {
  const text = (name: string, of: (run: BurstRun) => string): Row => ({
    name,
    of: (run) => ({ text: of(run) }),
  });
  return [
    text('when', (run) => new Date(run.time).toLocaleString()),
    text('where', (run) => `${run.host}, ${run.function}, FID ${run.fid ?? '?'}`),
    text('offset of the first, step', (run) => `BAR${run.region} ${run.offset}, ${run.step}`),
    text('bytes of a store', (run) => number(run.length)),
    text(
      'sent, of them failed',
      ({ count, result }) => `${number(result.sent)} / ${number(count)}, ${number(result.failed)}`,
    ),
    text('ended by', ({ result }) => endWords(result.ended)),
    {
      name: 'stores a second',
      of: ({ result }) => ({ text: number(result.storesPerSecond), value: result.storesPerSecond }),
    },
    {
      name: 'MB a second',
      of: ({ result }) => {
        const value = result.durationNs > 0 ? (result.bytes / result.durationNs) * 1000 : 0;
        return { text: value.toFixed(2), value };
      },
    },
    ...LATENCIES.map(([key, words]): Row => ({
      name: words(),
      of: ({ result }) => {
        const value = result.latencyNs?.[key];
        return value === undefined ? { text: '–' } : { text: duration(value), value };
      },
    })),
  ];
}

function endWords(ended: BurstRun['result']['ended']): string {
  switch (ended) {
    case 'count':
      return 'all were sent';
    case 'error':
      return 'a failed store';
    case 'stop':
      return 'somebody stopped it';
    case 'input':
      return 'the session ended';
  }
}

/** Columns: one for a run; for two, also how the second compares with the first. */
function table(runs: readonly BurstRun[]): string {
  const heads = runs.length > 1 ? ['A', 'B', 'B against A'] : ['Burst'];
  const cell = (text: string): string => `<td>${escaped(text)}</td>`;
  const lines = rows().map(({ name, of }) => {
    const cells = runs.map(of);
    const [a, b] = cells;
    const ratio = a?.value && b?.value !== undefined ? `× ${(b.value / a.value).toFixed(3)}` : '';
    return `<tr><th scope="row">${escaped(name)}</th>${cells.map(({ text }) => cell(text)).join('')}${runs.length > 1 ? cell(ratio) : ''}</tr>`;
  });
  return `<table><caption>${escaped('The same in figures, measured on the host')}</caption><thead><tr><td></td>${heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

/** Of the theme's chart colours only blue is seen in all themes: orange is next to nothing on high contrast. */
const STYLE = `
body { padding: 0 24px 24px; max-width: 900px; font-family: var(--vscode-font-family); color: var(--vscode-foreground); }
h1 { font-size: 1.3em; font-weight: 600; }
svg { width: 100%; height: auto; }
svg text { fill: var(--vscode-foreground); font-size: 12px; }
.grid { stroke: var(--vscode-foreground); stroke-opacity: .15; }
.axis, .tick { stroke: var(--vscode-foreground); }
.first rect { fill: var(--vscode-charts-blue); }
.two .first rect { fill-opacity: .5; }
.second polyline { fill: none; stroke: var(--vscode-foreground); stroke-width: 2; stroke-dasharray: 5 3; }
.percentile { stroke: var(--vscode-foreground); stroke-width: 1; stroke-dasharray: 2 3; }
.two .percentile.first { stroke: var(--vscode-charts-blue); }
.two .mark.first { fill: var(--vscode-charts-blue); }
.vscode-high-contrast .first rect { stroke: var(--vscode-contrastActiveBorder, var(--vscode-foreground)); stroke-width: .5; }
.legend { display: flex; gap: 24px; flex-wrap: wrap; }
.legend svg { width: 28px; height: 12px; margin-right: 8px; vertical-align: middle; }
table { border-collapse: collapse; margin-top: 16px; }
caption { text-align: left; padding-bottom: 6px; color: var(--vscode-descriptionForeground); }
th, td { text-align: left; padding: 3px 18px 3px 0; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-contrastBorder, transparent)); font-variant-numeric: tabular-nums; }
th[scope=row] { font-weight: normal; color: var(--vscode-descriptionForeground); }
.failure { border-left: 3px solid var(--vscode-errorForeground); padding-left: 10px; }
`;

function legend([a, b]: readonly BurstRun[]): string {
  if (!a || !b) return '';
  const entry = (sign: string, name: string, run: BurstRun): string =>
    `<span><svg viewBox="0 0 28 12" aria-hidden="true">${sign}</svg>${name}: ${escaped(titleOf(run))}</span>`;
  const bar = '<g class="first"><rect x="0" y="1" width="28" height="10"/></g>';
  const line = '<g class="second"><polyline points="0,6 28,6"/></g>';
  return `<p class="legend two">${entry(bar, 'A', a)}${entry(line, 'B', b)}</p>`;
}

/**
 * A page without scripts. Its style stands in it, so the policy allows that one style and nothing else.
 * @param runs one or two
 * @param nonce of the style
 */
export function burstPage(runs: readonly BurstRun[], nonce: string): string {
  const [first, second] = runs;
  const title = second ? 'Two bursts compared' : first ? titleOf(first) : '';
  const failures = runs.flatMap(({ result: { firstError: error } }) =>
    error
      ? [`Store ${error.index + 1}, at ${error.offset}, failed first: ${error.message} (${error.code}).`]
      : [],
  );
  const median = first?.result.latencyNs ? duration(first.result.latencyNs.p50) : '–';
  const picture = plot(runs, {
    label: escaped(`Latencies of the stores; half are faster than ${median}. The table has the figures.`),
    latency: escaped('time of a store'),
    stores: escaped('stores'),
  });
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<title>${escaped(title)}</title><style nonce="${nonce}">${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>${legend(runs)}
${failures.map((text) => `<p class="failure">${escaped(text)}</p>`).join('')}
${picture || `<p>${escaped('No store succeeded, so there is nothing to plot.')}</p>`}
${table(runs)}
</body></html>`;
}

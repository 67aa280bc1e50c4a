/** The latencies of one burst, or of two over each other, as SVG: colours are the theme's, and shapes tell the two apart as well. */
import { binsOf, duration, type Bin } from './bins';
import type { BurstRun } from './burstRun';

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 34;
const TOP = 30;
const BOTTOM = 46;

const x = (ratio: number): number => LEFT + ratio * (WIDTH - LEFT - RIGHT);
const y = (ratio: number): number => HEIGHT - BOTTOM - ratio * (HEIGHT - TOP - BOTTOM);
const round = (value: number): string => value.toFixed(1);

/** One store is seen beside a million: heights are logarithmic. */
function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : (Math.log10(count) + 0.35) / (Math.log10(Math.max(most, 1)) + 0.35);
}

function bars(bins: readonly Bin[], most: number): string {
  const step = (x(1) - x(0)) / bins.length;
  return bins
    .map(({ from, to, count }, at) =>
      count === 0
        ? ''
        : `<rect x="${round(x(0) + at * step + 0.5)}" y="${round(y(heightOf(count, most)))}" width="${round(Math.max(step - 1, 1))}" height="${round(y(0) - y(heightOf(count, most)))}"><title>${duration(from)} to ${duration(to)}: ${count}</title></rect>`,
    )
    .join('');
}

/** The outline of the second run, with dashes: it lies over the bars of the first. */
function outline(bins: readonly Bin[], most: number): string {
  const step = (x(1) - x(0)) / bins.length;
  const points = bins.flatMap(({ count }, at) => {
    const top = round(y(heightOf(count, most)));
    return [`${round(x(0) + at * step)},${top}`, `${round(x(0) + (at + 1) * step)},${top}`];
  });
  return `<polyline points="${round(x(0))},${round(y(0))} ${points.join(' ')} ${round(x(1))},${round(y(0))}"/>`;
}

function verticalAxis(most: number): string {
  const lines: string[] = [];
  for (let count = 1; count <= most; count *= 10) {
    const at = round(y(heightOf(count, most)));
    lines.push(
      `<line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${at}" y2="${at}"/><text class="number" x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${count.toLocaleString('en-US')}</text>`,
    );
  }
  return lines.join('');
}

/** Whole powers of ten with 2 and 5 between them, as many as there is room for. */
function horizontalAxis(bins: readonly Bin[]): string {
  const least = Math.log10(bins[0]?.from ?? 1);
  const most = Math.log10(bins.at(-1)?.to ?? 10);
  const marks: number[] = [];
  for (let decade = Math.floor(least); decade <= most; decade++)
    for (const digit of [1, 2, 5]) marks.push(digit * 10 ** decade);
  const shown = marks.filter((ns) => Math.log10(ns) >= least && Math.log10(ns) <= most);
  const few = shown.length > 14 ? shown.filter((ns) => Number.isInteger(Math.log10(ns))) : shown;
  return few
    .map((ns) => {
      const at = round(x((Math.log10(ns) - least) / (most - least)));
      return `<line class="tick" x1="${at}" x2="${at}" y1="${y(0)}" y2="${y(0) + 5}"/><text class="number" x="${at}" y="${y(0) + 19}" text-anchor="middle">${duration(ns).replace(/\.0+(?= )/, '')}</text>`;
    })
    .join('');
}

function percentiles(run: BurstRun, bins: readonly Bin[], className: string): string {
  const latency = run.result.latencyNs;
  if (!latency) return '';
  const least = Math.log10(bins[0]?.from ?? 1);
  const most = Math.log10(bins.at(-1)?.to ?? 10);
  return (['p50', 'p99'] as const)
    .map((name) => {
      const at = round(x(Math.min(1, (Math.log10(latency[name]) - least) / (most - least))));
      const mark = className === 'first' ? TOP - 6 : TOP - 18;
      return `<line class="percentile ${className}" x1="${at}" x2="${at}" y1="${mark + 3}" y2="${y(0)}"/><text class="mark ${className}" x="${at}" y="${mark}" text-anchor="middle">${name}</text>`;
    })
    .join('');
}

/**
 * @param runs one or two, of which the first is drawn as bars and the second as a dashed outline
 * @param words what stands at the axes and what a screen reader says instead of the picture
 * @returns an svg element without colours of its own; the page's style has them
 */
export function plot(
  runs: readonly BurstRun[],
  words: { readonly label: string; readonly latency: string; readonly stores: string },
): string {
  const [first = [], second] = binsOf(runs);
  if (first.length === 0) return '';
  const most = Math.max(...[first, second ?? []].flat().map(({ count }) => count));
  const [one, other] = runs;
  return [
    `<svg class="${second ? 'two' : 'one'}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words.label}">`,
    verticalAxis(most),
    `<g class="first">${bars(first, most)}</g>`,
    second ? `<g class="second">${outline(second, most)}</g>` : '',
    one ? percentiles(one, first, 'first') : '',
    other ? percentiles(other, first, 'second') : '',
    `<line class="axis" x1="${x(0)}" x2="${x(1)}" y1="${y(0)}" y2="${y(0)}"/>`,
    horizontalAxis(first),
    `<text class="title" x="${x(0.5)}" y="${HEIGHT - 6}" text-anchor="middle">${words.latency}</text>`,
    `<text class="title" transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">${words.stores}</text>`,
    '</svg>',
  ].join('');
}

import { counted } from './text';
import { inPatch, located, type RunResult } from './report';

/** The report as gcc prints its warnings, which every editor's quickfix list reads. */
export function gccReport(result: RunResult): string {
  const lines: string[] = [];
  for (const finding of result.findings) {
    const at = located(finding, result);
    if (at.function) lines.push(`${at.file}: In function '${at.function}':`);
    const severity = at.severity === 'info' ? 'note' : at.severity;
    lines.push(`${at.file}:${at.line}:${at.column}: ${severity}: ${at.message} [${at.rule}]${inPatch(at)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** How often each rule was broken, most often first. */
export function statistics(result: RunResult): string {
  const counts = new Map<string, number>();
  for (const { rule } of result.findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const rows = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  const total = `${String(result.findings.length).padStart(6)}  in ${counted(result.files, 'file')}\n`;
  return rows.map(([rule, count]) => `${String(count).padStart(6)}  ${rule}\n`).join('') + total;
}

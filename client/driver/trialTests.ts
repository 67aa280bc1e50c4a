/** A trial in the Testing view: a driver with its steps, so that one sees which failed and how long each took. */
import * as vscode from 'vscode';
import { regionName } from '../words/describe';
import type { AuditRow } from '../audit/regionAudit';
import type { DriverSource } from './driverSource';
import { isAsVfioPci, TRY_STEPS, type TryStep } from './tryDriver';
import { appendOutput, createTestItem, plainTestMessage } from '../sinks/rows';

const LABELS: Readonly<Record<TryStep, () => string>> = {
  build: () => 'Build',
  load: () => 'Unload, load, bind',
  audit: () => 'Region audit',
  scripts: () => 'Store scripts',
  log: () => "The kernel's log",
};

/** The item of a driver, made anew unless it is there. */
export function driverItem(controller: vscode.TestController, source: DriverSource): vscode.TestItem {
  const uri = vscode.Uri.file(source.folder);
  const item =
    controller.items.get(source.folder) ?? createTestItem(controller, source.folder, source.module, uri);
  item.description = vscode.workspace.asRelativePath(uri);
  item.children.replace(
    TRY_STEPS.map((step, index) => {
      const child = createTestItem(controller, step, LABELS[step](), uri);
      child.sortText = String(index);
      return child;
    }),
  );
  controller.items.add(item);
  return item;
}

/** Tells a run of the Testing view what becomes of a trial. */
export class TrialReporter {
  constructor(
    private readonly controller: vscode.TestController,
    private readonly run: vscode.TestRun,
    private readonly item: vscode.TestItem,
  ) {}

  output(text: string): void {
    appendOutput(this.run, text.replace(/\r?\n/g, '\r\n'));
  }

  start(step: TryStep): void {
    const child = this.item.children.get(step);
    if (child) this.run.started(child);
  }

  /** @param places where a failure is shown, each with its sentence */
  end(
    step: TryStep,
    why: string,
    ms: number,
    places: readonly (readonly [string, vscode.Location])[] = [],
  ): void {
    const child = this.item.children.get(step);
    if (!child) return;
    if (why === '') return this.run.passed(child, ms);
    const messages = places.map(([text, location]) => {
      const message = plainTestMessage(text);
      message.location = location;
      return message;
    });
    this.run.failed(child, messages.length > 0 ? messages : plainTestMessage(why), ms);
  }

  /** One test for each region index. @param refusing the line of source that refuses, when it is known */
  regions(rows: readonly AuditRow[], refusing: vscode.Location | undefined): void {
    const audit = this.item.children.get('audit');
    if (!audit) return;
    audit.children.replace(
      rows.map(({ answer: { index } }) => {
        const name = regionName(index);
        const child = createTestItem(this.controller, `region ${index}`, `${index} ${name}`, audit.uri);
        child.sortText = String(index).padStart(3, '0');
        return child;
      }),
    );
    for (const row of rows) {
      const child = audit.children.get(`region ${row.answer.index}`);
      if (!child) continue;
      child.description = row.verdict;
      if (isAsVfioPci(row)) {
        this.run.passed(child);
        continue;
      }
      const message = plainTestMessage(row.verdict);
      if (refusing) message.location = refusing;
      this.run.failed(child, message);
    }
  }

  /** Steps that were never begun. */
  skipRest(begun: ReadonlySet<TryStep>): void {
    this.item.children.forEach((child) => {
      if (!begun.has(child.id as TryStep)) this.run.skipped(child);
    });
  }
}

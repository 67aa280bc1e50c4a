import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The page of a rule as Markdown: beside the bundle, or in the source tree it was built from. */
export function pageText(rule: string, directory: string): string | undefined {
  const places = [path.join(directory, 'rules'), path.join(directory, '..', '..', 'server', 'rules')];
  const page = places.map((place) => path.join(place, `${rule}.md`)).find((each) => existsSync(each));
  return page && readFileSync(page, 'utf8');
}

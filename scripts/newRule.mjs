// `npm run new-rule NAME`: writes a rule that works, its page and its fixtures, and registers it. The example in them finds
// calls of a function that does not exist; every place to fill in says TODO, and `npm test` fails while one is left.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join('server', 'rules');
const registry = path.join(folder, 'rules.ts');

/** Ends the program with one sentence that says what is wrong and what to do. */
function fail(sentence) {
  console.error(`npm run new-rule: ${sentence}`);
  process.exit(2);
}

const rule = (name, constant) => `import { callsOf } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** TODO: say in one sentence what the rule reports. See ${name}.md. */
export const ${constant}: Rule = {
  id: '${name}',
  severity: 'warning',
  title: 'TODO: say what holds in correct code.',
  needs: 'function',
  *check({ project }, path) {
    if (project.isUserSpace(path)) return;
    // TODO: replace this example. It reports each call of todo_forbidden().
    for (const target of project.units(path, 'todo_forbidden'))
      for (const { call } of callsOf(target.flow, /^todo_forbidden$/))
        yield at(this, target, call, 'TODO: say what is wrong. Say what to do.');
  },
};
`;

const page = (name) => `# ${name}

**Warning.** TODO: say what the rule reports, in one or two sentences.

## Why

TODO: say what goes wrong, and cite the kernel file or the specification.

## Wrong

\`\`\`c
	todo_forbidden(foo);
\`\`\`

## Right

\`\`\`c
	foo_allowed(foo);
\`\`\`

## Suppressing it

\`\`\`c
/* ism-lint-ignore ${name}: TODO a reason */
\`\`\`

## Limits

TODO: say what the rule does not see, and where it stays silent because it cannot know.
`;

const fixture = (body) => `// SPDX-License-Identifier: MIT
//- include: device.h

static void foo_start(struct foo_device *foo)
{
	${body}
}
`;

/** Puts the rule into rules.ts: its import among the others in the order of the alphabet, and the rule behind the last one. */
function register(constant) {
  const lines = readFileSync(registry, 'utf8').split('\n');
  const line = `import { ${constant} } from './${constant}';`;
  const isImport = (each) => /^import \{ \w+ \} from '\.\/\w+';$/.test(each);
  const next = lines.findIndex((each) => isImport(each) && each > line);
  lines.splice(next < 0 ? lines.findLastIndex(isImport) + 1 : next, 0, line);
  const end = lines.lastIndexOf('];');
  if (end < 0) fail(`the end of the list of rules was not found in ${registry}.`);
  lines.splice(end, 0, `  ${constant},`);
  writeFileSync(registry, lines.join('\n'));
}

const [name = ''] = process.argv.slice(2);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(name))
  fail(`'${name}' is no name of a rule; give two or more words in lower case, such as region-info-argsz.`);
const constant = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const files = {
  [path.join(folder, `${constant}.ts`)]: rule(name, constant),
  [path.join(folder, `${name}.md`)]: page(name),
  [path.join(folder, 'fixtures', name, 'found', 'example.c')]: fixture(
    `todo_forbidden(foo); // expect: ${name} "todo_forbidden(foo)"`,
  ),
  [path.join(folder, 'fixtures', name, 'silent', 'example.c')]: fixture('foo_allowed(foo);'),
};
for (const file of Object.keys(files))
  if (existsSync(file)) fail(`${file} exists already; choose another name.`);
for (const [file, text] of Object.entries(files)) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${file}`);
}
register(constant);
console.log(`registered ${constant} in ${registry}

Next:
1. npm run update-expected -- -g ${name}
   The example works: this writes what it finds to fixtures/${name}/found/example.expected.
2. Replace each TODO in ${constant}.ts and ${name}.md, and the examples in fixtures/${name}/:
   code that the rule must find in found/, near misses that it must not find in silent/.
   Repeat step 1 until the fixtures pass, and read the .expected files aloud.
3. npm run update-reference
   This adds the rule to README.md, the configuration schema and the settings.
4. npm test -- unit server/rules
5. Add a way to break a real driver to mutationTable.ts, and justify each finding on the real
   kernels in realFindings.json: npm test -- integration mutations realFindings`);

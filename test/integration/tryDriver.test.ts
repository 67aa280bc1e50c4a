/** Try my driver against the simulated host: the real driver, its fix, mistakes in C, warnings of the kernel, modules that do not load. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readDescription } from '../../client/driver/description';
import { CancelledError } from '../../client/base/cancelled';
import { inspectModule } from '../../client/driver/swapModule';
import { isAsVfioPci } from '../../client/driver/tryDriver';
import { startLab, type Lab } from '../../lab/machine/api';
import { applyFixes } from '../../server/lint/fixes';
import { lint } from '../../server/commandLine/lintFiles';
import { DriverTrials } from '../support/driverTrials';
import { LabHost } from '../support/labHost';

const MODULE = 'ism_vfio_pci';

describe('trying a driver', function () {
  this.timeout(600_000);
  let lab: Lab;
  let person: LabHost;
  let trials: DriverTrials;
  before(async () => {
    lab = await startLab();
    person = new LabHost(lab);
    await person.host.connect();
    trials = new DriverTrials(
      process.env['ISM_LINUX_SOURCE'] ?? assert.fail('ISM_LINUX_SOURCE must name the Linux source.'),
      lab.driverBuildFile,
    );
  });
  after(async () => {
    trials?.end();
    person?.end();
    await lab?.stop();
  });
  afterEach(() => trials.save(trials.unchanged));

  const present = () => inspectModule(person.host, MODULE);
  /** Planted in front of the first statement of the function that answers for regions. */
  const planted = (statement: string): string =>
    trials.unchanged.replace(
      /(ism_vfio_pci_ioctl_get_region_info\([^{;]*\{[^}]*?\n)(\n|\tswitch)/,
      `$1\n\t${statement}\n$2`,
    );

  it('shows the indexes that the real driver refuses, and says nothing of the kernel', async () => {
    const trial = await trials.run(person);
    assert.deepEqual(
      [...trial.steps],
      [
        ['build', ''],
        ['load', ''],
        ['audit', '1 index is not answered as by vfio-pci: 6.'],
        ['scripts', ''],
        ['log', ''],
      ],
      trial.output,
    );
    assert.deepEqual(trial.reports, []);
    assert.deepEqual((await present()).bound, [{ address: lab.bdf, driver: MODULE }]);
    console.log(`      cold ${(trial.ms / 1000).toFixed(1)} s`);
  });

  it('is done again after a save', async () => {
    trials.save(`${trials.unchanged}\n/* touched */\n`);
    const trial = await trials.run(person);
    assert.equal(trial.steps.get('log'), '');
    console.log(`      warm ${(trial.ms / 1000).toFixed(1)} s`);
  });

  it('finds nothing once the offered fix is applied', async () => {
    const wasm = path.resolve('dist/server');
    const before = await lint([trials.file], wasm);
    const { texts } = applyFixes(before.findings, before.textOf, true);
    trials.save(texts.get(trials.file) ?? assert.fail('there is no fix'));
    const trial = await trials.run(person);
    assert.ok(trial.ok, JSON.stringify([...trial.steps]));
    assert.ok(trial.audit?.every(isAsVfioPci));
    assert.ok((trial.audit?.length ?? 0) > 9);
  });

  it('names a mistake at its line and column, and leaves the host alone', async () => {
    trials.save(planted('int wrong = no_such_name;'));
    const trial = await trials.run(person);
    assert.deepEqual([...trial.steps.keys()], ['build']);
    const error = trial.built?.messages.find(({ severity }) => severity === 'error');
    assert.deepEqual(
      [error?.file, error?.line, error?.column],
      [trials.file, trials.lineOf('no_such_name'), '\tint wrong = '.length + 1],
    );
    assert.match(error?.message ?? '', /'no_such_name' undeclared/);
    assert.equal((await present()).state.loaded, true);
  });

  it('names a symbol that no module has where the driver uses it', async () => {
    trials.save(planted('{ extern int no_such_function(void); no_such_function(); }'));
    const trial = await trials.run(person);
    const [error] = trial.built?.messages ?? [];
    assert.equal(error?.line, trials.lineOf('no_such_function'));
    assert.match(error?.message ?? '', /no_such_function.*undefined/);
  });

  it("puts the kernel's warning on the line that it names", async () => {
    trials.save(planted('WARN_ON(info->index == 2);'));
    const trial = await trials.run(person);
    assert.match(trial.steps.get('log') ?? '', /^The kernel complained: WARNING/, trial.output);
    const [placed] = trial.reports;
    assert.deepEqual(placed?.at, { file: trials.file, line: trials.lineOf('WARN_ON(info') }, trial.output);
    assert.equal(placed?.report.severity, 'warning');
    assert.deepEqual(
      new Set(placed?.frames.map(({ line }) => line).slice(0, 3)),
      new Set([placed?.at?.line]),
    );
  });

  it('brings the former module and its functions back when the new one does not start', async () => {
    trials.save(
      trials.unchanged.replace(/module_pci_driver\((\w+)\);/, (_, driver: string) =>
        [
          'static int __init refuse(void)',
          '{',
          `\t(void)&${driver};`,
          '\treturn -ENOMEM;',
          '}',
          'static void __exit leave(void)',
          '{',
          '}',
          'module_init(refuse);',
          'module_exit(leave);',
        ].join('\n'),
      ),
    );
    const trial = await trials.run(person);
    assert.match(
      trial.steps.get('load') ?? '',
      /cannot load the module: Cannot allocate memory.*loaded and bound again/,
      trial.output,
    );
    assert.deepEqual((await present()).bound, [{ address: lab.bdf, driver: MODULE }]);
    await person.host.open(lab.bdf);
  });

  it('stops where the person says no, with everything as it was', async () => {
    const trial = await trials.run(person, {
      agree: (step) => Promise.resolve(!step.startsWith('Load')),
    });
    assert.match(trial.steps.get('load') ?? '', /^Stopped before: Load the new module.*bound again/);
    await assert.rejects(trials.run(person, { confirm: () => Promise.resolve(false) }), CancelledError);
    assert.deepEqual((await present()).bound, [{ address: lab.bdf, driver: MODULE }]);
  });

  it('takes nothing from a program that has the function open', async () => {
    const other = new LabHost(lab);
    await other.host.connect();
    await person.host.close(lab.bdf);
    await other.host.open(lab.bdf);
    await assert.rejects(trials.run(person), /is open in another program \(ism-helper/);
    other.end();
  });

  it('loads nothing that was built for another kernel', async () => {
    const description = await readDescription(lab.driverBuildFile);
    await assert.rejects(
      trials.run(person, { description: { ...description, kernel: '6.1.0-other' } }),
      /runs Linux .*, but drivers are built for 6\.1\.0-other/,
    );
  });

  it('says which field of a description is wrong', async () => {
    const file = path.join(trials.root, 'description.json');
    const good = JSON.parse(readFileSync(lab.driverBuildFile, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...good, kernel: 7 }));
    await assert.rejects(readDescription(file), /the field 'kernel' cannot be used/);
  });
});

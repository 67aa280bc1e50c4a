import assert from 'node:assert/strict';
import { DriverSwitch } from '../../client/hosts/driverSwitch';
import { Host } from '../../client/hosts/host';
import type { Lab } from '../../lab/machine/api';
import type { FormerDriver } from '../../protocol/helper';
import { remembering } from './formers';
import { Sessions } from './person';

const helperFile =
  process.env['ISM_HELPER'] ?? assert.fail('ISM_HELPER is not set; run the tests with npm test');

/** A guest of a lab as the explorer has it, and how often it told that something changed. */
export class LabHost {
  readonly sessions = new Sessions();
  readonly formers = new Map<string, FormerDriver>();
  /** What the session's log would hold. */
  readonly report: string[] = [];
  readonly host: Host;
  readonly drivers: DriverSwitch;
  changes = 0;

  constructor(lab: Lab, guest = 1) {
    const destination = lab.guests[guest - 1]?.alias ?? lab.alias;
    this.host = new Host({ name: 'lab', destination }, () =>
      this.sessions.open({
        destination,
        helperFile,
        sshConfigFile: lab.sshConfigFile,
        report: (line) => this.report.push(line),
      }),
    );
    this.host.onDidChange(() => this.changes++);
    this.drivers = new DriverSwitch(this.host, remembering(this.formers));
  }

  /**
   * Waits until the list is as wanted, without asking the host for it.
   *
   * @returns milliseconds since `from`
   */
  async seen(wanted: (host: Host) => boolean, from: number, seconds = 10): Promise<number> {
    while (!wanted(this.host)) {
      if (performance.now() - from > seconds * 1000)
        assert.fail(`not seen in ${seconds} s: ${JSON.stringify(this.host.functions)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return performance.now() - from;
  }

  end(): void {
    this.host.disconnect();
    this.sessions.end();
  }
}

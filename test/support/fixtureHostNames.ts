/** What a test in the extension host knows of the hosts that fixtureHosts.ts starts beside it, without loading what starts them. */

/** Travels as JSON. */
export interface FixtureHost {
  /** As `ism.hosts` and the ssh_config name it. */
  readonly name: string;
  readonly addresses: readonly string[];
  /** The tree's /sys. */
  readonly sysfs: string;
  /** Holds the process id of the helper that was started last. */
  readonly helperPid: string;
}

export interface FixtureHosts {
  readonly sshConfigFile: string;
  readonly hosts: readonly FixtureHost[];
}

/** The environment variable that holds a FixtureHosts. */
export const FIXTURE_HOSTS = 'ISM_FIXTURE_HOSTS';

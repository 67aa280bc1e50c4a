import type { SetupContext } from '../../setup/context';
import { privateRoot, type PrivateRoot } from '../../setup/privateRoot';
import { labWorld } from '../../setup/worlds';

/** The guest's user land: a shell with the usual tools, an ssh server and SFTP, all for s390x. */
export function guestPackages(setup: SetupContext): Promise<PrivateRoot> {
  return privateRoot(setup, {
    name: 'guest',
    what: "the guest's programs",
    world: labWorld,
    recipe: 1,
    plan: () => ({
      packages: ['busybox-static:s390x', 'dropbear-bin:s390x', 'libc6:s390x'],
      // It needs the C library only; openssh-common, on which it depends, would pull in the whole client.
      alone: ['openssh-sftp-server:s390x'],
      without: ({ name }) => /^(libc-gconv-modules-extra|gcc-\d+-base|debconf)$/.test(name),
    }),
  });
}

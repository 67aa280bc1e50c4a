import { isDropped } from '../model/dropped';
import { callsOf } from '../model/paths';
import { at } from './report';
import type { Rule } from './rule';

/** Descriptors of a device, by their name; a file that is called `log_fd` or `out_fd` is none. */
const device = /dev|vfio|(^|[^\w])_?fd$/i;

/** A transfer to a device can be shorter than asked for. See short-io-ignored.md. */
export const shortIoIgnored: Rule = {
  id: 'short-io-ignored',
  severity: 'warning',
  title: 'The result of pread() or pwrite() on a device is compared with the size.',
  needs: 'function',
  *check({ project }, path) {
    if (!project.isUserSpace(path)) return;
    if (!project.mentions(path, 'linux/vfio.h') && project.units(path, 'VFIO_').length === 0) return;
    for (const target of ['pread', 'pwrite'].flatMap((word) => [...project.units(path, word)]))
      for (const { call, node, name } of callsOf(target.flow, /^p(read|write)(64)?$/))
        if (
          target.flow &&
          isDropped(target.flow, node, call) &&
          device.test(target.text.slice(call.args[0]?.start ?? 0, call.args[0]?.end ?? 0))
        )
          yield at(
            this,
            target,
            call,
            `The result of this ${name}() is ignored. vfio shortens a transfer at the end of the region and can refuse it. Compare the result with the requested size.`,
          );
  },
};

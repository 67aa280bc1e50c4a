import { spawnSync } from 'node:child_process';
import { findProgram } from './findProgram';

let available: boolean | undefined;
const setpriv = findProgram('setpriv');

/**
 * The command line that ties a program's life to this process: util-linux's setpriv asks the kernel to kill it when its
 * parent is gone (prctl(2), PR_SET_PDEATHSIG), even when that was killed outright. Without setpriv it is the command
 * itself.
 */
export function tethered(program: string, args: readonly string[]): { command: string; args: string[] } {
  available ??= setpriv !== undefined && spawnSync(setpriv, ['--pdeathsig', 'KILL', 'true']).status === 0;
  return available && setpriv !== undefined
    ? { command: setpriv, args: ['--pdeathsig', 'KILL', program, ...args] }
    : { command: program, args: [...args] };
}

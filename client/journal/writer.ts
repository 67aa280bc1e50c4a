/**
 * Who writes a note of the journal, so that others can tell whether that program is certainly gone. A process id alone
 * says nothing in a container, on another machine with the same home, or once it was given to another process.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** `alive` and `gone` are certain; `unknown` where this program cannot see the other. */
export type Liveness = 'alive' | 'gone' | 'unknown';

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

function attempt(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** The clock tick at which a process began, proc_pid_stat(5) field 22; empty where there is no /proc. */
function startOf(pid: number): string {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The program's name, in parentheses, may have blanks and parentheses of its own.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

const machine = (): string => short(attempt(() => readFileSync('/etc/machine-id', 'utf8')) || hostname());
const boot = (): string => short(attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')));
const namespace = (): string => short(attempt(() => readlinkSync('/proc/self/ns/pid')));

let own: string | undefined;

/** The name of this process for its notes: `PID.START.NAMESPACE.BOOT.MACHINE`, each part hex or decimal digits. */
export function ownWriter(): string {
  return (own ??= [process.pid, startOf(process.pid) || '0', namespace(), boot(), machine()].join('.'));
}

/** Whether the program of that name runs. @param writer as {@link ownWriter}, or a bare process id as older versions wrote it */
export function livenessOf(writer: string): Liveness {
  const [pidText = '', start, itsNamespace, itsBoot, itsMachine] = writer.split('.');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return 'unknown';
  if (start === undefined) return isRunning(pid) ? 'alive' : 'gone';
  if (itsMachine !== machine()) return 'unknown';
  if (itsBoot !== boot()) return 'gone';
  if (itsNamespace !== namespace()) return 'unknown';
  if (!isRunning(pid)) return 'gone';
  const now = startOf(pid);
  return start === '0' || now === '' || now === start ? 'alive' : 'gone';
}

/** A process that may not be signalled runs all the same (EPERM). */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

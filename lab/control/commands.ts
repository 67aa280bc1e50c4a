import type { LabFunction, LabGuest, StoreRecord } from '../machine/api';
import { faultKinds } from '../device/ism/faults';
import type { BufferInfo, FunctionInfo } from '../device/requests';
import { UsageError } from '../base/usageError';
import { askLab } from './client';
import type { ControlRequest } from './protocol';
import { storeLines } from './storeText';

type Ask = (request: ControlRequest) => Promise<unknown>;

interface ControlCommand {
  /** What stands after the name, for the list of commands. */
  readonly args: string;
  readonly help: string;
  /** Returns what to print. @throws UsageError when the arguments cannot be understood */
  run(ask: Ask, args: readonly string[]): Promise<string>;
}

const most = { stores: 100_000, guest: 8, count: 1_000_000, milliseconds: 600_000, dump: 4096 };

/** Reads a whole number in decimal or, with 0x, in hexadecimal. */
function number(what: string, text: string | undefined, least: number, greatest: number): number {
  const value = text !== undefined && /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= greatest))
    throw new UsageError(`${what} is a number from ${least} to ${greatest}, not '${text ?? ''}'.`);
  return value;
}

function functionName(text: string | undefined): string {
  if (text === undefined || !/^ism\d+$/.test(text))
    throw new UsageError(`'${text ?? ''}' is no name of a function; they are ism0, ism1 and so on.`);
  return text;
}

function expect(args: readonly string[], least: number, greatest: number): void {
  if (args.length < least || args.length > greatest)
    throw new UsageError(
      `This command takes ${least === greatest ? least : `${least} to ${greatest}`} arguments, not ${args.length}.`,
    );
}

function onFunction(op: 'kill' | 'stall' | 'resume'): ControlCommand['run'] {
  return async (ask, args) => {
    expect(args, 1, 1);
    const name = functionName(args[0]);
    const request = op === 'kill' ? { op, name } : { op: 'stall' as const, name, stalled: op === 'stall' };
    await ask({ kind: 'device', request });
    return '';
  };
}

async function functions(ask: Ask): Promise<string> {
  const { guests, functions: places } = (await ask({ kind: 'describe' })) as {
    guests: LabGuest[];
    functions: LabFunction[];
  };
  const infos = (await ask({ kind: 'device', request: { op: 'list' } })) as FunctionInfo[];
  const lines = places.map(({ name, guest, bdf, fid }) => {
    const info = infos.find((one) => one.name === name);
    const state = info?.connected ? `owns ${info.owned}, uses ${info.used} buffers` : 'gone';
    const fault = info?.fault ? `, fault: ${info.fault.kind} ${info.fault.count} times` : '';
    const alias = guests[guest - 1]?.alias ?? '';
    return `${name}  ${alias}  ${bdf}  FID 0x${fid.toString(16)}  GID ${info?.gid ?? '?'}  ${state}${fault}`;
  });
  return lines.join('\n');
}

async function buffers(ask: Ask): Promise<string> {
  const list = (await ask({ kind: 'device', request: { op: 'buffers' } })) as BufferInfo[];
  if (!list.length) return 'No buffer is registered.';
  return list
    .map(
      ({ token, owner, user, length, index, address }) =>
        `${token}  of ${owner} for ${user}  ${length} bytes at ${address}  bit ${index}`,
    )
    .join('\n');
}

async function dump(ask: Ask, args: readonly string[]): Promise<string> {
  expect(args, 1, 3);
  const [token = '', from = '0', count = '256'] = args;
  if (!/^0x[0-9a-f]+$/.test(token)) throw new UsageError(`'${token}' is no token; ctl buffers lists them.`);
  const offset = number('The offset', from, 0, 1 << 20);
  const length = number('The length', count, 1, most.dump);
  const hex = (await ask({ kind: 'device', request: { op: 'dump', token, offset, length } })) as string;
  const bytes = Buffer.from(hex, 'hex');
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const text = row.toString('latin1').replaceAll(/[^ -~]/g, '.');
    const columns = (row.toString('hex').match(/../g) ?? []).join(' ').padEnd(47);
    lines.push(`${(offset + at).toString(16).padStart(6, '0')}  ${columns}  ${text}`);
  }
  return lines.join('\n');
}

async function stores(ask: Ask, args: readonly string[]): Promise<string> {
  expect(args, 0, 1);
  const last = number('The number of stores', args[0] ?? '20', 1, most.stores);
  const records = (await ask({ kind: 'stores', last })) as StoreRecord[];
  return storeLines(records).join('\n');
}

async function fault(ask: Ask, args: readonly string[]): Promise<string> {
  expect(args, 2, 4);
  const name = functionName(args[0]);
  if (args[1] === 'none') {
    await ask({ kind: 'device', request: { op: 'fault', name, fault: null } });
    return '';
  }
  const kind = faultKinds.find((one) => one === args[1]);
  if (!kind)
    throw new UsageError(`'${args[1] ?? ''}' is no fault; they are ${faultKinds.join(', ')} and none.`);
  const count = number('How often', args[2] ?? '1', 1, most.count);
  const milliseconds = number('The milliseconds', args[3] ?? '3000', 1, most.milliseconds);
  await ask({ kind: 'device', request: { op: 'fault', name, fault: { kind, count, milliseconds } } });
  return '';
}

async function add(ask: Ask, args: readonly string[]): Promise<string> {
  expect(args, 0, 1);
  const guest = number('The guest', args[0] ?? '1', 1, most.guest);
  const { name, bdf } = (await ask({ kind: 'add', guest })) as LabFunction;
  return `${name} is ${bdf} in guest ${guest}.`;
}

async function network(ask: Ask, args: readonly string[]): Promise<string> {
  expect(args, 2, 2);
  const guest = number('The guest', args[0], 1, most.guest);
  if (args[1] !== 'up' && args[1] !== 'down')
    throw new UsageError(`A network is up or down, not '${args[1] ?? ''}'.`);
  await ask({ kind: 'network', guest, up: args[1] === 'up' });
  return '';
}

async function reboot(ask: Ask, args: readonly string[]): Promise<string> {
  expect(args, 0, 1);
  await ask({ kind: 'reboot', guest: number('The guest', args[0] ?? '1', 1, most.guest) });
  return '';
}

function without(run: (ask: Ask) => Promise<string>): ControlCommand['run'] {
  return (ask, args) => {
    expect(args, 0, 0);
    return run(ask);
  };
}

const commands: Readonly<Record<string, ControlCommand>> = {
  functions: { args: '', help: 'list the functions', run: without(functions) },
  buffers: { args: '', help: 'list the registered buffers (DMBs)', run: without(buffers) },
  dump: { args: 'TOKEN [OFFSET [LENGTH]]', help: 'show what a buffer holds', run: dump },
  stores: { args: '[N]', help: 'show the last N stores, 20 unless told, and what they mean', run: stores },
  add: { args: '[GUEST]', help: 'plug one more function into a guest', run: add },
  fault: {
    args: `FUNCTION ${[...faultKinds, 'none'].join('|')} [TIMES [MS]]`,
    help: 'spoil the next stores of a function (whole mode)',
    run: fault,
  },
  stall: {
    args: 'FUNCTION',
    help: 'let a function answer no more; its guest hangs on it',
    run: onFunction('stall'),
  },
  resume: { args: 'FUNCTION', help: 'end that', run: onFunction('resume') },
  kill: { args: 'FUNCTION', help: 'break a function; it reads as all ones', run: onFunction('kill') },
  network: { args: 'GUEST up|down', help: 'cut a guest off, or join it again', run: network },
  reboot: { args: '[GUEST]', help: 'reset a guest and wait until ssh answers', run: reboot },
};

/** One line for each command. */
export function controlHelp(): string {
  return Object.entries(commands)
    .map(([name, { args, help }]) => `  ctl ${`${name} ${args}`.padEnd(48)} ${help}`)
    .join('\n');
}

/** Carries out `ctl ...` on the running lab of a name and returns what to print. */
export async function control(lab: string, words: readonly string[]): Promise<string> {
  const [name = '', ...args] = words;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command)
    throw new UsageError(`'${name}' is no command of ctl; they are ${Object.keys(commands).join(', ')}.`);
  return command.run((request) => askLab(lab, request), args);
}

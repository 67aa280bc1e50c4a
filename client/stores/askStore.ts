/** Asking for the offset and the bytes of a store, with pre-flight and a preview while they are typed. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { readCapped } from '../../protocol/cappedFile';
import type { Region } from '../../protocol/helper';
import { regionName } from '../words/describe';
import { UserError } from '../base/userError';
import { hex, type Input } from '../../storescript/values/hexInput';
import { parseOffset } from '../../storescript/values/offsetExpression';
import { preflight, type StoreTarget } from '../../storescript/values/preflight';
import { dataForms, parseStoreData } from '../../storescript/values/storeData';
import { showInputBox } from '../sinks/dialogs';

/** ism-vfio-pci's own bound; a longer file is a mistake, whatever the function says. */
const LONGEST_FILE = 4096;
const PREVIEW_BYTES = 16;

export const storeTitle = (): string => 'Test Store';

/**
 * @param title of the box
 * @param given from a keybinding or task; then nothing is asked
 * @returns undefined when the person gave up
 * @throws UserError when `given` cannot be used
 */
export async function askOffset(
  title: string,
  region: Region,
  target: StoreTarget,
  given?: string,
): Promise<bigint | undefined> {
  const check = (text: string): string | undefined => {
    const offset = parseOffset(text);
    if (!offset.ok) return offset.why;
    // One byte is the shortest store: whatever is refused for it is wrong with the offset itself.
    return preflight(target, offset.value, 1).refusal?.text;
  };
  const text =
    given ??
    (await showInputBox({
      title: `${title}: ${regionName(region.index)}`,
      prompt: `Offset in the region, below ${region.size}: a number, an expression with + - * << | ( ), or token:0x… + idx<<24 + offset`,
      placeHolder: '0x0',
      ignoreFocusOut: true,
      validateInput: (value) => {
        if (value.trim() === '') return undefined;
        const why = check(value);
        if (why) return why;
        const offset = parseOffset(value);
        // What an expression comes to is shown, so that nobody has to trust our arithmetic.
        return offset.ok && /[^\w\s]|[kmgt]$/i.test(value.trim())
          ? { message: `= ${hex(offset.value)}`, severity: vscode.InputBoxValidationSeverity.Info }
          : undefined;
      },
    }));
  if (!text?.trim()) return undefined;
  const why = check(text);
  if (why) throw new UserError(why);
  const offset = parseOffset(text);
  return offset.ok ? offset.value : undefined;
}

/** As askOffset. @returns the bytes in memory order; those of a file as they are when the box is accepted */
export async function askData(
  title: string,
  region: Region,
  target: StoreTarget,
  offset: bigint,
  given?: string,
): Promise<Uint8Array | undefined> {
  const check = (text: string): Input<Uint8Array> => {
    const data = bytesOf(text);
    const refusal = data.ok ? preflight(target, offset, data.value.length).refusal?.text : undefined;
    return refusal === undefined ? data : { ok: false, why: refusal };
  };
  const text =
    given ??
    (await showInputBox({
      title: `${title}: ${regionName(region.index)} ${hex(offset)}`,
      prompt: dataForms(),
      placeHolder: '01 23 45 67 89 ab cd ef',
      ignoreFocusOut: true,
      validateInput: (value) => {
        if (value.trim() === '') return undefined;
        const data = check(value);
        if (!data.ok) return data.why;
        const message = preview(target, offset, data.value);
        return { message, severity: vscode.InputBoxValidationSeverity.Info };
      },
    }));
  if (!text?.trim()) return undefined;
  const data = check(text);
  if (!data.ok) throw new UserError(data.why);
  return data.value;
}

function bytesOf(text: string): Input<Uint8Array> {
  const source = parseStoreData(text);
  if (!source.ok) return source;
  return source.value.kind === 'bytes'
    ? { ok: true, value: source.value.bytes }
    : readStoreFile(source.value.path);
}

/** Relative paths count from the first folder of the workspace, `~/` from the home folder. */
function readStoreFile(name: string): Input<Uint8Array> {
  const base = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  const file = path.resolve(base, name.replace(/^~(?=\/)/, homedir()));
  const { bytes, unread } = readCapped(file, LONGEST_FILE);
  if (bytes) return { ok: true, value: Uint8Array.from(bytes) };
  if (unread.kind === 'too-large')
    return {
      ok: false,
      why: `${name} has more than the ${LONGEST_FILE} bytes that one store can take.`,
    };
  if (unread.kind !== 'system')
    return { ok: false, why: `${name} is no regular file; name one that holds the bytes.` };
  return { ok: false, why: `${name} cannot be read (${unread.code}); check the path.` };
}

/** How many bytes, the first of them, and what the function may not like. */
function preview(target: StoreTarget, offset: bigint, data: Uint8Array): string {
  const digits = Array.from(data.subarray(0, PREVIEW_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  const more = data.length > PREVIEW_BYTES ? ' …' : '';
  return [
    `${data.length} bytes: ${digits.join(' ') + more}`,
    ...preflight(target, offset, data.length).warnings,
  ].join('. ');
}

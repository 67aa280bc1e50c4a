/** How a client and the language server speak to each other, as the command line says it. */
const transport = /^--(stdio|node-ipc|(pipe|socket)(=.*)?)$/;

const usage = `usage: ism-language-server --stdio

Checks C code that uses or implements VFIO, and store scripts, for an editor that starts it.
  --stdio           speak the language server protocol on standard input and output
  --pipe=FILE, --socket=PORT, --node-ipc
                    speak it there
  --help            print this, and end
`;

/** What to print and end with instead of serving; undefined when the arguments say how to speak. */
export function refusal(
  args: readonly string[],
): { readonly text: string; readonly code: 0 | 2 } | undefined {
  if (args.some((arg) => arg === '--help' || arg === '-h')) return { text: usage, code: 0 };
  if (args.some((arg) => transport.test(arg))) return undefined;
  return {
    text: 'ism-language-server: it is started by an editor, which says how to speak to it; use --stdio, or --help.\n',
    code: 2,
  };
}

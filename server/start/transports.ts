/** How a client and the language server speak to each other, as the command line says it. */
const transport = /^--(stdio|node-ipc|(pipe|socket)(=.*)?)$/;

const usage = `usage: ism-language-server --stdio

Language server for C code that uses or implements VFIO, and for store scripts.
  --stdio           use standard input and output
  --pipe=FILE, --socket=PORT, --node-ipc
                    use this transport instead
  --help            print this help
`;

/** What to print and end with instead of serving; undefined when the arguments say how to speak. */
export function refusal(
  args: readonly string[],
): { readonly text: string; readonly code: 0 | 2 } | undefined {
  if (args.some((arg) => arg === '--help' || arg === '-h')) return { text: usage, code: 0 };
  if (args.some((arg) => transport.test(arg))) return undefined;
  return {
    text: 'ism-language-server: name a transport, for example --stdio. Editors start this program; --help lists the options.\n',
    code: 2,
  };
}

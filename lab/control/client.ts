import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { linesOf } from '../base/lines';
import { defaultCacheFolder } from '../../setup/context';
import { SetupError } from '../../setup/setupError';
import { withSocketPath } from '../base/socketPath';
import { controlSocket, type ControlReply, type ControlRequest } from './protocol';

/** Asks the running lab of a name. @throws SetupError when there is none, Error with the lab's own sentence */
export async function askLab(name: string, request: ControlRequest): Promise<unknown> {
  const folder = path.join(defaultCacheFolder(), 'labs', name);
  const none = new SetupError(`No lab named '${name}' is running; start one with npm run lab.`);
  if (!existsSync(path.join(folder, controlSocket))) throw none;
  const reply = await withSocketPath(
    folder,
    controlSocket,
    (socketPath) =>
      new Promise<ControlReply>((resolve, reject) => {
        const socket = connect(socketPath, () => socket.write(`${JSON.stringify(request)}\n`));
        socket.once('error', () => reject(none));
        socket.once('close', () => reject(new Error('The lab ended before it answered.')));
        linesOf(socket).once('line', (line) => resolve(JSON.parse(line) as ControlReply));
      }),
  );
  // The lab's answers are sentences for people.
  if ('error' in reply) throw new SetupError(reply.error);
  return reply.result;
}

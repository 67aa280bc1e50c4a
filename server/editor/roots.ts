import path from 'node:path';
import type { InitializeParams } from 'vscode-languageserver/node';
import { pathOfUri } from './linter';

/** The folders that a client works in: older ones and small ones know one root, as a URI or as a path. */
export function rootsOf({ workspaceFolders, rootUri, rootPath }: InitializeParams): string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : undefined);
  const paths = uris?.map(pathOfUri) ?? (rootPath ? [rootPath] : []);
  return paths.filter((each) => path.isAbsolute(each));
}

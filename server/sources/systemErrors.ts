const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a file system that is mounted read-only',
  ENOENT: 'it does not exist any more',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go round in circles',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'there is no space left',
  EMFILE: 'too many files are open',
  EAGAIN: 'it has nothing to read at the moment',
  EIO: 'the system reports an error of its device',
};

/** The code of a system's error. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

/** What the system has against a file by the name of its error, in words that fit behind a colon. */
export const wordsFor = (code: string): string => words[code] ?? code;

/** The same for an error that was thrown. */
export const reasonOf = (error: unknown): string => wordsFor(codeOf(error));

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'read-only file system',
  ENOENT: 'it no longer exists',
  ENOTDIR: 'part of its path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'no space left on the device',
  EMFILE: 'too many files are open',
  EAGAIN: 'nothing to read yet',
  EIO: 'I/O error',
};

/** The code of a system's error. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';

/** What the system has against a file by the name of its error, in words that fit behind a colon. */
export const wordsFor = (code: string): string => words[code] ?? code;

/** The same for an error that was thrown. */
export const reasonOf = (error: unknown): string => wordsFor(codeOf(error));

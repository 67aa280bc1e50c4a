/** One line of a patch file as its reader sees it: decoded, without its line end. */
export interface MailLine {
  readonly text: string;
  /** The line of the file it stands on, from 1; of a line that was put together, the first one. */
  readonly raw: number;
}

/** One mail of a mailbox, or the one thing that a file without mails is. */
export interface Message {
  /** Headers as people read them; undefined where there are none. */
  readonly from: string | undefined;
  readonly date: string | undefined;
  readonly subject: string | undefined;
  readonly lines: readonly MailLine[];
}

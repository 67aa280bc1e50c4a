/**
 * What people start by a command, a bundle of its own: activation registers the names, and the first command that is used
 * loads this.
 */
import type * as vscode from 'vscode';
import type { AuditDocuments } from '../audit/auditDocuments';
import type { DeviceTree } from '../explorer/deviceTree';
import type { Favourites } from '../explorer/favourites';
import type { Node } from '../choose/nodes';
import type { HostList } from '../hosts/hostList';
import type { Log } from '../sinks/log';
import type { StoreJournal } from '../journal/journal';
import type { JournalTree } from '../journal/journalTree';
import type { RegionDocuments } from '../stores/regionDocuments';
import { TestStore } from './testStore';
import { AuditCommands } from './auditCommands';
import { BindCommands } from './bindCommands';
import { ExplorerCommands } from './explorerCommands';
import { HostCommands } from './hostCommands';
import { JournalCommands } from './journalCommands';
import type { PlanDocuments } from './planDocuments';
import { RegionCommands } from './regionCommands';
import { WindowCommands } from './windowCommands';

export { showAcceptedKeys } from './acceptedKeys';

/** What activation has made and commands work on. */
export interface Parts {
  readonly hosts: HostList;
  readonly log: Log;
  readonly view: vscode.TreeView<Node>;
  readonly tree: DeviceTree;
  readonly favourites: Favourites;
  readonly journal: StoreJournal;
  readonly journalTree: JournalTree;
  readonly documents: RegionDocuments;
  readonly plans: PlanDocuments;
  readonly audits: AuditDocuments;
}

export class Palette {
  readonly host: HostCommands;
  readonly explorer: ExplorerCommands;
  readonly binding: BindCommands;
  readonly region: RegionCommands;
  readonly window: WindowCommands;
  readonly audit: AuditCommands;
  readonly testStore: TestStore;
  readonly journal: JournalCommands;

  constructor({ hosts, log, view, tree, favourites, ...parts }: Parts) {
    this.host = new HostCommands(hosts, view, tree);
    this.explorer = new ExplorerCommands(hosts, view, tree, favourites);
    this.binding = new BindCommands(hosts, log, parts.plans);
    this.region = new RegionCommands(hosts, view, parts.documents);
    this.window = new WindowCommands(parts.documents);
    this.audit = new AuditCommands(hosts, parts.audits);
    this.testStore = new TestStore(hosts, parts.journal);
    this.journal = new JournalCommands(parts.journal, parts.journalTree, this.testStore);
  }
}

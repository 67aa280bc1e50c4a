import { startLanguageServer } from './languageServer';
import { connect } from './start/connect';

// A client that has ended cannot be answered.
process.stdout.on('error', () => process.exit(1));
startLanguageServer(connect(), __dirname);

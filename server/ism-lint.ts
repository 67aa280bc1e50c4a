import { commandLine } from './commandLine/commandLine';

process.exitCode = 2;
void commandLine(process.argv.slice(2), __dirname).then((code) => (process.exitCode = code));

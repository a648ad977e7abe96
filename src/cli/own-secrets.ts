import { commandLineSecrets } from '../arguments/known-secrets.ts'
import { maskWords } from '../arguments/secrets.ts'

/** A key on the command line is nothing for everybody who lists the processes of this machine. */
export const hideCommandLine = (argv: readonly string[]): void => {
  const [command = ''] = argv
  if (commandLineSecrets(argv, {}).length > 0)
    process.title = command.startsWith('-') ? 'evalscope' : `evalscope ${command}`
}

/** Words of servers, plugins and our own bugs without what the command line and the environment hold of secrets. */
export const withoutOwnSecrets = (text: string): string =>
  maskWords(text, commandLineSecrets(process.argv.slice(2), process.env))

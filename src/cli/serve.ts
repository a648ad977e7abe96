import type { Command, Option } from 'commander'
import { ArgumentsError } from '../errors.ts'
import type { DataSource } from '../model/hub-file.ts'
// Light: what the flags and their defaults are. The server itself is loaded when it is to start.
import { defaultKnobs, type NumberKnob, numberKnobs, type SimulationKnobs } from '../server/knobs.ts'
import type { SimulatedServer, SimulatedServerOptions } from '../server/simulated.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

interface ServeOptions {
  readonly host: string
  readonly port: number
  readonly model: string
  readonly desync?: true
  readonly tokenizerPath?: string
  readonly dataSource: DataSource
  readonly explain?: true
}

/** Adds `evalscope serve`: the simulated OpenAI-compatible server, in the foreground. */
export const addServeCommand = (program: Command): void => {
  const command = program.command('serve').description('run a simulated LLM server whose true latencies are known')
  const port = command.createOption('--port <port>', 'port; 0 for a free one').argParser(parsePort).default(8801)
  const dataSource = command
    .createOption('--data-source <hub>', 'where a tokenizer that is given by its id comes from')
    .choices(['modelscope', 'huggingface', 'local'] satisfies DataSource[])
    .default('modelscope')
  command
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(port)
    .option('--model <id>', 'the one model of GET /v1/models', defaultKnobs.modelId)
    .option('--tokenizer-path <dir|id>', 'count prompt tokens with this tokenizer (default: 4 UTF-8 bytes a token)')
    .addOption(dataSource)
    .option('--explain', 'print the latencies that follow from the knobs and exit')
    .optionsGroup('Engine:')
    .option('--desync', "spread the tokens of the streams over the step, instead of all at the step's end")
  const knobOptions = numberKnobs.map(row => [row.knob, addKnob(command, row)] as const)
  command.action(async (options: ServeOptions) => {
    const values = command.opts<Record<string, number>>()
    const numbers = Object.fromEntries(knobOptions.map(([knob, option]) => [knob, values[option.attributeName()]]))
    const knobs: SimulationKnobs = {
      ...defaultKnobs,
      ...numbers,
      modelId: options.model,
      desync: options.desync ?? false,
    }
    if (options.explain) return printExplanation(knobs)
    await serve(knobs, options)
  })
}

const addKnob = (command: Command, row: NumberKnob): Option => {
  const option = command
    .createOption(`${row.flag} <${row.unit}>`, row.about)
    .default(defaultKnobs[row.knob])
    .argParser(text => parseNumber(row.flag, text, row.wanted, row.accepts))
  command.addOption(option)
  return option
}

const parsePort = (text: string): number =>
  parseNumber('--port', text, 'a port from 0 to 65535', port => Number.isInteger(port) && port >= 0 && port <= 65_535)

const parseNumber = (flag: string, text: string, wanted: string, accepts: (value: number) => boolean): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!accepts(value)) throw new ArgumentsError(`${flag} must be ${wanted}, got ${JSON.stringify(text)}`)
  return value
}

const printExplanation = async (knobs: SimulationKnobs): Promise<void> => {
  const { explain } = await import('../server/explain.ts')
  process.stdout.write(`${explain(knobs).join('\n')}\n`)
}

const serve = async (knobs: SimulationKnobs, options: ServeOptions): Promise<void> => {
  const { host, port } = options
  const tokenizer = await tokenizerOf(options)
  const server = await start({ knobs, host, port, tokenizer })
  process.stdout.write(`Simulated server "${knobs.modelId}" listens on ${server.url}/v1 (Ctrl-C ends it)\n`)
  await new Promise<unknown>(resolve => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  await server.close()
}

const tokenizerOf = async ({ tokenizerPath, dataSource }: ServeOptions): Promise<Tokenizer | undefined> => {
  if (tokenizerPath === undefined) return undefined
  const { hubAccess } = await import('../hub/access.ts')
  const { findTokenizer } = await import('../tokenizers/hub-tokenizer.ts')
  const { loadTokenizer } = await import('../tokenizers/index.ts')
  // Who stops the server ends the process; what has come of a download is kept.
  const { signal } = new AbortController()
  const directory = await findTokenizer(tokenizerPath, hubAccess(dataSource, process.env), { signal })
  if (directory !== tokenizerPath) process.stderr.write(`tokenizer ${tokenizerPath}: reads ${directory}\n`)
  return loadTokenizer(directory)
}

const start = async (options: SimulatedServerOptions): Promise<SimulatedServer> => {
  const { startSimulatedServer } = await import('../server/simulated.ts')
  try {
    return await startSimulatedServer(options)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    const where = `${options.host}:${options.port}`
    const reason =
      cause.code === 'EADDRINUSE' ? `${where} is in use` : `cannot listen on ${where} (${String(cause.code)})`
    throw new ArgumentsError(`${reason}; choose another with --port (0 for a free one) or --host`, { cause })
  }
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { bin, cleanEnvironment } from './cli.ts'

/** Whether this machine can give a program a terminal: `script` of util-linux, and /proc to look at processes. */
export const hasTerminal =
  existsSync('/proc/self/environ') && /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout)

/** The program in a terminal of its own. */
export interface Terminal {
  readonly child: ChildProcess
  /** Everything that came to the terminal, escape sequences included. */
  output(): string
  /** What is left on the screen, line by line, with no bound on its height. */
  screen(): string[]
  /** Presses Ctrl-C: the terminal signals the whole group. */
  interrupt(): void
  until(pattern: RegExp): Promise<void>
  /** Exit code of the program. */
  readonly finished: Promise<number | null>
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** Where the program is started. */
export interface TerminalOptions {
  readonly columns: number
  readonly directory: string
  readonly env?: Readonly<Record<string, string>>
  /** Takes the exit code as a shell sees it whose terminal is closed. */
  readonly codeFile?: string
}

/** Starts the program in a terminal of so many columns; 0 stands for one that does not tell. */
export const startInTerminal = (
  argv: readonly string[],
  { columns, directory, env = {}, codeFile }: TerminalOptions,
): Terminal => {
  const size = columns === 0 ? '' : `stty cols ${columns} rows 24; `
  const program = [process.execPath, bin, ...argv].map(quoted).join(' ')
  // As shells do it: what hangs up is handed on, and ends the first wait.
  const kept = `trap 'kill -HUP $p' HUP; ${program} & p=$!; wait $p; wait $p; echo $? > ${quoted(codeFile ?? '')}`
  const command = `${size}${codeFile === undefined ? `exec ${program}` : kept}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: directory,
    env: cleanEnvironment({ TERM: 'xterm', SHELL: '/bin/sh', ...env }),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
  })
  const finished = new Promise<number | null>(resolve =>
    child.once('close', code => {
      clearTimeout(timer)
      resolve(code)
    }),
  )
  return {
    child,
    output: () => output,
    screen: () => output.split('\n').map(line => line.replace(/\r+$/, '').split('\r\u001b[2K').at(-1) ?? ''),
    interrupt: () => child.stdin.write('\u0003'),
    until: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(output)) resolve()
        }
        child.stdout.on('data', look)
        child.once('close', () => reject(new Error(`ended without ${String(pattern)}:\n${output}`)))
        look()
      }),
    finished,
  }
}

/** Ids of the living processes that were started, at whatever remove, with this in their environment. */
export const processesWith = (name: string, value: string): number[] =>
  readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .filter(entry => environmentOf(entry).includes(`${name}=${value}`))
    .map(Number)

const environmentOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    // Gone meanwhile, or not ours.
    return []
  }
}

/** The command line of a process. */
export const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')

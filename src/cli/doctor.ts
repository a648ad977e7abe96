import type { Command } from 'commander'

/** What `evalscope doctor` is asked for. */
export interface DoctorOptions {
  readonly json?: true
  readonly quick?: true
}

/** Adds `evalscope doctor`: what this machine and this client add to what they measure. */
export const addDoctorCommand = (program: Command, run: (options: DoctorOptions) => Promise<void>): void => {
  program
    .command('doctor')
    .description("measure this machine's floor: what the client itself adds to TTFT and ITL (under 60 s)")
    .option('--json', 'print one JSON document instead of tables')
    .option('--quick', 'two small loads only, some 5 s; not kept for later runs')
    .action(run)
}

import { availableParallelism, cpus, hostname, loadavg } from 'node:os'
import { cpuQuotaCores, readTextFile } from '../../load/cpu-quota.ts'
import type { MachineFacts } from '../../model/machine-floor.ts'
import { versions } from '../../version.ts'
import { readMachineLimits } from '../machine-limits.ts'

/** What this machine is and allows, before anything is loaded; `sqliteDriver` is the one that stores runs. */
export const readMachine = async (sqliteDriver: string): Promise<MachineFacts> => {
  const { openFiles, openFilesInUse, localPorts, closedPortReuse } = readMachineLimits()
  return {
    hostname: hostname(),
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    cpuQuotaCores: cpuQuotaCores(readTextFile),
    loadAverage: loadavg()[0] ?? 0,
    openFiles,
    openFilesInUse,
    localPorts,
    closedPortReuse,
    versions: { ...(await versions()), sqlite: sqliteDriver },
  }
}

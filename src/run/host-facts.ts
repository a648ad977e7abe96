import { cpus, release, totalmem, type } from 'node:os'
import { cpuQuotaCores, type TextReader, usableCores } from '../load/cpu-quota.ts'
import type { JsonObject } from '../model/json.ts'

/**
 * The machine that a benchmark runs on: what may change its figures, and nothing that names it or its user. Results are
 * passed on.
 */
export const hostFacts = (readText: TextReader): JsonObject => {
  const cores = cpus()
  return {
    cpu: cores[0]?.model.trim(),
    cores: cores.length,
    usable_cores: usableCores(),
    cpu_quota_cores: cpuQuotaCores(readText),
    memory_gib: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    os: distribution(readText('/etc/os-release')) ?? type(),
    kernel: `${type()} ${release()}`,
  }
}

/** `Debian GNU/Linux 12 (bookworm)`, of a line `PRETTY_NAME="…"`. */
const distribution = (text: string | undefined): string | undefined => /^PRETTY_NAME="?([^"\n]+)/m.exec(text ?? '')?.[1]

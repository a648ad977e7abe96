import type { FlagField } from '../arguments/arguments.ts'
import { flags } from '../arguments/flags.ts'
import { gateFlags } from '../arguments/gate-flags.ts'
import { readValue } from '../arguments/read-value.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { GateValues } from '../plan/gates.ts'
import { readObjectives } from '../plan/objectives.ts'
import { openGates } from '../run/gates.ts'

/** The gate flags of `evalscope report`, as text, not yet checked. */
export interface GateOptions {
  readonly goodput?: readonly string[]
  readonly failIf?: readonly string[]
  readonly baseline?: string
  readonly tolerance?: readonly string[]
  readonly advisory?: true
}

/** What these flags make of the plans of stored runs; undefined without any. Throws `ArgumentsError`. */
export const readReplan = async (
  options: GateOptions,
  say: (line: string) => void,
): Promise<((plan: RunPlan) => RunPlan) | undefined> => {
  const fields = Object.keys(gateFlags) as (keyof typeof gateFlags)[]
  const given = fields.filter(field => options[field] !== undefined)
  if (given.length === 0) return undefined
  const read = (field: FlagField & keyof GateOptions): unknown => readValue(field, flags[field], options[field])
  const values = {
    stream: true,
    advisory: false,
    ...Object.fromEntries(given.map(field => [field, read(field)])),
  } as GateValues
  const objectives = readObjectives(values)
  const gates = await openGates(values, say, true)
  const told = new Set<string>()
  return plan => {
    const counted = objectives.length === 0 ? plan : { ...plan, objectives }
    for (const line of gates?.doubts(counted) ?? []) {
      if (!told.has(line)) say(line)
      told.add(line)
    }
    return gates === undefined ? counted : gates.attach(counted)
  }
}

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PluginError } from './errors.ts'

/** What every plugin has: the names it answers to. */
export interface Plugin {
  readonly names: readonly string[]
}

/** How one kind of plugin is found and checked. */
export interface PluginKind<T extends Plugin> {
  /** What messages call it: `API`, `dataset`. */
  readonly label: string
  /** The built-in ones by name, each loaded when it is asked for. */
  readonly builtins: Readonly<Record<string, () => T | Promise<T>>>
  /** Functions that a plugin of this kind must have. */
  readonly methods: readonly (keyof T & string)[]
  /** What a plugin may leave out. */
  readonly defaults: Partial<T>
}

/** Whether a spec means a file rather than a built-in name. */
export const looksLikePath = (spec: string): boolean => /[/\\]/.test(spec) || /\.(js|mjs|ts)$/.test(spec)

/** The plugin that `spec` names: a built-in one, or the default export of a module file. Throws `PluginError`. */
export const loadPlugin = async <T extends Plugin>(spec: string, kind: PluginKind<T>): Promise<T> => {
  if (looksLikePath(spec)) return importPlugin(spec, kind)
  const load = Object.hasOwn(kind.builtins, spec) ? kind.builtins[spec] : undefined
  if (load !== undefined) return load()
  const known = Object.keys(kind.builtins).join(', ')
  throw new PluginError(`unknown ${kind.label} "${spec}"; known are ${known}, or give the path of a module (./my.mjs)`)
}

const importPlugin = async <T extends Plugin>(spec: string, kind: PluginKind<T>): Promise<T> => {
  let loaded: { readonly default?: unknown }
  try {
    loaded = await import(pathToFileURL(resolve(spec)).href)
  } catch (error) {
    // Node names the module that imports, which is one of ours.
    const words = (error as Error).message.replace(/ imported from .*/, '')
    throw new PluginError(`${kind.label} plugin ${spec} cannot be loaded: ${words}`, { cause: error })
  }
  const plugin = loaded.default as Partial<T> | undefined
  const missing = kind.methods.filter(method => typeof plugin?.[method] !== 'function')
  if (missing.length > 0) {
    throw new PluginError(
      `${kind.label} plugin ${spec} has no ${missing.join(', ')}; export default an object with ${kind.methods.join(', ')}`,
    )
  }
  return completed(plugin as T, { names: [spec], ...kind.defaults })
}

/** The plugin itself, so that an instance keeps its methods, with what it left out. */
const completed = <T extends Plugin>(plugin: T, defaults: Partial<T> | Plugin): T => {
  const missing = Object.entries(defaults).filter(([key]) => !(key in plugin))
  return Object.assign(Object.isExtensible(plugin) ? plugin : Object.create(plugin), Object.fromEntries(missing))
}

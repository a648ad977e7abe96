import { parseEndpoint } from '../arguments/endpoint.ts'
import { ArgumentsError } from '../errors.ts'
import type { HeaderMap } from '../model/conversation.ts'
import type { HubFile, HubName, HubPlace } from '../model/hub-file.ts'
import { isJsonObject } from '../model/json.ts'

/** What is particular to one hub. */
export interface Hub {
  readonly name: HubName
  /** As people call it. */
  readonly label: string
  readonly endpoint: { readonly variable: string; readonly usual: string }
  /** Environment variables that may hold the token, the first one to be named in advice. */
  readonly tokenVariables: readonly [string, ...string[]]
  /** The revision that is meant where none is given. */
  readonly mainBranch: string
  /** Where the file is asked for, below the endpoint. */
  readonly fileUrl: (endpoint: string, kind: HubFile['kind'], place: Required<HubPlace>) => string
  readonly tokenHeaders: (token: string) => HeaderMap
  /** The hub's words when it refuses with status 200: `body` is that of a short answer. */
  readonly refusalIn?: (body: string) => string | undefined
}

const huggingface: Hub = {
  name: 'huggingface',
  label: 'Hugging Face',
  endpoint: { variable: 'HF_ENDPOINT', usual: 'https://huggingface.co' },
  tokenVariables: ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'],
  mainBranch: 'main',
  fileUrl: (endpoint, kind, { repository, path, revision }) => {
    const prefix = kind === 'datasets' ? 'datasets/' : ''
    const encodedPath = path.split('/').map(encodeURIComponent).join('/')
    return `${endpoint}/${prefix}${repository}/resolve/${encodeURIComponent(revision)}/${encodedPath}`
  },
  tokenHeaders: token => ({ authorization: `Bearer ${token}` }),
}

const modelscope: Hub = {
  name: 'modelscope',
  label: 'ModelScope',
  endpoint: { variable: 'MODELSCOPE_ENDPOINT', usual: 'https://modelscope.cn' },
  tokenVariables: ['MODELSCOPE_API_TOKEN'],
  mainBranch: 'master',
  fileUrl: (endpoint, kind, { repository, path, revision }) => {
    const query = new URLSearchParams({ Revision: revision, FilePath: path })
    return `${endpoint}/api/v1/${kind}/${repository}/repo?${query}`
  },
  // Older parts of its interface look at the cookie, newer ones at the header; its own client sends both.
  tokenHeaders: token => ({ authorization: `Bearer ${token}`, cookie: `m_session_id=${token}` }),
  // A file that is not there may be answered with 200 and {"Code": …, "Message": …, "RequestId": …, "Success": false}.
  refusalIn: body => {
    const answer = parseJson(body)
    if (!isJsonObject(answer) || answer.Success !== false || answer.RequestId === undefined) return undefined
    return String(answer.Message ?? '')
  },
}

/** The hubs that `--data-source` knows. */
export const hubs: Readonly<Record<HubName, Hub>> = { modelscope, huggingface }

/** Where the hub is asked: its own address, or the mirror that the environment names. Throws `ArgumentsError`. */
export const endpointOf = ({ endpoint }: Hub, env: Readonly<Record<string, string | undefined>>): string => {
  const given = env[endpoint.variable]?.trim()
  if (!given) return endpoint.usual
  try {
    const { origin, pathname } = parseEndpoint(given)
    return origin + pathname.replace(/\/+$/, '')
  } catch {
    // Not repeated: it may hold a password.
    throw new ArgumentsError(`${endpoint.variable} is no http or https URL; correct or unset it`)
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

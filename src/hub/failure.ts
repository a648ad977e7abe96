import { transportFailure } from '../net/failure.ts'

interface FailureFacts {
  readonly statusCode?: number
  readonly mayPass?: boolean
  readonly lacksFile?: boolean
}

/**
 * Why one try to download a file came to nothing: the hub refused it, the network failed, what came is not the file, or
 * this machine's disk would not take it.
 */
export class DownloadFailure extends Error {
  override readonly name = 'DownloadFailure'
  readonly kind: 'refused' | 'network' | 'damaged' | 'disk'
  /** Of a hub that refused. */
  readonly statusCode: number | undefined

  /** The hub says that it has the repository, and in it no such file. */
  readonly lacksFile: boolean

  /** Whether it may be otherwise a moment later. */
  readonly mayPass: boolean

  constructor(
    kind: DownloadFailure['kind'],
    message: string,
    { statusCode, mayPass, lacksFile = false }: FailureFacts = {},
  ) {
    super(message)
    this.kind = kind
    this.statusCode = statusCode
    this.lacksFile = lacksFile
    this.mayPass = mayPass ?? (kind === 'network' || (statusCode !== undefined && statusCode >= 500))
  }
}

const diskCodes: readonly string[] = [
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EISDIR',
  'EMFILE',
  'EIO',
]

/** The failure that an error of a download stands for; errors that we cannot name are of the network. */
export const toDownloadFailure = (error: unknown): DownloadFailure => {
  if (error instanceof DownloadFailure) return error
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (syscall !== 'connect' && diskCodes.includes(code)) return new DownloadFailure('disk', (error as Error).message)
  if (code === 'UND_ERR_BODY_TIMEOUT') return new DownloadFailure('network', 'the server stopped sending')
  // A name that nobody knows is not known a moment later: the machine is off the network, or the name is wrong.
  const mayPass = code !== 'ENOTFOUND'
  return new DownloadFailure('network', transportFailure(error as Error, true).message, { mayPass })
}

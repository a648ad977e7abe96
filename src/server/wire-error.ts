/** A request that is answered with an error body instead of output. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly status: number
  /** The body field at fault. */
  readonly param: string | undefined

  constructor(status: number, message: string, param?: string) {
    super(message)
    this.status = status
    this.param = param
  }
}

/** The error object of the OpenAI protocol, as a body or as an event. */
export const errorJson = (error: WireError): string =>
  JSON.stringify({
    error: {
      message: error.message,
      type: errorTypes[error.status] ?? 'server_error',
      param: error.param ?? null,
      code: error.status,
    },
  })

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'invalid_request_error',
}

export declare const createRequestReader: (
  onRequest: (path: string, id: string | undefined) => void,
) => (piece: string) => void

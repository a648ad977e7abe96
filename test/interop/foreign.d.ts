// Enough of these packages' types for the check of everything else, which runs before they are installed.
declare module 'xmllint-wasm' {
  interface XmlFile {
    readonly fileName: string
    readonly contents: string
  }
  export const validateXML: (options: {
    readonly xml: readonly XmlFile[]
    readonly schema: readonly XmlFile[]
  }) => Promise<{ readonly errors: readonly { readonly message: string }[] }>
}

declare module 'micromark' {
  export const micromark: (
    text: string,
    options: {
      readonly extensions: readonly unknown[]
      readonly htmlExtensions: readonly unknown[]
      readonly allowDangerousHtml: boolean
    },
  ) => string
}

declare module 'micromark-extension-gfm' {
  export const gfm: () => unknown
  export const gfmHtml: () => unknown
}

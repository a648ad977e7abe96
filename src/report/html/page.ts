import { createHash } from 'node:crypto'
import { plainText } from '../text.ts'
import type { PageData } from './page-data.ts'
import { type PageFiles, readPageFiles } from './page-files.ts'
import { pageJson } from './page-json.ts'

/**
 * The page as one HTML file that opens from disk. What servers and users wrote is in its JSON alone, where no `<` is left,
 * and gets from there into the page as text only; no other script can run, and nothing is fetched.
 */
export const page = (data: PageData, files: PageFiles = readPageFiles()): string => {
  const scripts = [files.library, files.script].map(withoutEndTag)
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    // The chart library places its tooltips by style attributes.
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(plainText(data.model))} · evalscope perf</title>
<style>
${files.style}
</style>
</head>
<body>
<noscript>This report is drawn by its own script: open it where scripts may run.</noscript>
<div id="page"></div>
<script type="application/json" id="data">${pageJson(data)}</script>
${scripts.map(script => `<script>${script}</script>`).join('\n')}
</body>
</html>
`
}

/** Only in texts of scripts, where it means the same. */
const withoutEndTag = (script: string): string => script.replace(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--')

const hashOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`

const escaped = (text: string): string => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)

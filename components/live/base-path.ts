/** The path prefix of every address of this server, as the browser sees it; empty at the root. */
export const basePath = process.env.MESHSCOPE_BASE_PATH ?? ''

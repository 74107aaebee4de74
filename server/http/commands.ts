import type { IncomingMessage, ServerResponse } from 'node:http'
import { commands } from '#lib/api/endpoints.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import { sendError, sendJson } from './respond.ts'

const maxBodyBytes = 16_384

/** What each command does with a body; throws a QuestionError for one that it refuses. */
export type Commands = Readonly<Record<keyof typeof commands, (body: unknown) => unknown>>

/** The command that is told at a path; `undefined` for any other path. */
export function commandAt(path: string): keyof Commands | undefined {
  return (Object.keys(commands) as (keyof Commands)[]).find(name => commands[name].path === path)
}

/** Takes a body of JSON, does what it tells, and answers 201, or says why it was refused. */
export async function takeCommand(
  command: (body: unknown) => unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const answer = command(await readJson(request))
    await sendJson(request, response, 201, answer)
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error
    // What is left of a refused body is not read.
    if (!request.complete) response.setHeader('connection', 'close')
    await sendError(request, response, error)
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? ''
  const hint = 'Send a JSON object, with Content-Type: application/json'
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const message = `Cannot read the body: expected Content-Type application/json, got ${JSON.stringify(type)}`
    throw new QuestionError('BODY_NOT_JSON', message, hint)
  }
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk)
    sizeBytes += chunk.length
    if (sizeBytes > maxBodyBytes) {
      const message = `Cannot read the body: expected at most ${maxBodyBytes} bytes, got more`
      throw new QuestionError('BODY_TOO_LARGE', message, 'Send less')
    }
  }
  const text = Buffer.concat(chunks).toString()
  try {
    return JSON.parse(text)
  } catch {
    const message = `Cannot read the body: expected JSON, got ${JSON.stringify(text.slice(0, 40))}`
    throw new QuestionError('BODY_NOT_JSON', message, hint)
  }
}

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const folders = ['lib', 'server', 'proxy', 'cli', 'components', 'demo']

const files = folders.flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => /\.tsx?$/.test(path))
    .map(path => ({ path: join(folder, path), text: readFileSync(join(root, folder, path), 'utf8') })),
)
const isTest = ({ path }: { path: string }) => /\.test\.tsx?$/.test(path)

/** The test files that state laws, or have them stated by a module of their folder. */
function filesWithLaws(): readonly string[] {
  const stating = files.filter(({ text }) => text.includes("from 'fast-check'"))
  const shared = stating.filter(file => !isTest(file)).map(({ path }) => `/${basename(path)}'`)
  return files
    .filter(isTest)
    .filter(file => stating.includes(file) || shared.some(name => file.text.includes(name)))
    .map(({ path }) => path)
}

/** Tries every law with one seed after another, and ends at the first that a law does not hold for. */
function main(): void {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '10' }, seed: { type: 'string' } },
  })
  const first = wholeNumber('--seed', values.seed ?? String(Date.now() % 2 ** 31))
  const rounds = wholeNumber('--rounds', values.rounds)
  const tests = filesWithLaws()
  for (let round = 0; round < rounds; round++) {
    const seed = first + round
    const { status } = spawnSync(
      join(root, 'node_modules/.bin/vitest'),
      ['run', '--project', 'parts', '--reporter', 'dot', ...tests],
      { cwd: root, stdio: 'inherit', env: { ...process.env, MESHSCOPE_SEED: String(seed) } },
    )
    if (status !== 0) {
      console.error(`A law failed: npm run laws -- --seed ${seed} --rounds 1 tries it again`)
      process.exitCode = 1
      return
    }
  }
  console.log(`The laws of ${tests.length} files held in ${rounds} rounds, with seeds from ${first} on`)
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d+$/.test(text))
    throw new Error(`Cannot try laws: expected ${flag} to be a whole number, found ${text}`)
  return Number(text)
}

try {
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

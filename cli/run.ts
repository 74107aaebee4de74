import { ApiError } from './api-client.ts'
import { authzCommand } from './authz.ts'
import { checkCommand } from './check.ts'
import { type Command, FailedChecks, type Terminal, UsageError } from './command.ts'
import { edgesCommand } from './edges.ts'
import { policiesCommand } from './policies.ts'
import { routesCommand } from './routes.ts'
import { splitsCommand } from './splits.ts'
import { statCommand } from './stat.ts'
import { tapCommand } from './tap.ts'

const commands: readonly Command[] = [
  statCommand,
  edgesCommand,
  routesCommand,
  tapCommand,
  policiesCommand,
  authzCommand,
  splitsCommand,
  checkCommand,
]

const failureExit = 1
const usageExit = 2

const help = `meshscope shows what a service mesh is doing.

Usage: meshscope COMMAND [flags]

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

Each is also spelled meshscope viz COMMAND, and explains itself with --help.

Flags:
  -h, --help       this text
      --version    the version

Data goes to standard output, messages to standard error. Exit codes: 0 done, 1 the server could not be reached or
refused, or a check failed, 2 the command line makes no sense.
`

/** Runs one command line, without the program's name, and returns its exit code. */
export async function run(args: readonly string[], version: string, terminal: Terminal): Promise<number> {
  const [first, ...rest] = args[0] === 'viz' ? args.slice(1) : args
  if (first === undefined) {
    terminal.complain(help.trimEnd())
    return usageExit
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    terminal.print(help)
    return 0
  }
  if (first === '--version' || first === 'version') {
    terminal.print(`meshscope ${version}\n`)
    return 0
  }
  const command = commands.find(({ name }) => name === first)
  if (command === undefined) {
    const known = commands.map(({ name }) => name).join(', ')
    terminal.complain(`Error: expected a command (${known}), and got ${JSON.stringify(first)}`)
    terminal.complain('See meshscope --help')
    return usageExit
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.help)
    return 0
  }
  try {
    await command.run(rest, terminal)
    return 0
  } catch (thrown) {
    if (thrown instanceof FailedChecks) return failureExit
    if (thrown instanceof UsageError) {
      terminal.complain(`Error: ${thrown.message}`)
      terminal.complain(`See meshscope ${command.name} --help`)
      return usageExit
    }
    if (thrown instanceof ApiError) {
      terminal.complain(`Error: ${thrown.message}`)
      if (thrown.hint !== '') terminal.complain(`Hint: ${thrown.hint}`)
      return failureExit
    }
    throw thrown
  }
}

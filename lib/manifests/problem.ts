/** Why a manifest is refused, and where: one place of one file. */
export interface Problem {
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly column: number
  /** `Service shop/web`; empty where the text is not yet an object. */
  readonly object: string
  /** `spec.ports[0].port`; empty for the whole object. */
  readonly field: string
  readonly message: string
}

/** One line: `mesh.yaml:12:9: Service shop/web: spec.ports[0].port: expected …, found …`. */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`
  return [place, problem.object, problem.field, problem.message].filter(part => part !== '').join(': ')
}

/** The problems in the order in which a reader meets them, file by file. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  )
}

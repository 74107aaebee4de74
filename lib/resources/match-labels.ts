type Labels = Readonly<Record<string, string>>

/** Which objects are meant, as Kubernetes' LabelSelector says it; one that is empty means all. */
export interface LabelMatch {
  readonly matchLabels: Labels
  readonly matchExpressions: readonly LabelExpression[]
}

export interface LabelExpression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  /** Empty for `Exists` and `DoesNotExist`. */
  readonly values: readonly string[]
}

/** Whether `labels` hold every one of `wanted`, with equal values. */
export function hasLabels(wanted: Labels, labels: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

/** Whether a selector's every label and expression holds. `NotIn` holds where the label is missing. */
export function matchesLabels(match: LabelMatch, labels: Labels): boolean {
  return (
    hasLabels(match.matchLabels, labels) &&
    match.matchExpressions.every(expression => expressionHolds(expression, labels))
  )
}

function expressionHolds({ key, operator, values }: LabelExpression, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

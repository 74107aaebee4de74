/** Where a value lies inside an object: keys of maps and indexes of lists, from the outside in. */
export type FieldPath = readonly (string | number)[]

/** As Kubernetes prints it: `spec.ports[0].port`, and `metadata.labels["app.kubernetes.io/name"]`. */
export function formatFieldPath(path: FieldPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (!/^[\w-]+$/.test(part)) text += `[${JSON.stringify(part)}]`
    else text += text === '' ? part : `.${part}`
  }
  return text
}

/** Who asked for what: `shop/deployment/web users.shop.svc.cluster.local:80`. */
export function askOf(sourceId: string, authority: string): string {
  return `${sourceId} ${authority}`
}

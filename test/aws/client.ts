/** A client of the SDK whose calls go elsewhere: its paginators ask for an instance of the client. */
export function clientOf<C extends object>(
  { prototype }: { readonly prototype: C },
  send: (command: object) => Promise<object>,
): C {
  return Object.assign(Object.create(prototype), { send, destroy: () => undefined }) as C;
}

interface GraphqlReply {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string }[];
}

/** Longer than any answer of a healthy gateway. */
const TIMEOUT_MS = 15_000;

/** One GraphQL call as a client makes it; throws with the gateway's own words when it refuses. */
export const callGraphql = async (target: { readonly url: string; readonly key: string }, query: string, variables: unknown): Promise<Readonly<Record<string, unknown>>> => {
  const response = await fetch(`${target.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${target.key}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const reply = (await response.json()) as GraphqlReply;
  if (reply.errors !== undefined || reply.data == null) throw new Error(`The gateway refused the call: ${reply.errors?.map(({ message }) => message).join('; ') ?? response.status}`);
  return reply.data;
};

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** Of any shape: tests look into it by path. */
  readonly body: {
    readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
    readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> & { readonly problems?: readonly { readonly field: string; readonly code: string }[] } }[];
  };
}

/** One call of `/graphql` with all that came back; a body that is no JSON fails the test. */
export const rawCall = async (url: string, key: string, call: { readonly query: string; readonly variables?: object }, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers }, body: JSON.stringify(call),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as RawAnswer['body'] };
};

/** What a browser does with cookies, as far as logging in needs it. */
export class Browser {
  readonly #url: string;
  readonly cookies = new Map<string, string>();
  /** As the page read it from the last answer. */
  csrf = '';

  constructor(url: string) {
    this.#url = url;
  }

  async call(method: 'GET' | 'POST', path: string, options: { readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Readonly<Record<string, unknown>> }> {
    const response = await fetch(new URL(path, this.#url), {
      method, redirect: 'manual',
      headers: {
        ...(this.cookies.size === 0 ? {} : { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    const body = text.startsWith('{') ? JSON.parse(text) as Record<string, unknown> : {};
    if (typeof body['csrfToken'] === 'string') this.csrf = body['csrfToken'];
    return { status: response.status, headers: response.headers, body };
  }

  /** As the page's own script calls. */
  ours(method: 'GET' | 'POST', path: string, body?: object): ReturnType<Browser['call']> {
    return this.call(method, path, { headers: { 'x-onestop-csrf': this.csrf, origin: this.#url, 'sec-fetch-site': 'same-origin' }, ...(body === undefined ? {} : { body }) });
  }

  login(name: string, password: string, code?: string): ReturnType<Browser['call']> {
    return this.call('POST', '/login', { body: { name, password, ...(code === undefined ? {} : { code }) } });
  }

  query(document: string): ReturnType<Browser['call']> {
    return this.ours('POST', '/graphql', { query: document });
  }
}

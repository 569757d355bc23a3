/** Control calls of the sandbox, as any HTTP client would make them. */
export interface SandboxControl {
  misbehave(order: object): Promise<void>;
  post(path: string, body?: object): Promise<unknown>;
  get<T>(path: string): Promise<T>;
  requests(service?: string): Promise<{ readonly service: string; readonly path: string; readonly dossierCodes: readonly string[]; readonly traceparent: string | null }[]>;
  dossier(code: string): Promise<{ readonly inserts: number; readonly updates: number; readonly steps: number; readonly status: string; readonly body: unknown } | null>;
  counters(): Promise<{ readonly requests: number; readonly logins: number }>;
}

export const controlOf = (url: string): SandboxControl => {
  const get = async (path: string): Promise<unknown> => {
    const reply = await fetch(`${url}/control/${path}`);
    return reply.status === 404 ? null : reply.json();
  };
  const post = async (path: string, body: object = {}): Promise<unknown> => {
    const reply = await fetch(`${url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`control ${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };
  return {
    post,
    get: get as SandboxControl['get'],
    misbehave: async (order) => { await post('misbehave', order); },
    requests: async (service) => {
      const all = (await get('requests')) as Awaited<ReturnType<SandboxControl['requests']>>;
      return service === undefined ? all : all.filter((request) => request.service === service);
    },
    dossier: (code) => get(`dossiers/${encodeURIComponent(code)}`) as ReturnType<SandboxControl['dossier']>,
    counters: async () => ((await get('state')) as { counters: { requests: number; logins: number } }).counters,
  };
};

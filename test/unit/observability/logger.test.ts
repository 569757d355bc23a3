import { describe, expect, it } from '@jest/globals';
import { correlationIdOf } from '../../../src/observability/correlation.js';
import { createLogger } from '../../../src/observability/logger.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { inSpan } from '../../../src/observability/tracing.js';

const logged = (write: (logger: ReturnType<typeof createLogger>) => void): string[] => {
  const lines: string[] = [];
  write(createLogger('info', { write: (line: string) => void lines.push(line) }));
  return lines;
};

describe('logger', () => {
  it('writes one JSON line whatever an input holds', () => {
    const lines = logged((logger) => logger.info({ code: 'a\r\n{"level":"error"}\u001b[31m' }, 'static text'));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\r\n\u001b]/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'static text' });
  });

  it.each(['authorization', 'password', 'token', 'session', 'owner', 'idNumber', 'phone', 'email', 'address', 'body'])('blots out a field named %s, two levels down too', (name) => {
    const [line] = logged((logger) => logger.info({ [name]: 'CANARY', nested: { [name]: 'CANARY', deeper: { [name]: 'CANARY' } } }, 'text'));
    expect(line).not.toContain('CANARY');
    expect(line).toContain('[redacted]');
  });

  it('shows of an error its type, text, code and causes, and nothing that a library hung on it', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED postgres://user:CANARY@db/x'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('could not store', { cause }), { request: { data: 'CANARY' } });
    const [line] = logged((logger) => logger.error({ err: error }, 'failed'));
    expect(line).not.toContain('CANARY');
    expect(JSON.parse(line ?? '')).toMatchObject({ err: { message: 'could not store', cause: { code: 'ECONNREFUSED' } } });
  });
});

describe('correlation ids', () => {
  it('keeps a safe one and replaces any other', () => {
    expect(correlationIdOf('portal-2026.11_23')).toBe('portal-2026.11_23');
    for (const bad of [undefined, '', 'short', 'with space in it', 'line\nbreak-line', 'x'.repeat(65), ['a-b-c-d-e', 'f-g-h-i-j']]) expect(correlationIdOf(bad)).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('metrics', () => {
  it('belong to one registry each, and survive a gauge that cannot be asked', async () => {
    const [first, second] = [createMetrics(), createMetrics()];
    first.queueRings.inc({ result: 'rung' });
    first.beforeRead(() => Promise.reject(new Error('database away')));
    first.beforeRead(() => {
      first.deliveriesOpen.set({ party: 'p', state: 'due' }, 3);
      return Promise.resolve();
    });
    const text = await first.read();
    expect(text).toContain('onestop_queue_rings_total{result="rung"} 1');
    expect(text).toContain('onestop_deliveries_open{party="p",state="due"} 3');
    expect(await second.read()).not.toContain('result="rung"');
  });
});

describe('spans', () => {
  it('run the work and pass its result and its error on while tracing is off', async () => {
    expect(await inSpan({ name: 'test', parent: null }, (traceparent) => Promise.resolve(traceparent))).toBeNull();
    await expect(inSpan({ name: 'test', parent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, () => Promise.reject(new Error('as it was')))).rejects.toThrow('as it was');
  });
});

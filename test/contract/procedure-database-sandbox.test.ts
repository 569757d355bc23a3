import { afterEach, describe, expect, it } from '@jest/globals';
import { PROCEDURE_DATABASE } from '../../adapters/registry.js';
import type { ProcedureDatabaseSandboxOptions } from '../../adapters/procedure-database/sandbox.js';
import { controlOf } from './sandbox-control.js';

interface Shown {
  readonly code: string;
  readonly name: string;
  readonly field: string;
  readonly state: string;
  readonly version: number;
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => { for (const cleanUp of cleanUps.splice(0)) await cleanUp(); });

const start = async (options: ProcedureDatabaseSandboxOptions = {}) => {
  const sandbox = await PROCEDURE_DATABASE.startSandbox(options);
  cleanUps.push(() => sandbox.close());
  const control = controlOf(sandbox.url);
  return { sandbox, control, catalogue: () => control.get<Shown[]>('procedures?limit=20000') };
};

describe('the catalogue of the procedure sandbox', () => {
  it('has some thousand procedures under different codes and names, of real shapes', async () => {
    const catalogue = await (await start()).catalogue();
    expect(catalogue).toHaveLength(3_000);
    expect(new Set(catalogue.map(({ code }) => code)).size).toBe(3_000);
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(3_000);
    expect(catalogue.filter(({ code, field }) => !/^\d\.\d{6}$/.test(code) || !/^G\d{2}-[A-Z]{2}\d{2}$/.test(field))).toEqual([]);
    expect(new Set(catalogue.map(({ state }) => state))).toEqual(new Set(['public', 'unpublished', 'withdrawn']));
    expect(catalogue[0]).toMatchObject({ code: '1.001193', name: 'Đăng ký khai sinh', field: 'G15-HT01', state: 'public', version: 1 });
  });

  it('has 10,000 when told, still each under its own name', async () => {
    const catalogue = await (await start({ procedures: 10_000 })).catalogue();
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(10_000);
  });

  it('is the same for the same seed, and another for another', async () => {
    const [first, again, other] = await Promise.all([start({ seed: 7, procedures: 300 }), start({ seed: 7, procedures: 300 }), start({ seed: 8, procedures: 300 })]);
    expect(await again.catalogue()).toEqual(await first.catalogue());
    expect(await other.catalogue()).not.toEqual(await first.catalogue());
  });

  it('changes by command, and goes back by reset', async () => {
    const { control, catalogue } = await start({ procedures: 50 });
    const before = await catalogue();
    await control.post('change', { code: '1.001193' });
    await control.post('change', { code: '1.001193' });
    await control.post('change', { code: '1.000894', name: 'Đăng ký kết hôn mới', fieldCode: 'G15-CT01' });
    expect(await control.get('procedures/1.001193')).toMatchObject({ version: 3, name: 'Đăng ký khai sinh (sửa đổi lần 2)' });
    expect(await control.get('procedures/1.000894')).toMatchObject({ version: 2, name: 'Đăng ký kết hôn mới', field: 'G15-CT01' });
    await control.post('reset');
    expect(await catalogue()).toEqual(before);
  });

  it('refuses orders that it does not know', async () => {
    const { control } = await start({ procedures: 10 });
    await expect(control.post('misbehave', { kind: 'explode' })).rejects.toThrow('400');
    await expect(control.post('withdraw', { code: '9.999999' })).rejects.toThrow('404');
    await expect(control.post('change', { code: '1.001193', version: 9 })).rejects.toThrow('400');
  });

  it('misbehaves by chance as its seed says, and counts what it was asked', async () => {
    const { sandbox, control } = await start({ procedures: 50 });
    await control.post('random', { seed: 3, rates: { '5xx': 0.5 } });
    const ask = async (): Promise<number[]> => {
      const statuses: number[] = [];
      for (let asked = 0; asked < 20; asked += 1) {
        const reply = await fetch(`${sandbox.url}/api/v1/submitting/formality/list-all-public-formality-by-citizen`, { method: 'POST', body: '{"limit":1}' });
        statuses.push(reply.status);
        await reply.arrayBuffer();
      }
      return statuses;
    };
    const first = await ask();
    await control.post('random', { seed: 3, rates: { '5xx': 0.5 } });
    expect(await ask()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([201, 502]));
    expect(await control.get('state')).toMatchObject({ counters: { 'list-procedures': 40 }, mostAtOnce: 1 });
    expect(await control.get('requests?after=38')).toHaveLength(2);
  });
});

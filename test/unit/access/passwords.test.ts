import { describe, expect, it } from '@jest/globals';
import { deriveWithScrypt, PasswordHasher, type DeriveInput } from '../../../src/access/password-hash.js';
import { findPasswordFault, newOneTimePassword } from '../../../src/access/password-rules.js';

const counted = (): { readonly hasher: PasswordHasher; readonly calls: DeriveInput[] } => {
  const calls: DeriveInput[] = [];
  return { calls, hasher: new PasswordHasher((input) => {
    calls.push(input);
    return deriveWithScrypt(input);
  }) };
};

describe('password hashes', () => {
  it('open with their password only, and differ for the same one', async () => {
    const { hasher } = counted();
    const [one, two] = [await hasher.hash('đường phố vắng'), await hasher.hash('đường phố vắng')];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^scrypt\$15\$8\$3\$/);
    expect(await hasher.verify('đường phố vắng', one)).toBe(true);
    expect(await hasher.verify('duong pho vang', one)).toBe(false);
  });

  it('know the same letters from every keyboard', async () => {
    const { hasher } = counted();
    expect(await hasher.verify('đường phố vắng'.normalize('NFD'), await hasher.hash('đường phố vắng'.normalize('NFC')))).toBe(true);
  });

  it('cost the same work for an account that does not exist', async () => {
    const { hasher, calls } = counted();
    const stored = await hasher.hash('a real password');
    calls.length = 0;
    expect(await hasher.verify('a guess', stored)).toBe(false);
    expect(await hasher.verify('a guess', null)).toBe(false);
    expect(calls.map(({ password, options, salt }) => ({ password, options, salt: salt.length }))).toEqual(Array.from({ length: 2 }, () => ({ password: 'a guess', options: { N: 32_768, r: 8, p: 3, maxmem: 67_108_864 }, salt: 16 })));
  });

  it('are made two at a time; who finds too many waiting is asked to come again', async () => {
    const running: (() => void)[] = [];
    const hasher = new PasswordHasher(() => new Promise((fulfil) => {
      running.push(() => fulfil(Buffer.alloc(32)));
    }));
    const asked = Array.from({ length: 35 }, () => hasher.hash('x').then(() => 'made', (error: { code: string }) => error.code));
    expect(await asked[34]).toBe('UNAVAILABLE');
    expect(running).toHaveLength(2);
    for (let done = 0; done < 34; done += 1) {
      running[done]?.();
      await asked[done];
    }
    expect(await Promise.all(asked)).toEqual([...Array.from({ length: 34 }, () => 'made'), 'UNAVAILABLE']);
  });
});

describe('rules on passwords', () => {
  it.each([
    ['ngắn quá', 'TOO_SHORT'], ['x'.repeat(129), 'TOO_LONG'], ['Password1234', 'TOO_COMMON'], ['Mật khẩu 123456', 'TOO_COMMON'], ['mat khau 123456', 'TOO_COMMON'], ['abababababab', 'TOO_COMMON'],
    ['an.nguyen.an.nguyen', 'TOO_COMMON'], ['bốn con ngựa trắng', null],
  ])('find of "%s": %s', (password, fault) => {
    expect(findPasswordFault(password, 'an.nguyen')).toBe(fault);
  });

  it('let one-time passwords pass, which hold 120 bits', () => {
    expect(newOneTimePassword()).toMatch(/^[A-Za-z0-9_-]{20}$/);
    expect(findPasswordFault(newOneTimePassword(), 'an.nguyen')).toBeNull();
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from '../../../src/config/redis-target.js';

describe('Redis addresses', () => {
  it.each([
    ['redis://localhost', { kind: 'single', node: { host: 'localhost', port: 6379 }, database: 0, tls: false }],
    ['rediss://user:p%40ss@r.example.vn:6380/3', { kind: 'single', node: { host: 'r.example.vn', port: 6380 }, database: 3, tls: true, username: 'user', password: 'p@ss' }],
    ['redis://:secret@[::1]:7000', { kind: 'single', node: { host: '::1', port: 7000 }, database: 0, tls: false, password: 'secret' }],
    ['redis+sentinel://a:26379,b/mymaster', { kind: 'sentinel', nodes: [{ host: 'a', port: 26379 }, { host: 'b', port: 26379 }], master: 'mymaster', database: 0, tls: false }],
    ['rediss+sentinel://:pw@a/main/2', { kind: 'sentinel', nodes: [{ host: 'a', port: 26379 }], master: 'main', database: 2, tls: true, password: 'pw' }],
    ['redis+cluster://a:1,b:2,c:3', { kind: 'cluster', nodes: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }, { host: 'c', port: 3 }], tls: false }],
  ])('reads %s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each(['http://localhost', 'redis://', 'redis://a,b', 'redis://a:0', 'redis://a:70000', 'redis://a/master', 'redis+sentinel://a', 'redis+cluster://a/1', 'redis+cluster://a,,b', 'localhost:6379'])('refuses %s', (url) => {
    expect(parseRedisUrl(url)).toBeNull();
  });
});

import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge } from '../../../adapters/national-portal/errors.js';
import type { PortalService, WireGeneration } from '../../../adapters/national-portal/errors.js';
import { loginReply, readEnvelope, readWrapped } from '../../../adapters/support/axis-reply.js';
import { foldText } from '../../../adapters/support/vietnamese-text.js';

const RULES = { existsCodes: ['0', '3', '-3'], sessionCodes: ['-2'], sessionPhrases: ['session', 'phiên làm việc'].map(foldText), busyPhrases: ['thử lại sau'] };

const say = (wire: WireGeneration, service: PortalService, code: string | null, text: string) =>
  judge({ code, text, rows: null }, { wire, service }, RULES);

describe('what an answer means', () => {
  it.each<[WireGeneration, PortalService, string | null, string, string]>([
    ['g1', 'insert', '0', '', 'success'],
    ['g1', 'insert', '00', 'OK', 'success'],
    ['g1', 'insert', '0', 'Hồ sơ đã tồn tại', 'exists'],
    ['g1', 'update', '0', 'Hồ sơ đã tồn tại', 'success'],
    ['g1', 'insert', '5', 'Hồ sơ đã tồn tại', 'refused'],
    ['g1', 'update', '-1', 'Hồ sơ không tồn tại', 'missing'],
    ['g1', 'update', '0', 'Cập nhật thành công; tệp cũ không tồn tại', 'success'],
    ['g1', 'find', '1', 'Không tìm thấy hồ sơ', 'missing'],
    ['g1', 'progress', '-1', 'Hồ sơ không tồn tại', 'refused'],
    ['g1', 'progress', '-2', '', 'session'],
    ['g1', 'progress', '9', 'Phiên làm việc đã hết hạn', 'session'],
    ['g1', 'progress', '0', 'Session ok', 'success'],
    ['g1', 'progress', '9', 'Vui lòng thử lại sau', 'busy'],
    ['g1', 'update', '0', 'Cập nhật không thành công', 'refused'],
    ['g2', 'insert', '0', 'Đồng bộ thành công', 'success'],
    ['g2', 'insert', '0', 'Đồng bộ KHÔNG THÀNH CÔNG', 'refused'],
    ['g2', 'insert', '0', 'xong', 'unclear'],
    ['g2', 'insert', '0', '', 'unclear'],
    ['g2', 'insert', '-3', 'ĐÃ TỒN TẠI', 'exists'],
    ['g2', 'update', '0', '', 'success'],
    ['g2', 'progress', null, 'Cập nhật tiến độ thành công', 'success'],
    ['g2', 'progress', null, 'Cập nhật tiến độ không thành công', 'refused'],
    ['g2', 'progress', null, 'Hồ sơ không tồn tại', 'refused'],
    ['g2', 'progress', null, 'Phiên làm việc không tồn tại', 'session'],
    ['g2', 'progress', null, 'xyz', 'unclear'],
    ['g1', 'insert', 'ERR', 'lạ', 'refused'],
  ])('%s %s: code %p with %p is %s', (wire, service, code, text, expected) => {
    expect(say(wire, service, code, text)).toBe(expected);
    expect(say(wire, service, code, text.normalize('NFD'))).toBe(expected);
  });

  it('does not depend on case or on the Unicode form of the words', () => {
    const phrases = fc.constantFrom('Hồ sơ đã tồn tại', 'Đồng bộ thành công', 'Không thành công', 'Hệ thống bận, thử lại sau', 'Phiên làm việc hết hạn');
    const forms = fc.constantFrom<(text: string) => string>((t) => t.normalize('NFD'), (t) => t.normalize('NFC').toUpperCase(), (t) => t.toLowerCase().normalize('NFD'));
    fc.assert(fc.property(phrases, forms, fc.constantFrom('0', '3', '-9'), (text, form, code) => {
      expect(say('g2', 'insert', code, form(text))).toBe(say('g2', 'insert', code, text));
    }));
  });
});

describe('envelopes', () => {
  it('reads codes as int or string, under either name', () => {
    expect(readEnvelope({ error_code: 0, message: 'x' })).toEqual({ code: '0', text: 'x', rows: null });
    expect(readEnvelope({ response_code: '-1', result: [] })).toEqual({ code: '-1', text: '', rows: [] });
  });

  it.each([[{}], [{ error_code: '' }], [{ error_code: null }], [[]], ['0'], [null], [{ error_code: 0, result: 'x' }]])('refuses %p', (body) => {
    expect(() => readEnvelope(body)).toThrow('unreadable');
  });

  it('opens JSON in a string, and an error inside a success', () => {
    expect(readWrapped('{"error_code":"0","message":"{\\"result\\":[{\\"A\\":1}]}"}', false)).toEqual({ code: '0', text: '', rows: [{ A: 1 }] });
    expect(readWrapped('{"error_code":"0","message":"[{\\"A\\":1}]"}', false).rows).toEqual([{ A: 1 }]);
    expect(readWrapped('{"error_code":"0","message":"{\\"error_code\\":\\"-5\\",\\"message\\":\\"lỗi\\"}"}', false)).toEqual({ code: '-5', text: 'lỗi', rows: null });
  });

  it('opens SOAP XML in a string and keeps leading zeros', () => {
    const soap = '<s:Envelope xmlns:s=\\"urn:x\\"><s:Body><Item><MADONVI>00123</MADONVI><TENDONVI>Sở Y tế</TENDONVI></Item></s:Body></s:Envelope>';
    expect(readWrapped(`{"error_code":"0","message":"${soap}"}`, false).rows).toEqual([{ MADONVI: '00123', TENDONVI: 'Sở Y tế' }]);
  });

  it('refuses a DOCTYPE inside the string', () => {
    expect(() => readWrapped('{"error_code":"0","message":"<!DOCTYPE a [<!ENTITY b \\"c\\">]><a>&b;</a>"}', false)).toThrow('unreadable');
  });

  it('takes plain text only where a service is known to answer so', () => {
    expect(readWrapped('Thành công', true)).toEqual({ code: null, text: 'Thành công', rows: null });
    expect(readWrapped('"Thành công"', true).text).toBe('Thành công');
    expect(() => readWrapped('Thành công', false)).toThrow('unreadable');
    expect(() => readWrapped('{"error_code":"0","mess', true)).toThrow('unreadable');
  });
});

describe('reply fixtures', () => {
  const folder = new URL('../../fixtures/national-portal/', import.meta.url);
  interface ReplyFixture { readonly wire: WireGeneration; readonly service: PortalService; readonly body?: unknown; readonly text?: string; readonly means: string }
  const load = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  const replies = readdirSync(folder).filter((name) => /-(accepted|refused|exists|held|unknown)\.json$/.test(name) && !name.startsWith('login'));

  it('are there', () => { expect(replies.length).toBeGreaterThanOrEqual(10); });

  it.each(replies)('%s', (name) => {
    const { wire, service, body, text, means } = load(name) as ReplyFixture;
    const raw = text ?? JSON.stringify(body);
    const reply = wire === 'g1' ? readEnvelope(body) : readWrapped(raw, service === 'progress');
    expect(judge(reply, { wire, service }, RULES)).toBe(means);
  });

  it.each(['login-accepted.json', 'login-wrapped.json'])('%s gives a session', (name) => {
    expect(loginReply.parse(load(name)).session).toBe('an-opaque-value');
  });
});

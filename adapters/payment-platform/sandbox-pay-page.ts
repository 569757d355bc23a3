import type { WireAnswer } from '../support/sandbox-answers.js';
import type { SandboxOrder } from './sandbox-ledger.js';

const html = (status: number, body: string): WireAnswer =>
  ({ status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<!doctype html><html lang="vi"><meta charset="utf-8"><title>Payment platform sandbox</title><body>${body}</body></html>` });

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const unknownPage = (): WireAnswer => html(404, '<p data-state="unknown">Không có giao dịch này</p>');

/** Where the citizen chooses; one that is over shows no buttons. */
export const payPage = (order: SandboxOrder): WireAnswer => {
  if (order.state !== 'open') return donePage(order);
  const button = (action: string, label: string): string =>
    `<form method="post" action="pay"><input type="hidden" name="ref" value="${escaped(order.ref)}"><button name="action" value="${action}">${label}</button></form>`;
  return html(200, `<h1>${escaped(order.description)}</h1><p>${order.amountVnd} VND</p>${button('pay', 'Thanh toán')}${button('cancel', 'Hủy')}`);
};

export const donePage = (order: SandboxOrder): WireAnswer => html(200, `<p data-state="${order.state}">${escaped(order.ref)}: ${order.state}</p>`);

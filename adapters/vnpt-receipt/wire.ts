import { z } from 'zod';

/** Namespace of all three services; a SOAPAction is it and the operation's name. */
export const NAMESPACE = 'http://tempuri.org/';

export type ServiceName = 'PublishService' | 'PortalService' | 'BusinessService';

/** Which service knows an operation, as its WSDL names both. */
export const METHODS = {
  publish: { service: 'PublishService', method: 'ImportAndPublishInv' },
  view: { service: 'PortalService', method: 'getInvViewFkey' },
  pdf: { service: 'PortalService', method: 'downloadInvPDFFkeyNoPay' },
  adjust: { service: 'BusinessService', method: 'AdjustInv' },
  unconfirm: { service: 'BusinessService', method: 'UnConfirmPaymentFkey' },
  cancel: { service: 'BusinessService', method: 'cancelInv' },
} as const satisfies Record<string, { readonly service: ServiceName; readonly method: string }>;
export type MethodName = keyof typeof METHODS;

/** Every operation answers with one text, named after itself. */
export const resultShape = (method: string): z.ZodType<Readonly<Record<string, string>>> => z.object({ [`${method}Result`]: z.string().min(1) });

/** Legible in the journal. Not: passwords, the receipt itself, the page and the PDF; each names a person. */
export const KEPT_FIELDS = {
  plain: new Set(['pattern', 'serial', 'convert', 'fkey', 'lstFkey', 'ImportAndPublishInvResult', 'AdjustInvResult', 'UnConfirmPaymentFkeyResult', 'cancelInvResult']),
  text: new Set<string>(),
};

/** Method of payment as the receipt names it: cash, transfer, online. */
export type PaymentMethod = 'TM' | 'CK' | 'TTO';

import { createBidv } from './bidv/adapter.js';
import { bidvSettings } from './bidv/config.js';
import { PARTY as BIDV_PARTY } from './bidv/operations.js';
import { startBidvSandbox } from './bidv/sandbox.js';
import { createMbBank } from './mb-bank/adapter.js';
import { mbBankSettings } from './mb-bank/config.js';
import { PARTY as MB_BANK_PARTY } from './mb-bank/operations.js';
import { startMbBankSandbox } from './mb-bank/sandbox.js';
import { createMyVnpost } from './my-vnpost/adapter.js';
import { myVnpostSettings } from './my-vnpost/config.js';
import { PARTY as MY_VNPOST_PARTY } from './my-vnpost/operations.js';
import { startMyVnpostSandbox } from './my-vnpost/sandbox.js';
import { createNationalPortal } from './national-portal/adapter.js';
import { nationalPortalSettings } from './national-portal/config.js';
import { PARTY } from './national-portal/operations.js';
import { startNationalPortalSandbox } from './national-portal/sandbox.js';
import { createPaymentPlatform } from './payment-platform/adapter.js';
import { paymentPlatformSettings } from './payment-platform/config.js';
import { PARTY as PAYMENT_PLATFORM_PARTY } from './payment-platform/operations.js';
import { startPaymentPlatformSandbox } from './payment-platform/sandbox.js';
import { createProcedureDatabase } from './procedure-database/adapter.js';
import { procedureDatabaseSettings } from './procedure-database/config.js';
import { PARTY as PROCEDURE_DATABASE_PARTY } from './procedure-database/operations.js';
import { startProcedureDatabaseSandbox } from './procedure-database/sandbox.js';
import { createVietqr } from './vietqr/adapter.js';
import { vietqrSettings } from './vietqr/config.js';
import { PARTY as VIETQR_PARTY } from './vietqr/operations.js';
import { startVietqrSandbox } from './vietqr/sandbox.js';
import { createViettelPost } from './viettel-post/adapter.js';
import { viettelPostSettings } from './viettel-post/config.js';
import { PARTY as VIETTEL_POST_PARTY } from './viettel-post/operations.js';
import { startViettelPostSandbox } from './viettel-post/sandbox.js';
import { createVnpay } from './vnpay/adapter.js';
import { vnpaySettings } from './vnpay/config.js';
import { PARTY as VNPAY_PARTY } from './vnpay/operations.js';
import { startVnpaySandbox } from './vnpay/sandbox.js';
import { createVnpost } from './vnpost/adapter.js';
import { vnpostSettings } from './vnpost/config.js';
import { PARTY as VNPOST_PARTY } from './vnpost/operations.js';
import { startVnpostSandbox } from './vnpost/sandbox.js';
import { createVnptPay } from './vnpt-pay/adapter.js';
import { vnptPaySettings } from './vnpt-pay/config.js';
import { PARTY as VNPT_PAY_PARTY } from './vnpt-pay/operations.js';
import { startVnptPaySandbox } from './vnpt-pay/sandbox.js';
import { createVnptReceipt } from './vnpt-receipt/adapter.js';
import { vnptReceiptSettings } from './vnpt-receipt/config.js';
import { PARTY as VNPT_RECEIPT_PARTY } from './vnpt-receipt/operations.js';
import { startVnptReceiptSandbox } from './vnpt-receipt/sandbox.js';

/** One party as the composition root sees it. */
export const NATIONAL_PORTAL = {
  party: PARTY,
  settings: nationalPortalSettings,
  create: createNationalPortal,
  startSandbox: startNationalPortalSandbox,
} as const;

export const PROCEDURE_DATABASE = {
  party: PROCEDURE_DATABASE_PARTY,
  settings: procedureDatabaseSettings,
  create: createProcedureDatabase,
  startSandbox: startProcedureDatabaseSandbox,
} as const;

export const PAYMENT_PLATFORM = {
  party: PAYMENT_PLATFORM_PARTY,
  settings: paymentPlatformSettings,
  create: createPaymentPlatform,
  startSandbox: startPaymentPlatformSandbox,
} as const;

export const VNPAY = {
  party: VNPAY_PARTY,
  settings: vnpaySettings,
  create: createVnpay,
  startSandbox: startVnpaySandbox,
} as const;

export const VIETQR = {
  party: VIETQR_PARTY,
  settings: vietqrSettings,
  create: createVietqr,
  startSandbox: startVietqrSandbox,
} as const;

export const VNPT_PAY = {
  party: VNPT_PAY_PARTY,
  settings: vnptPaySettings,
  create: createVnptPay,
  startSandbox: startVnptPaySandbox,
} as const;

export const VNPT_RECEIPT = {
  party: VNPT_RECEIPT_PARTY,
  settings: vnptReceiptSettings,
  create: createVnptReceipt,
  startSandbox: startVnptReceiptSandbox,
} as const;

export const MB_BANK = {
  party: MB_BANK_PARTY,
  settings: mbBankSettings,
  create: createMbBank,
  startSandbox: startMbBankSandbox,
} as const;

export const BIDV = {
  party: BIDV_PARTY,
  settings: bidvSettings,
  create: createBidv,
  startSandbox: startBidvSandbox,
} as const;

export const MY_VNPOST = {
  party: MY_VNPOST_PARTY,
  settings: myVnpostSettings,
  create: createMyVnpost,
  startSandbox: startMyVnpostSandbox,
} as const;

export const VNPOST = {
  party: VNPOST_PARTY,
  settings: vnpostSettings,
  create: createVnpost,
  startSandbox: startVnpostSandbox,
} as const;

export const VIETTEL_POST = {
  party: VIETTEL_POST_PARTY,
  settings: viettelPostSettings,
  create: createViettelPost,
  startSandbox: startViettelPostSandbox,
} as const;

/** The only list of parties, in the order in which `npm start` gives their sandboxes ports. A folder of adapters/ that is not here fails the architecture test. */
export const PARTIES = [NATIONAL_PORTAL, PROCEDURE_DATABASE, VNPAY, VIETQR, MB_BANK, BIDV, VNPT_RECEIPT, VNPT_PAY, PAYMENT_PLATFORM, MY_VNPOST, VNPOST, VIETTEL_POST] as const;

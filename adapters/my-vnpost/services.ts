import type { CarrierService } from '../../src/postal/postal-carrier-port.js';

/** As public clients list them; which of them a contract has is agreed with the post. */
export const SERVICE_CODES = ['EMS', 'BK', 'ECOD', 'DONG_GIA', 'TMDT_EMS', 'TMDT_BK', 'TMDT_EMS_TK'] as const;

const NAMES: Readonly<Record<(typeof SERVICE_CODES)[number], { readonly vi: string; readonly en: string }>> = {
  EMS: { vi: 'Chuyển phát nhanh EMS', en: 'Express (EMS)' },
  BK: { vi: 'Chuyển phát thường', en: 'Standard parcel' },
  ECOD: { vi: 'ECOD', en: 'ECOD' },
  DONG_GIA: { vi: 'Đồng giá', en: 'Flat rate' },
  TMDT_EMS: { vi: 'TMĐT - Chuyển phát nhanh EMS', en: 'E-commerce, express' },
  TMDT_BK: { vi: 'TMĐT - Chuyển phát tiêu chuẩn', en: 'E-commerce, standard' },
  TMDT_EMS_TK: { vi: 'TMĐT - Chuyển phát nhanh EMS tiết kiệm (liên vùng)', en: 'E-commerce, economy express between regions' },
};

export const SERVICES: readonly CarrierService[] = SERVICE_CODES.map((code) => ({ code, ...NAMES[code] }));

/**
 * How banks and officials write words of an agency's name: folded, without marks. More than one reading is tried, and the one that
 * brings two names closest counts. From names of accounts as they stand in public clients and invoices; add what is met.
 */
export const ABBREVIATIONS: Readonly<Record<string, readonly string[]>> = {
  ubnd: ['uy ban nhan dan'], uybnd: ['uy ban nhan dan'], ub: ['uy ban'], hdnd: ['hoi dong nhan dan'], ubmttq: ['uy ban mat tran to quoc'],
  tp: ['thanh pho'], tx: ['thi xa'], tt: ['trung tam', 'thi tran'], p: ['phuong', 'phong'], q: ['quan'], h: ['huyen'], x: ['xa'], t: ['tinh'],
  ttr: ['thi tran'], tthc: ['thu tuc hanh chinh'], tthcc: ['trung tam hanh chinh cong'], ttpvhcc: ['trung tam phuc vu hanh chinh cong'], hcc: ['hanh chinh cong'],
  pvhcc: ['phuc vu hanh chinh cong'], hc: ['hanh chinh'], vp: ['van phong'], vpub: ['van phong uy ban'], vpdk: ['van phong dang ky'], vpdkdd: ['van phong dang ky dat dai'],
  dkdd: ['dang ky dat dai'], cn: ['chi nhanh'], cnvpdkdd: ['chi nhanh van phong dang ky dat dai'], bql: ['ban quan ly'], bqlda: ['ban quan ly du an'], kkt: ['khu kinh te'],
  kcn: ['khu cong nghiep'], kbnn: ['kho bac nha nuoc'], kb: ['kho bac'], nsnn: ['ngan sach nha nuoc'], tnmt: ['tai nguyen va moi truong'], tnvmt: ['tai nguyen va moi truong'],
  nnmt: ['nong nghiep va moi truong'], nnptnt: ['nong nghiep va phat trien nong thon'], gdvdt: ['giao duc va dao tao'], gddt: ['giao duc va dao tao'], gtvt: ['giao thong van tai'],
  khcn: ['khoa hoc va cong nghe'], khdt: ['ke hoach va dau tu'], tc: ['tai chinh'], kh: ['ke hoach'], nn: ['nong nghiep'], mt: ['moi truong'], tckh: ['tai chinh ke hoach'], ldtbxh: ['lao dong thuong binh va xa hoi'],
  vhttdl: ['van hoa the thao va du lich'], tttt: ['thong tin va truyen thong'], ct: ['cong thuong', 'cong ty'], xd: ['xay dung'], nv: ['noi vu'],
  yt: ['y te'], bv: ['benh vien'], bvdk: ['benh vien da khoa'], ttyt: ['trung tam y te'], ca: ['cong an'], cagt: ['canh sat giao thong'], csgt: ['canh sat giao thong'],
  thpt: ['trung hoc pho thong'], thcs: ['trung hoc co so'], th: ['tieu hoc'], mn: ['mam non'], gdtx: ['giao duc thuong xuyen'], hcm: ['ho chi minh'], hn: ['ha noi'],
  tnhh: ['trach nhiem huu han'], mtv: ['mot thanh vien'], tm: ['thuong mai'], xnk: ['xuat nhap khau'], dn: ['doanh nghiep', 'da nang'], dv: ['dich vu'], dvc: ['dich vu cong'], vn: ['viet nam'],
};

/** Words of which most agencies' names are made: alike, they prove little. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  ('uy ban nhan dan hoi dong so phong ban trung tam phuc vu hanh chinh cong van phong chi cuc nhanh quan ly tinh thanh pho thi xa tran phuong huyen '
    + 'va cua tai nha nuoc kho bac viet nam don vi truong co quan').split(' '),
);

/** What kind of body it is; another kind is another body. The longer phrase goes first. */
export const KINDS: readonly string[] = [
  'chi nhanh van phong dang ky', 'van phong dang ky', 'uy ban mat tran', 'uy ban nhan dan', 'hoi dong nhan dan', 'trung tam', 'ban quan ly', 'chi cuc', 'van phong', 'cong ty', 'benh vien', 'truong', 'kho bac',
  'cong an', 'so', 'cuc', 'phong', 'xi nghiep',
];

/** What kind of place it governs; a commune may have become a ward under its old account, so a person looks. */
export const PLACES: readonly string[] = ['thanh pho', 'thi xa', 'thi tran', 'tinh', 'huyen', 'quan', 'phuong', 'xa'];

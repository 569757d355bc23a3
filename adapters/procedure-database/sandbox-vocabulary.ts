/** Words of which the sandbox makes its catalogue: real fields and plausible names. Codes of fields and ministries have the real shape. */
export interface FieldWords {
  readonly code: string;
  readonly name: string;
  /** Publishing ministry: its code and name. Codes G04–G08, G10, G11, G13 and G16 are inferred from the order of the confirmed ones. */
  readonly ministry: readonly [code: string, name: string];
  /** Number of the provincial department in the demo province, and its name. */
  readonly department: readonly [number: number, name: string];
  readonly actions: readonly string[];
  readonly objects: readonly string[];
}

const LICENCE = ['Cấp', 'Cấp lại', 'Cấp đổi', 'Gia hạn', 'Điều chỉnh', 'Cấp bổ sung', 'Thu hồi', 'Tạm dừng hiệu lực'];
const REGISTER = ['Đăng ký', 'Đăng ký lại', 'Đăng ký thay đổi', 'Đăng ký bổ sung', 'Cải chính', 'Xác nhận', 'Ghi vào sổ việc', 'Cấp bản sao trích lục'];
const DECIDE = ['Thẩm định', 'Phê duyệt', 'Công nhận', 'Công bố lại', 'Điều chỉnh', 'Chấp thuận', 'Cho phép', 'Chấm dứt'];
const SUPPORT = ['Giải quyết', 'Hỗ trợ', 'Trợ cấp', 'Tạm ứng', 'Điều chỉnh mức', 'Di chuyển', 'Tạm dừng', 'Chấm dứt'];

const G15 = ['000.00.00.G15', 'Bộ Tư pháp'] as const;
const G12 = ['000.00.00.G12', 'Bộ Tài chính'] as const;
const G13 = ['000.00.00.G13', 'Bộ Tài nguyên và Môi trường'] as const;
const G17 = ['000.00.00.G17', 'Bộ Xây dựng'] as const;
const G18 = ['000.00.00.G18', 'Bộ Y tế'] as const;
const G03 = ['000.00.00.G03', 'Bộ Giáo dục và Đào tạo'] as const;
const G09 = ['000.00.00.G09', 'Bộ Nội vụ'] as const;
const G02 = ['000.00.00.G02', 'Bộ Công Thương'] as const;
const G10 = ['000.00.00.G10', 'Bộ Nông nghiệp và Phát triển nông thôn'] as const;
const G16 = ['000.00.00.G16', 'Bộ Văn hóa, Thể thao và Du lịch'] as const;
const G04 = ['000.00.00.G04', 'Bộ Giao thông vận tải'] as const;
const G06 = ['000.00.00.G06', 'Bộ Khoa học và Công nghệ'] as const;

const TU_PHAP = [3, 'Sở Tư pháp'] as const;
const TAI_CHINH = [4, 'Sở Tài chính'] as const;
const MOI_TRUONG = [6, 'Sở Nông nghiệp và Môi trường'] as const;
const XAY_DUNG = [7, 'Sở Xây dựng'] as const;
const NOI_VU = [2, 'Sở Nội vụ'] as const;
const Y_TE = [13, 'Sở Y tế'] as const;
const GIAO_DUC = [11, 'Sở Giáo dục và Đào tạo'] as const;
const CONG_THUONG = [5, 'Sở Công Thương'] as const;
const VAN_HOA = [9, 'Sở Văn hóa và Thể thao'] as const;
const DU_LICH = [10, 'Sở Du lịch'] as const;
const KHOA_HOC = [8, 'Sở Khoa học và Công nghệ'] as const;

export const FIELDS: readonly FieldWords[] = [
  { code: 'G15-HT01', name: 'Hộ tịch', ministry: G15, department: TU_PHAP, actions: REGISTER, objects: ['khai sinh', 'khai tử', 'kết hôn', 'giám hộ', 'nhận cha, mẹ, con', 'thay đổi, cải chính hộ tịch', 'tình trạng hôn nhân', 'ly hôn'] },
  { code: 'G15-CT01', name: 'Chứng thực', ministry: G15, department: TU_PHAP, actions: ['Chứng thực', 'Cấp bản sao', 'Sửa lỗi sai sót khi chứng thực', 'Chấm dứt hiệu lực', 'Xác nhận', 'Lưu trữ', 'Tra cứu', 'Sao lục'], objects: ['bản sao từ bản chính', 'chữ ký', 'hợp đồng, giao dịch', 'di chúc', 'văn bản từ chối nhận di sản', 'văn bản thỏa thuận phân chia di sản', 'chữ ký người dịch', 'giấy ủy quyền'] },
  { code: 'G15-LL01', name: 'Lý lịch tư pháp', ministry: G15, department: TU_PHAP, actions: LICENCE, objects: ['Phiếu lý lịch tư pháp', 'bản sao Phiếu lý lịch tư pháp', 'thông tin án tích', 'thông tin lý lịch tư pháp bổ sung'] },
  { code: 'G15-CC01', name: 'Công chứng', ministry: G15, department: TU_PHAP, actions: [...DECIDE, 'Bổ nhiệm', 'Miễn nhiệm'], objects: ['công chứng viên', 'Văn phòng công chứng', 'tập sự hành nghề công chứng', 'thẻ công chứng viên', 'sáp nhập Văn phòng công chứng', 'trụ sở Văn phòng công chứng'] },
  { code: 'G13-DD01', name: 'Đất đai', ministry: G13, department: MOI_TRUONG, actions: [...REGISTER, 'Cấp', 'Cấp đổi'], objects: ['quyền sử dụng đất', 'Giấy chứng nhận quyền sử dụng đất', 'biến động đất đai', 'chuyển mục đích sử dụng đất', 'tách thửa, hợp thửa đất', 'thế chấp quyền sử dụng đất', 'tài sản gắn liền với đất', 'giao đất, cho thuê đất'] },
  { code: 'G13-MT01', name: 'Môi trường', ministry: G13, department: MOI_TRUONG, actions: [...LICENCE, 'Thẩm định', 'Xác nhận'], objects: ['giấy phép môi trường', 'báo cáo đánh giá tác động môi trường', 'phương án cải tạo, phục hồi môi trường', 'kế hoạch ứng phó sự cố môi trường', 'chất thải nguy hại', 'giấy chứng nhận môi trường'] },
  { code: 'G13-NN01', name: 'Tài nguyên nước', ministry: G13, department: MOI_TRUONG, actions: LICENCE, objects: ['giấy phép thăm dò nước dưới đất', 'giấy phép khai thác nước mặt', 'giấy phép khai thác nước dưới đất', 'giấy phép hành nghề khoan nước dưới đất', 'tiền cấp quyền khai thác tài nguyên nước'] },
  { code: 'G17-XD01', name: 'Hoạt động xây dựng', ministry: G17, department: XAY_DUNG, actions: [...LICENCE, 'Thẩm định'], objects: ['giấy phép xây dựng nhà ở riêng lẻ', 'giấy phép xây dựng công trình', 'giấy phép sửa chữa, cải tạo công trình', 'giấy phép di dời công trình', 'chứng chỉ hành nghề hoạt động xây dựng', 'chứng chỉ năng lực hoạt động xây dựng', 'báo cáo nghiên cứu khả thi đầu tư xây dựng', 'thiết kế xây dựng triển khai sau thiết kế cơ sở'] },
  { code: 'G17-QH02', name: 'Quy hoạch xây dựng, kiến trúc', ministry: G17, department: XAY_DUNG, actions: [...DECIDE, 'Cung cấp'], objects: ['nhiệm vụ quy hoạch chi tiết', 'đồ án quy hoạch chi tiết', 'thông tin quy hoạch xây dựng', 'chứng chỉ hành nghề kiến trúc', 'tổng mặt bằng dự án', 'cắm mốc giới quy hoạch'] },
  { code: 'G12-DN01', name: 'Thành lập và hoạt động của doanh nghiệp', ministry: G12, department: TAI_CHINH, actions: REGISTER.slice(0, 6), objects: ['thành lập doanh nghiệp tư nhân', 'thành lập công ty trách nhiệm hữu hạn', 'thành lập công ty cổ phần', 'hoạt động chi nhánh, văn phòng đại diện', 'địa điểm kinh doanh', 'người đại diện theo pháp luật', 'vốn điều lệ', 'ngành, nghề kinh doanh'] },
  { code: 'G12-HK01', name: 'Thành lập và hoạt động của hộ kinh doanh', ministry: G12, department: TAI_CHINH, actions: [...REGISTER.slice(0, 6), 'Tạm ngừng', 'Chấm dứt'], objects: ['hộ kinh doanh', 'nội dung đăng ký hộ kinh doanh', 'hoạt động của hộ kinh doanh', 'Giấy chứng nhận đăng ký hộ kinh doanh'] },
  { code: 'G12-DT01', name: 'Đầu tư tại Việt Nam', ministry: G12, department: TAI_CHINH, actions: [...DECIDE, 'Cấp', 'Gia hạn'], objects: ['chủ trương đầu tư', 'Giấy chứng nhận đăng ký đầu tư', 'dự án đầu tư', 'hoạt động của dự án đầu tư', 'góp vốn, mua cổ phần của nhà đầu tư nước ngoài', 'văn phòng điều hành của nhà đầu tư'] },
  { code: 'G12-GC01', name: 'Quản lý giá', ministry: G12, department: TAI_CHINH, actions: [...DECIDE, 'Kê khai'], objects: ['phương án giá', 'giá hàng hóa, dịch vụ', 'giá nước sạch', 'giá dịch vụ công ích', 'giá tối đa dịch vụ'] },
  { code: 'G03-GD10', name: 'Giáo dục phổ thông', ministry: G03, department: GIAO_DUC, actions: DECIDE, objects: ['trường trung học cơ sở', 'trường trung học phổ thông', 'trường tiểu học', 'trường phổ thông nhiều cấp học', 'chuyển trường của học sinh', 'học sinh trở lại học', 'trung tâm học tập cộng đồng', 'dạy thêm, học thêm'] },
  { code: 'G03-MN01', name: 'Giáo dục mầm non', ministry: G03, department: GIAO_DUC, actions: [...DECIDE, 'Sáp nhập, chia, tách'], objects: ['trường mẫu giáo', 'trường mầm non', 'nhà trẻ', 'nhóm trẻ, lớp mẫu giáo độc lập', 'chế độ ăn trưa cho trẻ em'] },
  { code: 'G03-VB01', name: 'Văn bằng, chứng chỉ', ministry: G03, department: GIAO_DUC, actions: LICENCE, objects: ['bản sao văn bằng, chứng chỉ từ sổ gốc', 'bằng tốt nghiệp', 'chứng chỉ ngoại ngữ', 'nội dung văn bằng, chứng chỉ', 'văn bằng do cơ sở nước ngoài cấp'] },
  { code: 'G18-YT01', name: 'Khám bệnh, chữa bệnh', ministry: G18, department: Y_TE, actions: LICENCE, objects: ['giấy phép hành nghề khám bệnh, chữa bệnh', 'giấy phép hoạt động cơ sở khám bệnh, chữa bệnh', 'giấy phép hoạt động phòng khám đa khoa', 'giấy phép hoạt động phòng khám chuyên khoa', 'xác nhận nội dung quảng cáo dịch vụ khám bệnh', 'danh mục kỹ thuật', 'giấy phép hoạt động nhà hộ sinh', 'người hành nghề y học cổ truyền'] },
  { code: 'G18-DP02', name: 'Dược phẩm', ministry: G18, department: Y_TE, actions: LICENCE, objects: ['chứng chỉ hành nghề dược', 'giấy chứng nhận đủ điều kiện kinh doanh dược', 'đánh giá thực hành tốt cơ sở bán lẻ thuốc', 'phép bán lẻ thuốc thuộc danh mục hạn chế', 'phép mua thuốc gây nghiện', 'hội thảo giới thiệu thuốc'] },
  { code: 'G18-AT03', name: 'An toàn thực phẩm và dinh dưỡng', ministry: G18, department: Y_TE, actions: [...LICENCE, ...REGISTER.slice(0, 2)], objects: ['giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm', 'bản công bố sản phẩm', 'nội dung quảng cáo thực phẩm', 'giấy chứng nhận lưu hành tự do'] },
  { code: 'G09-NC01', name: 'Người có công', ministry: G09, department: NOI_VU, actions: SUPPORT, objects: ['chế độ trợ cấp một lần', 'chế độ ưu đãi đối với thương binh', 'chế độ đối với thân nhân liệt sĩ', 'chế độ mai táng phí', 'chế độ đối với bệnh binh', 'hồ sơ người có công', 'thăm viếng mộ liệt sĩ', 'chế độ điều dưỡng'] },
  { code: 'G09-VL02', name: 'Việc làm', ministry: G09, department: NOI_VU, actions: [...SUPPORT, 'Cấp', 'Gia hạn'], objects: ['hưởng trợ cấp thất nghiệp', 'giấy phép lao động cho người nước ngoài', 'tư vấn, giới thiệu việc làm', 'giấy phép hoạt động dịch vụ việc làm', 'hỗ trợ học nghề', 'vay vốn tạo việc làm'] },
  { code: 'G09-TG05', name: 'Tổ chức phi chính phủ, hội', ministry: G09, department: NOI_VU, actions: DECIDE, objects: ['thành lập hội', 'điều lệ hội', 'đổi tên hội', 'giấy phép thành lập quỹ', 'chia, tách, sáp nhập hội', 'đại hội nhiệm kỳ của hội'] },
  { code: 'G02-LT01', name: 'Lưu thông hàng hóa trong nước', ministry: G02, department: CONG_THUONG, actions: LICENCE, objects: ['giấy phép bán buôn rượu', 'giấy phép bán lẻ rượu', 'giấy phép bán lẻ sản phẩm thuốc lá', 'giấy chứng nhận cửa hàng đủ điều kiện bán lẻ xăng dầu', 'giấy chứng nhận đủ điều kiện kinh doanh khí', 'giấy phép sản xuất rượu thủ công', 'giấy xác nhận tổng đại lý xăng dầu'] },
  { code: 'G02-DL02', name: 'Điện lực', ministry: G02, department: CONG_THUONG, actions: LICENCE, objects: ['giấy phép hoạt động phát điện', 'giấy phép hoạt động phân phối điện', 'giấy phép tư vấn chuyên ngành điện lực', 'thẻ an toàn điện', 'thẻ kiểm tra viên điện lực'] },
  { code: 'G10-TS01', name: 'Thủy sản', ministry: G10, department: MOI_TRUONG, actions: [...LICENCE, 'Công nhận'], objects: ['giấy phép khai thác thủy sản', 'giấy chứng nhận đăng ký tàu cá', 'giấy chứng nhận an toàn kỹ thuật tàu cá', 'giấy xác nhận đăng ký nuôi trồng thủy sản', 'giấy xác nhận nguồn gốc thủy sản', 'mã số cơ sở nuôi, trồng'] },
  { code: 'G10-LN02', name: 'Lâm nghiệp', ministry: G10, department: MOI_TRUONG, actions: [...DECIDE, 'Xác nhận'], objects: ['phương án khai thác lâm sản', 'chuyển mục đích sử dụng rừng', 'phương án trồng rừng thay thế', 'bảng kê lâm sản', 'nguồn giống cây trồng lâm nghiệp', 'phương án quản lý rừng bền vững'] },
  { code: 'G16-DL01', name: 'Lữ hành', ministry: G16, department: DU_LICH, actions: LICENCE, objects: ['giấy phép kinh doanh dịch vụ lữ hành nội địa', 'thẻ hướng dẫn viên du lịch quốc tế', 'thẻ hướng dẫn viên du lịch nội địa', 'giấy phép thành lập văn phòng đại diện của doanh nghiệp lữ hành nước ngoài', 'thẻ hướng dẫn viên du lịch tại điểm'] },
  { code: 'G16-TT03', name: 'Thể dục thể thao', ministry: G16, department: VAN_HOA, actions: LICENCE, objects: ['giấy chứng nhận đủ điều kiện kinh doanh hoạt động thể thao', 'giấy chứng nhận kinh doanh môn bơi, lặn', 'giấy chứng nhận kinh doanh môn Yoga', 'giấy chứng nhận kinh doanh môn quần vợt', 'câu lạc bộ thể thao cơ sở', 'giấy chứng nhận kinh doanh môn thể dục thể hình'] },
  { code: 'G04-DB01', name: 'Đường bộ', ministry: G04, department: XAY_DUNG, actions: LICENCE, objects: ['giấy phép kinh doanh vận tải bằng xe ô tô', 'phù hiệu xe ô tô', 'giấy phép lái xe', 'giấy phép thi công nút giao đấu nối', 'giấy phép lưu hành xe quá tải trọng', 'giấy phép đào tạo lái xe', 'biển hiệu xe ô tô vận tải khách du lịch'] },
  { code: 'G06-KC01', name: 'Hoạt động khoa học và công nghệ', ministry: G06, department: KHOA_HOC, actions: [...DECIDE, 'Cấp'], objects: ['giấy chứng nhận đăng ký hoạt động khoa học và công nghệ', 'giấy chứng nhận doanh nghiệp khoa học và công nghệ', 'kết quả thực hiện nhiệm vụ khoa học', 'hợp đồng chuyển giao công nghệ', 'giấy phép tiến hành công việc bức xạ', 'công nghệ mới tại địa phương'] },
];

/** For whom, where or why: what makes one name differ from the next. The first is empty, so that plain names come first. */
export const CIRCUMSTANCES: readonly string[] = [
  '', 'có yếu tố nước ngoài', 'đối với hộ gia đình, cá nhân', 'đối với tổ chức', 'trong khu công nghiệp, khu kinh tế', 'do bị mất hoặc hư hỏng',
  'do thay đổi thông tin', 'lần đầu', 'tại khu vực biên giới', 'theo cơ chế một cửa liên thông', 'thuộc thẩm quyền của Ủy ban nhân dân cấp tỉnh',
  'thuộc thẩm quyền của Ủy ban nhân dân cấp xã', 'đối với người cao tuổi, người khuyết tật', 'qua dịch vụ bưu chính công ích',
];

/** Procedures that are known by their real codes, so that examples elsewhere match. [code, name, index of the field] */
export const WELL_KNOWN: readonly (readonly [code: string, name: string, field: string])[] = [
  ['1.001193', 'Đăng ký khai sinh', 'G15-HT01'],
  ['1.000894', 'Đăng ký kết hôn', 'G15-HT01'],
  ['1.000656', 'Đăng ký khai tử', 'G15-HT01'],
  ['2.000815', 'Chứng thực bản sao từ bản chính giấy tờ, văn bản do cơ quan, tổ chức có thẩm quyền của Việt Nam cấp hoặc chứng nhận', 'G15-CT01'],
  ['2.000488', 'Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam, người nước ngoài đang cư trú tại Việt Nam', 'G15-LL01'],
];

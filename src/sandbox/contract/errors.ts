import type { Plane } from './document.ts';
import { ServiceError } from './handler.ts';
import type { Language } from '../model/text.ts';

/**
 * Errors of the embedded TICS in both languages. `number` ends the code: 1–19 any call, 20–29 connectors and datasets,
 * 30–39 approvals, 40–49 jobs and runs.
 */
const errors = {
  tokenInvalid: { status: 401, number: 1, 'zh-cn': 'token无效或已过期', en_us: 'token is invalid' },
  requestInvalid: { status: 400, number: 2, 'zh-cn': '请求参数错误', en_us: 'the request is not valid' },
  wrongPassword: { status: 401, number: 10, 'zh-cn': '用户名或密码错误', en_us: 'The username or password is wrong.' },
  notPermitted: { status: 403, number: 3, 'zh-cn': '操作无权限', en_us: 'no permission for this operation' },
  unknownPath: { status: 404, number: 4, 'zh-cn': '接口不存在', en_us: 'no such interface' },
  notFound: { status: 404, number: 5, 'zh-cn': '资源不存在', en_us: 'no such resource' },
  unknownMethod: { status: 405, number: 6, 'zh-cn': '请求方法不支持', en_us: 'method is not supported' },
  notImplemented: { status: 501, number: 7, 'zh-cn': '接口未实现', en_us: 'not implemented' },
  failed: { status: 500, number: 8, 'zh-cn': '内部服务器错误', en_us: 'internal error' },
  connectionFailed: {
    status: 500,
    // The only code that the reference gives.
    number: 12,
    'zh-cn': '测试连接失败, 请检查参数或上传文件权限',
    en_us: 'the connection failed, check the parameters or the uploaded file',
  },
  nameTaken: { status: 409, number: 20, 'zh-cn': '名称已存在', en_us: 'the name is already taken' },
  inUse: { status: 409, number: 21, 'zh-cn': '资源正在使用，不允许操作', en_us: 'the resource is in use' },
  alreadyPublished: { status: 409, number: 22, 'zh-cn': '数据集已发布', en_us: 'the dataset is already published' },
  notPublished: { status: 409, number: 23, 'zh-cn': '数据集未发布', en_us: 'the dataset is not published' },
  connectorUnsuitable: {
    status: 400,
    number: 24,
    'zh-cn': '连接器与数据集类型不匹配',
    en_us: 'the connector does not suit the dataset',
  },
  driverMissing: { status: 400, number: 25, 'zh-cn': '缺少驱动文件', en_us: 'the driver file is missing' },
  notApproved: { status: 409, number: 30, 'zh-cn': '作业未审批通过', en_us: 'the job is not approved' },
  wrongApprovalStatus: {
    status: 409,
    number: 31,
    'zh-cn': '作业审批状态不允许该操作',
    en_us: 'the approval status of the job does not allow this',
  },
  approvalNotNeeded: {
    status: 409,
    number: 32,
    'zh-cn': '空间无需审批',
    en_us: 'the league does not ask for approvals',
  },
  noticeClosed: { status: 409, number: 33, 'zh-cn': '通知已处理或已撤销', en_us: 'the notice was handled or revoked' },
  jobIncomplete: { status: 409, number: 40, 'zh-cn': '作业内容未保存', en_us: 'the job has not been saved yet' },
  jobRunning: { status: 409, number: 41, 'zh-cn': '作业正在运行', en_us: 'the job is running' },
  queueFull: {
    status: 409,
    number: 42,
    'zh-cn': '作业队列已满（queue over length）',
    en_us: 'queue over length',
  },
  instanceOver: { status: 409, number: 43, 'zh-cn': '作业实例已结束', en_us: 'the job instance is over' },
  noModel: { status: 409, number: 44, 'zh-cn': '没有可用的模型', en_us: 'there is no model to use' },
  tooLarge: { status: 413, number: 9, 'zh-cn': '请求体过大', en_us: 'the request body is too large' },
} as const;

export type ErrorName = keyof typeof errors;

/** The error code in the plane's format. */
export function errorCode(plane: Plane, refusal: ErrorName): string {
  const { status, number } = errors[refusal];
  const digits = String(number);
  return plane === 'agent'
    ? `TICS_AGENT.${digits.padStart(8, '1000000')}`
    : `TICS.SRV.${status}${digits.padStart(5, '0')}`;
}

/** An error of the service; `detail` is appended to its text. */
export function serviceError(plane: Plane, language: Language, refusal: ErrorName, detail?: string): ServiceError {
  const { status, [language]: text } = errors[refusal];
  return new ServiceError(status, errorCode(plane, refusal), detail === undefined ? text : `${text}: ${detail}`);
}

/** The error shape of a plane. */
export function errorBody(plane: Plane, { status, code, message }: ServiceError): unknown {
  return plane === 'iam'
    ? { error: { code: status, message, title: titles[status] ?? 'Error' } }
    : { error_code: code, error_msg: message };
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
};

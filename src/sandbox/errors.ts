import type { Plane } from './contract.ts';
import { ServiceError, type Language } from './handler.ts';

/** What the embedded TICS refuses, in both of its languages. The numbers are the end of its codes. */
const refusals = {
  tokenInvalid: { status: 401, number: 1, 'zh-cn': 'token无效或已过期', en_us: 'token is invalid' },
  requestInvalid: { status: 400, number: 2, 'zh-cn': '请求参数错误', en_us: 'the request is not valid' },
  wrongPassword: { status: 401, number: 10, 'zh-cn': '用户名或密码错误', en_us: 'The username or password is wrong.' },
  notPermitted: { status: 403, number: 3, 'zh-cn': '操作无权限', en_us: 'no permission for this operation' },
  unknownPath: { status: 404, number: 4, 'zh-cn': '接口不存在', en_us: 'no such interface' },
  notFound: { status: 404, number: 5, 'zh-cn': '资源不存在', en_us: 'no such resource' },
  unknownMethod: { status: 405, number: 6, 'zh-cn': '请求方法不支持', en_us: 'method is not supported' },
  notImplemented: { status: 501, number: 7, 'zh-cn': '接口未实现', en_us: 'not implemented' },
  failed: { status: 500, number: 8, 'zh-cn': '内部服务器错误', en_us: 'internal error' },
  tooLarge: { status: 413, number: 9, 'zh-cn': '请求体过大', en_us: 'the request body is too large' },
} as const;

export type Refusal = keyof typeof refusals;

/** A code in the plane's own way of writing them. */
export const errorCode = (plane: Plane, refusal: Refusal): string => {
  const { status, number } = refusals[refusal];
  const digits = String(number);
  return plane === 'agent'
    ? `TICS_AGENT.${digits.padStart(8, '1000000')}`
    : `TICS.SRV.${status}${digits.padStart(5, '0')}`;
};

/** A refusal with the service's code and text; `detail` is added as it is. */
export const refuse = (plane: Plane, language: Language, refusal: Refusal, detail?: string): ServiceError => {
  const { status, [language]: text } = refusals[refusal];
  return new ServiceError(status, errorCode(plane, refusal), detail === undefined ? text : `${text}: ${detail}`);
};

/** The error shape of a plane. */
export const errorBody = (plane: Plane, { status, code, message }: ServiceError): unknown =>
  plane === 'iam'
    ? { error: { code: status, message, title: titles[status] ?? 'Error' } }
    : { error_code: code, error_msg: message };

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
};

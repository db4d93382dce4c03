import type { ErrorCode } from '../errors.ts';

/** The purpose of a call, where its refusals have a meaning of their own. CHECK_SQL: the service validates an SQL text. */
export type CallPurpose = 'SIGN_IN' | 'CREATE' | 'CHECK_SQL';

/** A refusal as the upstream sent it. */
export interface UpstreamRefusal {
  /** Of the refused call. */
  readonly purpose?: CallPurpose | undefined;
  /** The HTTP status. */
  readonly status: number;
  /** The service's own code. */
  readonly code?: string | undefined;
  /** The service's own text, in either of its languages. */
  readonly message?: string | undefined;
}

/** A known refusal, matched by the service's code or text. The first match counts. */
interface KnownRefusal {
  readonly means: ErrorCode;
  readonly code?: string;
  readonly text?: RegExp;
  /** Only for calls with this purpose. Default: all. */
  readonly purpose?: CallPurpose;
}

/**
 * The service documents two codes and hardly any texts, so texts are recognised by their key words, in Chinese and English. Their
 * statuses vary: many refusals are a plain 500.
 */
const knownRefusals: readonly KnownRefusal[] = [
  { means: 'PARTNER_NOT_VERIFIED', code: 'TICS.SRV.40000023' },
  { means: 'UPSTREAM_TIMEOUT', code: 'TICS.SRV.90000010' },
  { means: 'ACCOUNT_LOCKED', purpose: 'SIGN_IN', text: /锁定|\block(ed|out)\b/i },
  { means: 'QUEUE_FULL', text: /queue (is )?(over length|full)|over queue length|队列.{0,6}(已满|超长|超过|超出)/i },
  {
    means: 'NAME_TAKEN',
    text: /重名|(名称|名字).{0,40}(已存在|已被|重复|占用)|已存在|already exist|\bname\b.{0,140}(exists|taken|duplicate)|duplicate.{0,20}\bname\b/i,
  },
  { means: 'NOT_PUBLISHED', text: /未发布|not (been )?published|unpublished/i },
  {
    means: 'PARTNER_NOT_VERIFIED',
    text: /(合作方|组员).{0,10}未(通过)?(验证|认证)|partner.{0,40}not (been )?verified/i,
  },
  {
    means: 'WRONG_STATE',
    text: /状态.{0,10}(不允许|不支持|不正确|错误|无法)|未(通过)?审批|未保存|正在(运行|执行|使用)|已(结束|完成|终止|停止|发布|处理|撤销)|无需审批|没有可用的模型/,
  },
  {
    means: 'WRONG_STATE',
    text: /\b(status|state)\b.{0,60}\bnot allow|not (been )?(approved|saved)|(job|instance|run|resource|dataset|connector) is (already )?(running|over|finished|in use|published)|(was|already) (handled|revoked|published|submitted)|not ask for approval|no model to use/i,
  },
  {
    means: 'SQL_REFUSED',
    purpose: 'CHECK_SQL',
    // A text that names an SQL job is not about its SQL, for example that the account may not run it.
    text: /SQL(?!\s*(jobs?\b|作业))|隐私|敏感|收敛|语法|解析|privacy|sensitive|syntax|\bpars(e|ing)\b/i,
  },
  { means: 'FORBIDDEN', text: /(无|没有).{0,8}权限|权限不足|no (permission|right)\b|not permitted|permission denied/i },
];

/** Statuses of a service that is away. It may not have received the request. */
const awayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** True for a status that says that the service is away for the moment. */
export function isAwayStatus(status: number | undefined): boolean {
  return status !== undefined && awayStatuses.has(status);
}

function codeOfStatus(status: number, purpose: CallPurpose | undefined): ErrorCode {
  if (status === 403) return 'FORBIDDEN';
  // A conflict: names are all that has to be unique at the service.
  if (status === 409 && purpose === 'CREATE') return 'NAME_TAKEN';
  if (status === 429) return 'RATE_LIMITED';
  return status < 500 ? 'UPSTREAM_REFUSED' : 'UPSTREAM_FAILED';
}

function fits(known: KnownRefusal, { purpose, code, message }: UpstreamRefusal): boolean {
  return (
    (known.purpose === undefined || known.purpose === purpose) &&
    (known.code === undefined || known.code === code) &&
    (known.text === undefined || (message !== undefined && known.text.test(message)))
  );
}

/**
 * The error code of a refusal. The one place that decides it. A 401 means either that the token or the account is not accepted,
 * or, as the reference says at nearly every call (操作无权限), that the account lacks a right: signing in again does not help then.
 */
export function meaningOf(said: UpstreamRefusal): ErrorCode {
  if (said.status === 404 || said.status === 410) return 'NOT_FOUND';
  const known = knownRefusals.find((refusal) => fits(refusal, said))?.means;
  if (said.status === 401) {
    const lacksRight = known === 'FORBIDDEN' && said.purpose !== 'SIGN_IN';
    return known === 'ACCOUNT_LOCKED' || lacksRight ? known : 'SIGN_IN_REFUSED';
  }
  return known ?? codeOfStatus(said.status, said.purpose);
}

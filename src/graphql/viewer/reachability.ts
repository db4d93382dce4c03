import { GatewayError, type ErrorCode } from '../../errors.ts';

/** Why a call failed, or null when it was answered. */
export async function failureOf(call: Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

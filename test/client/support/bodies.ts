import type { ResponseBody } from '../../../src/client/transport/response.ts';

/** A body of these bytes, as a server that answers at once gives it. */
export function bodyOf(bytes: Buffer): ResponseBody {
  return {
    read: async (take) => {
      await Promise.resolve();
      take(bytes);
    },
  };
}

/** All bytes of a body. */
export async function allOf(body: ResponseBody): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await body.read((chunk) => {
    chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

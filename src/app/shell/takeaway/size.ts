/** How large a file is, as people say it of files they send. */
import { integer, megabytes } from '../../messages/format.ts';

export const fileSize = (bytes: number) =>
  bytes < 1e6 ? `${integer(Math.max(1, Math.round(bytes / 1000)))} KB` : megabytes(bytes);

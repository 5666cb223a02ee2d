/** How large a file is, as people say it of files they send. */
import { kilobytes, megabytes } from '../../messages/format.ts';

export const fileSize = (bytes: number) => (bytes < 1e6 ? kilobytes(bytes) : megabytes(bytes));

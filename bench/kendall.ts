/** Kendall's tau of a sequence against its sorted self: 1 when it only rises, −1 when it only falls; ties count nothing. */
export function kendall(values: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) sum += Math.sign((values[j] as number) - (values[i] as number));
  return sum / ((values.length * (values.length - 1)) / 2);
}

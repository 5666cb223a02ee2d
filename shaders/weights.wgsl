// Packed weights, shared by every kernel that multiplies with a matrix [N, K] (see src/engine/pack.ts).
//
// A matrix is stored in panels of 64 rows. Inside a panel the 64 rows stand side by side, so that neighbouring threads,
// which own neighbouring output columns, read neighbouring words:
//   F16, BF16:  word[panel][k / 2][row % 64] holds elements k (low half) and k + 1 (high half) of a row
//   F32:        word[panel][k][row % 64]
//   I8:         word[panel][k / 4][row % 64] holds elements k … k + 3 of a row, lowest byte first; behind them, at
//               k / 4 = K / 4, stands the f32 scale of each row
//   I4, NF4:    word[panel][k / 8][row % 64] holds elements k … k + 7 of a row, lowest four bits first: of I4 signed
//               numbers, of NF4 the places of a table. Behind them stand the scales, one line for every 64 elements: of
//               I4 two bfloat16, for 32 elements each, of NF4 one f32
// Small types are unpacked here, in registers, so no device needs shader-f16. N is padded to 64, K to 32, with zeros.
// How a place becomes a number of the table is said by nf4.wgsl or nf4_subgroup.wgsl, one of which follows this file.

const F32 = 0u;
const F16 = 1u;
const BF16 = 2u;
const I8 = 3u;
const I4 = 4u;
const NF4 = 5u;

override DTYPE: u32 = F32;
override K: u32; // padded
override FOUR_BIT_LINES: u32 = K / 8u + (K + 32u) / 64u; // of a panel

@group(0) @binding(2) var<storage, read> weights: array<vec4u>;

/// Elements k = 2p and k = 2p + 1 of four neighbouring rows.
struct WeightPair {
  even: vec4f,
  odd: vec4f,
}

/// NormalFloat: quantiles of a normal distribution (QLoRA, arXiv 2305.14314).
const NF4_TABLE = array<f32, 16>(
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
  -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
  0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
);

/// What products with four rows are to be multiplied by: 1, but for I8.
fn row_scale(quad: u32) -> vec4f {
  if (DTYPE != I8) { return vec4f(1.0); }
  return bitcast<vec4f>(weights[(quad / 16u * (K / 4u + 1u) + K / 4u) * 16u + quad % 16u]);
}

/// The scales of four rows at pair `p` of four-bit weights.
fn group_scale(quad: u32, p: u32) -> vec4f {
  let bits = weights[(quad / 16u * FOUR_BIT_LINES + K / 8u + p / 32u) * 16u + quad % 16u];
  if (DTYPE == NF4) { return bitcast<vec4f>(bits); }
  return bitcast<vec4f>(select(bits << vec4u(16u), bits & vec4u(0xffff0000u), p % 32u >= 16u));
}

/// The numbers at the i-th four bits of each word.
fn level(eight: vec4u, i: u32) -> vec4f {
  if (DTYPE == I4) { return vec4f(bitcast<vec4i>(eight << vec4u(28u - 4u * i)) >> vec4u(28u)); }
  let c = (eight >> vec4u(4u * i)) & vec4u(15u);
  return nf4_values(c);
}

/// `quad` counts groups of four rows, `p` counts pairs along K. Elements of I8 come without their scale.
fn weight_pair(quad: u32, p: u32) -> WeightPair {
  let panel = quad / 16u;
  if (DTYPE == F32) {
    let at = (panel * K + 2u * p) * 16u + quad % 16u;
    return WeightPair(bitcast<vec4f>(weights[at]), bitcast<vec4f>(weights[at + 16u]));
  }
  if (DTYPE == I8) {
    let four = weights[(panel * (K / 4u + 1u) + p / 2u) * 16u + quad % 16u];
    let two = select(four << vec4u(16u), four, p % 2u == 1u); // the pair as the upper half of each word
    return WeightPair(vec4f(bitcast<vec4i>(two << vec4u(8u)) >> vec4u(24u)), vec4f(bitcast<vec4i>(two) >> vec4u(24u)));
  }
  if (DTYPE == I4 || DTYPE == NF4) {
    let eight = weights[(panel * FOUR_BIT_LINES + p / 4u) * 16u + quad % 16u];
    let scale = group_scale(quad, p);
    return WeightPair(level(eight, 2u * (p % 4u)) * scale, level(eight, 2u * (p % 4u) + 1u) * scale);
  }
  let bits = weights[(panel * (K / 2u) + p) * 16u + quad % 16u];
  if (DTYPE == BF16) { // bfloat16 is the upper half of an f32
    return WeightPair(bitcast<vec4f>(bits << vec4u(16u)), bitcast<vec4f>(bits & vec4u(0xffff0000u)));
  }
  let a = unpack2x16float(bits.x);
  let b = unpack2x16float(bits.y);
  let c = unpack2x16float(bits.z);
  let d = unpack2x16float(bits.w);
  return WeightPair(vec4f(a.x, b.x, c.x, d.x), vec4f(a.y, b.y, c.y, d.y));
}

/// Elements 4q to 4q + 3 of four neighbouring rows.
struct WeightFour {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

/// `quad` counts groups of four rows, `q` counts fours along K. Elements of I8 come without their scale.
fn weight_four(quad: u32, q: u32) -> WeightFour {
  if (DTYPE == I4 || DTYPE == NF4) {
    let eight = weights[(quad / 16u * FOUR_BIT_LINES + q / 2u) * 16u + quad % 16u] >> vec4u(16u * (q % 2u));
    let scale = group_scale(quad, 2u * q);
    return WeightFour(level(eight, 0u) * scale, level(eight, 1u) * scale, level(eight, 2u) * scale, level(eight, 3u) * scale);
  }
  let first = weight_pair(quad, 2u * q);
  let second = weight_pair(quad, 2u * q + 1u);
  return WeightFour(first.even, first.odd, second.even, second.odd);
}

// Packed weights, shared by every kernel that multiplies with a matrix [N, K] (see src/engine/pack.ts).
//
// A matrix is stored in panels of 64 rows. Inside a panel the 64 rows stand side by side, so that neighbouring threads,
// which own neighbouring output columns, read neighbouring words:
//   F16, BF16:  word[panel][k / 2][row % 64] holds elements k (low half) and k + 1 (high half) of a row
//   F32:        word[panel][k][row % 64]
//   I8:         word[panel][k / 4][row % 64] holds elements k … k + 3 of a row, lowest byte first; behind them, at
//               k / 4 = K / 4, stands the f32 scale of each row
// Small types are unpacked here, in registers, so no device needs shader-f16. N is padded to 64, K to 32, with zeros.

const F32 = 0u;
const F16 = 1u;
const BF16 = 2u;
const I8 = 3u;

override DTYPE: u32 = F32;
override K: u32; // padded

@group(0) @binding(2) var<storage, read> weights: array<vec4u>;

/// Elements k = 2p and k = 2p + 1 of four neighbouring rows.
struct WeightPair {
  even: vec4f,
  odd: vec4f,
}

/// What products with four rows are to be multiplied by: 1, but for I8.
fn row_scale(quad: u32) -> vec4f {
  if (DTYPE != I8) { return vec4f(1.0); }
  return bitcast<vec4f>(weights[(quad / 16u * (K / 4u + 1u) + K / 4u) * 16u + quad % 16u]);
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

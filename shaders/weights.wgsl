// Packed weights, shared by every kernel that multiplies with a matrix [N, K] (see src/engine/pack.ts).
//
// A matrix is stored in panels of 64 rows. Inside a panel the 64 rows stand side by side, so that neighbouring threads,
// which own neighbouring output columns, read neighbouring words:
//   F16, BF16:  word[panel][k / 2][row % 64] holds elements k (low half) and k + 1 (high half) of a row
//   F32:        word[panel][k][row % 64]
// Half precision is unpacked here, in registers, so no device needs shader-f16. N is padded to 64, K to 32, with zeros.

const F32 = 0u;
const F16 = 1u;
const BF16 = 2u;

override DTYPE: u32 = F32;
override K: u32; // padded

@group(0) @binding(2) var<storage, read> weights: array<vec4u>;

/// Elements k = 2p and k = 2p + 1 of four neighbouring rows.
struct WeightPair {
  even: vec4f,
  odd: vec4f,
}

/// `quad` counts groups of four rows, `p` counts pairs along K.
fn weight_pair(quad: u32, p: u32) -> WeightPair {
  let panel = quad / 16u;
  if (DTYPE == F32) {
    let at = (panel * K + 2u * p) * 16u + quad % 16u;
    return WeightPair(bitcast<vec4f>(weights[at]), bitcast<vec4f>(weights[at + 16u]));
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

// The random numbers of src/diffusion/rng.ts, bit for bit: threefry2x32 with 20 rounds (Salmon et al., SC 2011).
// Counter-based: the noise of (slot, token) is a function of the step's key, so every machine draws the same.

/// Four rounds: add, rotate left, exclusive-or.
fn threefry_rounds(block: vec2u, turns: vec4u) -> vec2u {
  var v = block;
  for (var i = 0u; i < 4u; i++) {
    v.x += v.y;
    v.y = ((v.y << turns[i]) | (v.y >> (32u - turns[i]))) ^ v.x;
  }
  return v;
}

fn threefry2x32(key: vec2u, counter: vec2u) -> vec2u {
  let parity = key.x ^ key.y ^ 0x1bd11bdau;
  let even = vec4u(13u, 15u, 26u, 6u);
  let odd = vec4u(17u, 29u, 16u, 24u);
  var v = counter + key;
  v = threefry_rounds(v, even) + vec2u(key.y, parity + 1u);
  v = threefry_rounds(v, odd) + vec2u(parity, key.x + 2u);
  v = threefry_rounds(v, even) + vec2u(key.x, key.y + 3u);
  v = threefry_rounds(v, odd) + vec2u(key.y, parity + 4u);
  v = threefry_rounds(v, even) + vec2u(parity, key.x + 5u);
  return v;
}

/// 32 bits as an f32 in (0, 1); fine-grained near 0, where the tail of the noise is. Drivers round u32 to f32 in their
/// own ways, but the upper 24 bits and the lower 8 convert exactly, and their sum is rounded by IEEE 754.
fn uniform_open(bits: vec2u) -> vec2f {
  let rounded = vec2f(bits & vec2u(0xffffff00u)) + vec2f(bits & vec2u(0xffu));
  return min((rounded + 0.5) * 0x1p-32, vec2f(0x1.fffffep-1));
}

/// −ln(1 − w). Below 1/8 by its series, since 1 − w would round away the small w that win.
fn exponential(w: vec2f) -> vec2f {
  var series = vec2f(1.0 / 8.0);
  series = 1.0 / 7.0 + w * series;
  series = 1.0 / 6.0 + w * series;
  series = 1.0 / 5.0 + w * series;
  series = 1.0 / 4.0 + w * series;
  series = 1.0 / 3.0 + w * series;
  series = 1.0 / 2.0 + w * series;
  series = 1.0 + w * series;
  return select(-log(1.0 - w), w * series, w < vec2f(0.125));
}

/// Standard Gumbel noise of tokens 2 · pair and 2 · pair + 1 in a slot.
fn gumbel_pair(key: vec2u, slot: u32, pair: u32) -> vec2f {
  return -log(exponential(uniform_open(threefry2x32(key, vec2u(slot, pair)))));
}

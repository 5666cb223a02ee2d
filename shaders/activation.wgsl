// The activations that networks use, of two values at a time (see gelu.wgsl for the exact gelu).

const ACTIVATION_GELU = 0u;
const ACTIVATION_GELU_TANH = 1u;
const ACTIVATION_SILU = 2u;
const ACTIVATION_RELU = 3u;

override ACTIVATION: u32 = ACTIVATION_GELU;

const MOST_EXPONENT = vec2f(80.0); // e^80 is a number in f32; beyond it the sigmoid is 0 for all that f32 can tell

/// x / (1 + e^(−z)): with z = x the SiLU (arXiv 1606.08415, 1710.05941).
fn sigmoid_gate(x: vec2f, z: vec2f) -> vec2f {
  return x / (1.0 + exp(min(-z, MOST_EXPONENT)));
}

fn activate(x: vec2f) -> vec2f {
  if (ACTIVATION == ACTIVATION_SILU) { return sigmoid_gate(x, x); }
  if (ACTIVATION == ACTIVATION_RELU) { return max(x, vec2f(0.0)); }
  // ½ x (1 + tanh u) = x σ(2u), u = √(2/π) (x + 0.044715 x³)
  if (ACTIVATION == ACTIVATION_GELU_TANH) { return sigmoid_gate(x, 1.5957691216 * (x + 0.044715 * x * x * x)); }
  return gelu(x);
}

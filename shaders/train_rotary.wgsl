// Turns the pairs (j, j + HEAD/2) of queries and keys by the angle of their position (RoFormer, arXiv 2104.09864), and
// copies the values. A rotation's gradient is the rotation by the opposite angle: SIGN = -1.

override HEADS: u32; // of queries
override KEY_HEADS: u32;
override HEAD: u32;
override SIGN: f32 = 1.0;
override HALF: u32 = HEAD / 2u;
override TURNED: u32 = (HEADS + KEY_HEADS) * HALF;
override ALL: u32 = TURNED + KEY_HEADS * HALF;

struct Params {
  length: u32, // tokens of a canvas; row r stands where row r % length of the angles says
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [rows, HEADS + 2 KEY_HEADS, HEAD]
@group(0) @binding(2) var<storage, read> cosine: array<f32>; // [length, HALF]
@group(0) @binding(3) var<storage, read> sine: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= ALL) { return; }
  let j = id.x % HALF;
  let at = 2u * (id.y * ALL + id.x - j) + j;
  let a = x[at];
  let b = x[at + HALF];
  if (id.x >= TURNED) {
    y[at] = a;
    y[at + HALF] = b;
    return;
  }
  let angle = (id.y % params.length) * HALF + j;
  let c = cosine[angle];
  let s = SIGN * sine[angle];
  y[at] = a * c - b * s;
  y[at + HALF] = b * c + a * s;
}

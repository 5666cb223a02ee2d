// Norm of each head's query and key over the head (RMS: Qwen3, arXiv 2505.09388, after Dehghani et al., 2302.05442), then
// their rotary turn, in place. Eight threads to a head, eight heads to a workgroup. A tile of the product before it need
// not hold whole heads, which is why this is a dispatch of its own.

override HEADS: u32;        // of queries and keys together
override QUERY_HEADS: u32;
override HEAD: u32;         // padded head size
override HEAD_DIM: u32;     // without padding
override X_STRIDE: u32;     // elements from one row of q|k|v to the next
override EPS: f32;
override TURN: bool = true; // whether the network has rotary positions

struct Params {
  rows: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> scale: array<vec4f>; // [2, HEAD]: of queries, of keys
@group(0) @binding(3) var<storage, read> turns: array<vec4f>; // [position, HEAD / 4]: cos, sin, cos, sin of two pairs
@group(0) @binding(4) var<storage, read_write> qkv: array<vec4f>;

const THREADS = 8u; // of a head
const LANES = 64u;

var<workgroup> partial: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let item = group.x * (LANES / THREADS) + lane / THREADS;
  let row = min(item / HEADS, params.rows - 1u);
  let head = item % HEADS;
  let base = rows[row].place * (X_STRIDE / 4u) + head * (HEAD / 4u);

  var squares = 0.0;
  for (var c = lane % THREADS; c < HEAD / 4u; c += THREADS) {
    let v = qkv[base + c]; // the padding of a head is zero
    squares += dot(v, v);
  }
  partial[lane] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) { sum += partial[lane / THREADS * THREADS + i]; }
  let scaled = inverseSqrt(sum / f32(HEAD_DIM) + EPS);

  if (item >= params.rows * HEADS) { return; }
  let part = select(1u, 0u, head < QUERY_HEADS);
  for (var c = lane % THREADS; c < HEAD / 4u; c += THREADS) {
    var v = qkv[base + c] * scaled * scale[part * (HEAD / 4u) + c];
    if (TURN) {
      let turn = turns[rows[row].position * (HEAD / 4u) + c];
      v = v * turn.xxzz + vec4f(-v.y, v.x, -v.w, v.z) * turn.yyww;
    }
    qkv[base + c] = v;
  }
}

// The logits of given tokens and of no others: one workgroup per asked slot, the product of its hidden row with its
// token's row of the decoder. Less the slot's log-sum-exp (decode.wgsl) this is the token's log-probability.
// A decoder larger than one buffer binding is split by rows; each part answers for its own ids and leaves the rest.

override FIRST_ID: u32 = 0u;
override ID_COUNT: u32;

@group(0) @binding(1) var<storage, read> hidden: array<vec2f>;       // [rows, K]
@group(0) @binding(3) var<storage, read> bias: array<f32>;           // of all parts together
@group(0) @binding(4) var<storage, read> ids: array<u32>;            // [slots]
@group(0) @binding(5) var<storage, read_write> logits: array<f32>;   // [slots]
@group(0) @binding(6) var<storage, read> rows: array<u32>;           // of `hidden`, [slots]

const LANES = 64u;
var<workgroup> partial: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Below FIRST_ID the difference wraps around to a huge number.
  let id = ids[group.x] - FIRST_ID;
  if (id >= ID_COUNT) { return; }
  let row = rows[group.x] * (K / 2u);
  var sum = 0.0;
  for (var p = lane; p < K / 2u; p += LANES) {
    let pair = weight_pair(id / 4u, p);
    sum += dot(hidden[row + p], vec2f(pair.even[id % 4u], pair.odd[id % 4u]));
  }
  partial[lane] = sum;
  workgroupBarrier();
  if (lane != 0u) { return; }
  var total = 0.0;
  for (var i = 0u; i < LANES; i++) { total += partial[i]; }
  logits[group.x] = total * row_scale(id / 4u)[id % 4u] + bias[FIRST_ID + id];
}

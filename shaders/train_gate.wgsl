// GELU of the first half of a row, times the second half.

override WIDTH: u32; // of a half

@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, 2, WIDTH]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [rows, WIDTH]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= WIDTH) { return; }
  let at = id.y * 2u * WIDTH + id.x;
  y[id.y * WIDTH + id.x] = gelu(vec2f(x[at])).x * x[at + WIDTH];
}

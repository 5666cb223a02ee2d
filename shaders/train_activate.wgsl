// The activation of a row, or of its first half, times the second half.

override WIDTH: u32; // of the answer
override GATED: bool;

@group(0) @binding(0) var<storage, read> x: array<f32>; // [rows, WIDTH], or [rows, 2, WIDTH]
@group(0) @binding(1) var<storage, read_write> y: array<f32>; // [rows, WIDTH]

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= WIDTH) { return; }
  if (GATED) {
    let at = id.y * 2u * WIDTH + id.x;
    y[id.y * WIDTH + id.x] = activated(x[at]).x * x[at + WIDTH];
  } else {
    y[id.y * WIDTH + id.x] = activated(x[id.y * WIDTH + id.x]).x;
  }
}

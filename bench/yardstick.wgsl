// A plain f32 matrix product C = A · Bᵀ, the yardstick of `npm run profile`: what a simple kernel with nothing fused
// reaches on this device. A thread computes an 8 × 4 block in registers (register tiling is most of what makes a WGSL
// product fast); in STAGED form the operands pass through workgroup memory, otherwise each thread reads them itself.
// All three sizes are multiples of the tile and of 16.

override SIZE: u32;   // rows, columns and depth
override STAGED: bool;
override WX: u32 = 16u;
override WY: u32 = 8u;
override THREADS: u32 = WX * WY;
override TILE_A: u32 = WY * 8u * 4u; // 16 deep, four to a vector
override TILE_B: u32 = WX * 16u;

@group(0) @binding(0) var<storage, read> a: array<vec4f>; // [row][k / 4]
@group(0) @binding(1) var<storage, read> b: array<vec4f>; // [k][column / 4]
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

var<workgroup> tile_a: array<vec4f, TILE_A>;
var<workgroup> tile_b: array<vec4f, TILE_B>;

@compute @workgroup_size(WX, WY)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row0 = group.x * WY * 8u;
  let column = group.y * WX + local.x; // counted in fours
  var sums: array<vec4f, 8>;
  for (var k0 = 0u; k0 < SIZE; k0 += 16u) {
    if (STAGED) {
      for (var i = lane; i < TILE_A; i += THREADS) { tile_a[i] = a[(row0 + i / 4u) * (SIZE / 4u) + k0 / 4u + i % 4u]; }
      for (var i = lane; i < TILE_B; i += THREADS) { tile_b[i] = b[(k0 + i / WX) * (SIZE / 4u) + group.y * WX + i % WX]; }
      workgroupBarrier();
    }
    for (var k = 0u; k < 4u; k++) {
      var w: array<vec4f, 4>;
      for (var j = 0u; j < 4u; j++) {
        if (STAGED) { w[j] = tile_b[(4u * k + j) * WX + local.x]; }
        else { w[j] = b[(k0 + 4u * k + j) * (SIZE / 4u) + column]; }
      }
      for (var i = 0u; i < 8u; i++) {
        let r = i * WY + local.y;
        var x: vec4f;
        if (STAGED) { x = tile_a[r * 4u + k]; } else { x = a[(row0 + r) * (SIZE / 4u) + k0 / 4u + k]; }
        sums[i] += x.x * w[0] + x.y * w[1] + x.z * w[2] + x.w * w[3];
      }
    }
    if (STAGED) { workgroupBarrier(); }
  }
  for (var i = 0u; i < 8u; i++) { c[(row0 + i * WY + local.y) * (SIZE / 4u) + column] = sums[i]; }
}

// The training step of model.py's BERT on processors with AMX tiles (bf16): forward, loss over the masked slots, backward.
//
// Why beside PyTorch: one core multiplies 2,100 GFLOPS in tiles here, oneDNN through PyTorch 280. Every product is laid out for the tiles
// (16 rows of 64 bytes; the right factor with pairs of its rows interleaved), what follows it (bias, GELU, residual, softmax) happens while
// a 32 x 32 block is in the cache, and activations are bf16 as in model.py. Gradients are f32 and are added to. One call is one thread:
// threads take pieces of a batch of their own, each with gradients and room of its own.
//
// Shapes: width and inner width multiples of 32, heads of 32, rows x length a multiple of 32, length a multiple of 32, vocabulary of 32.
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef uint16_t bf;
typedef float f32;
#define INLINE static inline __attribute__((always_inline))

INLINE __m512 load(const bf *p) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16)); }
INLINE void store(bf *p, __m512 v) { _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh(v)); }
INLINE f32 one(bf v) { uint32_t u = (uint32_t)v << 16; f32 f; memcpy(&f, &u, 4); return f; }

// e^x to 2e-7, for x below 88.
INLINE __m512 exp16(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-87.0f));
  __m512 y = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), n = _mm512_roundscale_ps(y, 8);
  __m512 f = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  f = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), f);
  __m512 p = _mm512_set1_ps(1.9875691500e-4f);
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.3981999507e-3f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(8.3334519073e-3f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(4.1665795894e-2f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.6666665459e-1f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.0000001201e-1f));
  p = _mm512_fmadd_ps(p, _mm512_mul_ps(f, f), _mm512_add_ps(f, _mm512_set1_ps(1)));
  return _mm512_scalef_ps(p, n);
}

// GELU with the error function (Abramowitz and Stegun 7.1.26, 1.5e-7) and its derivative.
INLINE void gelu16(__m512 u, __m512 *g, __m512 *d) {
  __m512 a = _mm512_abs_ps(u), x = _mm512_mul_ps(a, _mm512_set1_ps(0.70710678f));
  __m512 t = _mm512_div_ps(_mm512_set1_ps(1), _mm512_fmadd_ps(_mm512_set1_ps(0.3275911f), x, _mm512_set1_ps(1)));
  __m512 e = exp16(_mm512_mul_ps(_mm512_set1_ps(-0.5f), _mm512_mul_ps(u, u)));
  __m512 p = _mm512_set1_ps(1.061405429f);
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.453152027f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.421413741f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.284496736f));
  p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.254829592f));
  __m512 half = _mm512_mul_ps(_mm512_mul_ps(_mm512_mul_ps(p, t), e), _mm512_set1_ps(0.5f));  // 1 - cdf(|u|)
  __m512 cdf = _mm512_mask_sub_ps(half, _mm512_cmp_ps_mask(u, _mm512_setzero_ps(), _CMP_GE_OQ), _mm512_set1_ps(1), half);
  *g = _mm512_mul_ps(u, cdf);
  *d = _mm512_fmadd_ps(_mm512_mul_ps(u, _mm512_set1_ps(0.39894228f)), e, cdf);
}

// ---- tiles ----
typedef struct { uint8_t palette, start; uint8_t reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } __attribute__((packed)) Tiles;
static void tiles_on() {
  Tiles c;
  memset(&c, 0, sizeof c);
  c.palette = 1;
  for (int i = 0; i < 8; i++) c.bytes[i] = 64, c.rows[i] = 16;
  _tile_loadconfig(&c);
}

// 16 x 16 values of 32 bits, columns to rows.
INLINE void transpose(__m512i *r) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]), t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]), r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]), r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88), t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88), t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88), r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88), r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}
INLINE __m512i pair(const bf *a, const bf *b) {
  return _mm512_or_si512(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)a)), _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)b)), 16));
}
// The right factor of x W^T, of W [n][k]: tiles [n/16][k/32].
static void pack_rows(const bf *w, int n, int k, int stride, bf *out) {
  for (int i = 0; i < n; i += 16)
    for (int j = 0; j < k; j += 32, out += 512) {
      __m512i r[16];
      for (int a = 0; a < 16; a++) r[a] = _mm512_loadu_si512(w + (size_t)(i + a) * stride + j);
      transpose(r);
      for (int a = 0; a < 16; a++) _mm512_storeu_si512(out + a * 32, r[a]);
    }
}
// The right factor of g W, of W [k][n]: tiles [n/16][k/32].
static void pack_columns(const bf *w, int k, int n, int stride, bf *out) {
  int kt = k / 32;
  for (int j = 0; j < k; j += 32)
    for (int i = 0; i < n; i += 16) {
      bf *o = out + ((size_t)(i / 16) * kt + j / 32) * 512;
      for (int a = 0; a < 16; a++) _mm512_storeu_si512(o + a * 32, pair(w + (size_t)(j + 2 * a) * stride + i, w + (size_t)(j + 2 * a + 1) * stride + i));
    }
}
// The left factor g^T, of g [k][n]: tiles [n/16][k/32].
static void pack_turned(const bf *g, int k, int n, int stride, bf *out) {
  int kt = k / 32;
  for (int j = 0; j < k; j += 32)
    for (int i = 0; i < n; i += 16) {
      bf *o = out + ((size_t)(i / 16) * kt + j / 32) * 512;
      __m512i r[16];
      for (int a = 0; a < 16; a++) r[a] = pair(g + (size_t)(j + 2 * a) * stride + i, g + (size_t)(j + 2 * a + 1) * stride + i);
      transpose(r);
      for (int a = 0; a < 16; a++) _mm512_storeu_si512(o + a * 32, r[a]);
    }
}

// Left factors: rows of a matrix, or tiles one after the other.
struct Rows { const bf *p; size_t stride; INLINE const bf *at(const Rows &a, int r, int k) { return a.p + (size_t)r * 16 * a.stride + k * 32; } INLINE size_t bytes(const Rows &a) { return a.stride * 2; } };
struct Packed { const bf *p; size_t kt; INLINE const bf *at(const Packed &a, int r, int k) { return a.p + ((size_t)r * a.kt + k) * 512; } INLINE size_t bytes(const Packed &) { return 64; } };

// The compiler does not know that loading a tile reads memory: what was stored must be there before.
#define FENCE __asm__ volatile("" ::: "memory");
#define ZERO { _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3); FENCE }
#define LEAVE(to, n) { _tile_stored(0, to, (n) * 4); _tile_stored(1, (to) + 16, (n) * 4); _tile_stored(2, (to) + (size_t)16 * (n), (n) * 4); _tile_stored(3, (to) + (size_t)16 * (n) + 16, (n) * 4); FENCE }
#define RESUME(from, n) { FENCE _tile_loadd(0, from, (n) * 4); _tile_loadd(1, (from) + 16, (n) * 4); _tile_loadd(2, (from) + (size_t)16 * (n), (n) * 4); _tile_loadd(3, (from) + (size_t)16 * (n) + 16, (n) * 4); }
// The four loads come first: where the core is shared, tiles are not renamed, and a load between two products waits for both.
#define PRODUCTS(A, a, r, b0, b1, from, to)            \
  for (int k_ = from; k_ < to; k_++) {                 \
    _tile_loadd(4, A::at(a, r, k_), A::bytes(a));      \
    _tile_loadd(6, (b0) + (size_t)k_ * 512, 64);       \
    _tile_loadd(7, (b1) + (size_t)k_ * 512, 64);       \
    _tile_loadd(5, A::at(a, (r) + 1, k_), A::bytes(a)); \
    _tile_dpbf16ps(0, 4, 6);                           \
    _tile_dpbf16ps(1, 4, 7);                           \
    _tile_dpbf16ps(2, 5, 6);                           \
    _tile_dpbf16ps(3, 5, 7);                           \
  }

// m x n products over k; `after` takes row, column and a block of 32 x 32.
template <class A, class F> INLINE void multiply(int m, int n, int k, A a, const bf *b, F after) {
  f32 block[32 * 32] __attribute__((aligned(64)));
  int kt = k / 32, chunk = k > 768 ? 128 : 256;
  for (int m0 = 0; m0 < m; m0 += chunk)
    for (int j = 0; j < n; j += 32)
      for (int i = m0; i < m && i < m0 + chunk; i += 32) {
        const bf *b0 = b + (size_t)(j / 16) * kt * 512, *b1 = b0 + (size_t)kt * 512;
        ZERO
        PRODUCTS(A, a, i / 16, b0, b1, 0, kt)
        LEAVE(block, 32)
        after(i, j, block);
      }
}
// c [m][n] += over the tiles from..to of k.
template <class A> INLINE void add_block(int i, int j, A a, const bf *b, int kt, int from, int to, f32 *c, int n) {
  const bf *b0 = b + (size_t)(j / 16) * kt * 512, *b1 = b0 + (size_t)kt * 512;
  f32 *o = c + (size_t)i * n + j;
  RESUME(o, n)
  PRODUCTS(A, a, i / 16, b0, b1, from, to)
  LEAVE(o, n)
}

// ---- room of a thread: memory in big pages that grows to what the largest piece wants ----
struct Room { char *base; size_t size, used; };
static void *take_bytes(Room *r, size_t n) {
  void *p = r->base + r->used;
  r->used += (n + 255) / 256 * 256 + 256;
  return p;
}
#define TAKE(T, n) ((T *)take_bytes(room, sizeof(T) * (size_t)(n)))

// dW [n][k] += g^T x and db += the sums of g's columns, of g [t][n] and x [t][k].
static void weight_gradient(Room *room, int t, const bf *g, int n, const bf *x, int k, f32 *dw, f32 *db) {
  size_t mark = room->used;
  const int most = 1024;
  bf *gt = TAKE(bf, (size_t)most * n), *xp = TAKE(bf, (size_t)most * k);
  for (int t0 = 0; t0 < t; t0 += most) {
    int now = t - t0 < most ? t - t0 : most, kt = now / 32;
    pack_turned(g + (size_t)t0 * n, now, n, n, gt);
    pack_columns(x + (size_t)t0 * k, now, k, k, xp);
    Packed a = {gt, (size_t)kt};
    if (n >= k)
      for (int i = 0; i < n; i += 32) for (int j = 0; j < k; j += 32) add_block(i, j, a, xp, kt, 0, kt, dw, k);
    else
      for (int j = 0; j < k; j += 32) for (int i = 0; i < n; i += 32) add_block(i, j, a, xp, kt, 0, kt, dw, k);
  }
  for (int j = 0; j < n; j += 128) {
    __m512 s[8];
    int v = (n - j < 128 ? n - j : 128) / 16;
    for (int a = 0; a < v; a++) s[a] = _mm512_loadu_ps(db + j + a * 16);
    for (int i = 0; i < t; i++) for (int a = 0; a < v; a++) s[a] = _mm512_add_ps(s[a], load(g + (size_t)i * n + j + a * 16));
    for (int a = 0; a < v; a++) _mm512_storeu_ps(db + j + a * 16, s[a]);
  }
  room->used = mark;
}

// ---- layer norm ----
static void norm(int m, int h, const bf *x, const f32 *gain, const f32 *shift, f32 eps, bf *y, f32 *mean, f32 *scale) {
  for (int i = 0; i < m; i++) {
    const bf *r = x + (size_t)i * h;
    __m512 s = _mm512_setzero_ps(), q = s;
    for (int j = 0; j < h; j += 16) s = _mm512_add_ps(s, load(r + j));
    f32 mu = _mm512_reduce_add_ps(s) / h;
    __m512 vm = _mm512_set1_ps(mu);
    for (int j = 0; j < h; j += 16) { __m512 d = _mm512_sub_ps(load(r + j), vm); q = _mm512_fmadd_ps(d, d, q); }
    f32 sc = 1 / sqrtf(_mm512_reduce_add_ps(q) / h + eps);
    __m512 vs = _mm512_set1_ps(sc);
    for (int j = 0; j < h; j += 16)
      store(y + (size_t)i * h + j, _mm512_fmadd_ps(_mm512_mul_ps(_mm512_sub_ps(load(r + j), vm), vs), _mm512_loadu_ps(gain + j), _mm512_loadu_ps(shift + j)));
    mean[i] = mu, scale[i] = sc;
  }
}
// dx may be dy.
static void norm_back(int m, int h, const bf *dy, const bf *x, const f32 *mean, const f32 *scale, const f32 *gain, f32 *dgain, f32 *dshift, bf *dx) {
  for (int i = 0; i < m; i++) {
    const bf *r = x + (size_t)i * h, *g = dy + (size_t)i * h;
    __m512 vm = _mm512_set1_ps(mean[i]), vs = _mm512_set1_ps(scale[i]), a = _mm512_setzero_ps(), b = a;
    for (int j = 0; j < h; j += 16) {
      __m512 d = load(g + j), n = _mm512_mul_ps(_mm512_sub_ps(load(r + j), vm), vs), w = _mm512_mul_ps(d, _mm512_loadu_ps(gain + j));
      a = _mm512_add_ps(a, w), b = _mm512_fmadd_ps(w, n, b);
      _mm512_storeu_ps(dgain + j, _mm512_fmadd_ps(d, n, _mm512_loadu_ps(dgain + j)));
      _mm512_storeu_ps(dshift + j, _mm512_add_ps(d, _mm512_loadu_ps(dshift + j)));
    }
    __m512 ma = _mm512_set1_ps(_mm512_reduce_add_ps(a) / h), mb = _mm512_set1_ps(_mm512_reduce_add_ps(b) / h);
    for (int j = 0; j < h; j += 16) {
      __m512 n = _mm512_mul_ps(_mm512_sub_ps(load(r + j), vm), vs), w = _mm512_mul_ps(load(g + j), _mm512_loadu_ps(gain + j));
      store(dx + (size_t)i * h + j, _mm512_mul_ps(vs, _mm512_sub_ps(_mm512_sub_ps(w, ma), _mm512_mul_ps(n, mb))));
    }
  }
}

// ---- epilogues ----
#define EACH_ROW for (int r = 0; r < 32; r++) for (int c = 0; c < 32; c += 16)
#define BLOCK _mm512_load_ps(s + r * 32 + c)
static void linear(int m, int n, int k, const bf *x, const bf *w, const f32 *bias, bf *y) {
  multiply(m, n, k, Rows{x, (size_t)k}, w, [=](int i, int j, const f32 *s) { EACH_ROW store(y + (size_t)(i + r) * n + j + c, _mm512_add_ps(BLOCK, _mm512_loadu_ps(bias + j + c))); });
}
static void linear_added(int m, int n, int k, const bf *x, const bf *w, const f32 *bias, const bf *to, bf *y) {
  multiply(m, n, k, Rows{x, (size_t)k}, w, [=](int i, int j, const f32 *s) {
    EACH_ROW { size_t at = (size_t)(i + r) * n + j + c; store(y + at, _mm512_add_ps(_mm512_add_ps(BLOCK, _mm512_loadu_ps(bias + j + c)), load(to + at))); }
  });
}
static void linear_gelu(int m, int n, int k, const bf *x, const bf *w, const f32 *bias, bf *y, bf *slope) {
  multiply(m, n, k, Rows{x, (size_t)k}, w, [=](int i, int j, const f32 *s) {
    EACH_ROW { size_t at = (size_t)(i + r) * n + j + c; __m512 g, d; gelu16(_mm512_add_ps(BLOCK, _mm512_loadu_ps(bias + j + c)), &g, &d); store(y + at, g); store(slope + at, d); }
  });
}
// y = g W (+ what stands in `to`), or y = (g W) * slope.
static void back(int m, int n, int k, const bf *g, const bf *w, const bf *to, bf *y) {
  if (to) multiply(m, n, k, Rows{g, (size_t)k}, w, [=](int i, int j, const f32 *s) { EACH_ROW { size_t at = (size_t)(i + r) * n + j + c; store(y + at, _mm512_add_ps(BLOCK, load(to + at))); } });
  else multiply(m, n, k, Rows{g, (size_t)k}, w, [=](int i, int j, const f32 *s) { EACH_ROW store(y + (size_t)(i + r) * n + j + c, BLOCK); });
}
static void back_gelu(int m, int n, int k, const bf *g, const bf *w, const bf *slope, bf *y) {
  multiply(m, n, k, Rows{g, (size_t)k}, w, [=](int i, int j, const f32 *s) { EACH_ROW { size_t at = (size_t)(i + r) * n + j + c; store(y + at, _mm512_mul_ps(BLOCK, load(slope + at))); } });
}

// ---- attention of one row and one head of 32; q, k and v are columns of qkv [length][3 width] ----
static void attend(Room *room, int L, const bf *qkv, int stride, int width, bf *p, bf *seen) {
  size_t mark = room->used;
  bf *kp = TAKE(bf, L * 32), *vp = TAKE(bf, L * 32);
  f32 *s = TAKE(f32, 32 * L);
  pack_rows(qkv + width, L, 32, stride, kp);
  pack_columns(qkv + 2 * width, L, 32, stride, vp);
  Rows q = {qkv, (size_t)stride}, pr = {p, (size_t)L};
  const __m512 by = _mm512_set1_ps(0.17677669529f);
  for (int i = 0; i < L; i += 32) {
    for (int j = 0; j < L; j += 32) {
      ZERO
      PRODUCTS(Rows, q, i / 16, kp + j / 16 * 512, kp + (j / 16 + 1) * 512, 0, 1)
      LEAVE(s + j, L)
    }
    for (int r = 0; r < 32; r++) {
      f32 *row = s + r * L;
      __m512 top = _mm512_set1_ps(-1e30f), sum = _mm512_setzero_ps();
      for (int j = 0; j < L; j += 16) top = _mm512_max_ps(top, _mm512_load_ps(row + j));
      __m512 most = _mm512_set1_ps(_mm512_reduce_max_ps(top));
      for (int j = 0; j < L; j += 16) { __m512 e = exp16(_mm512_mul_ps(_mm512_sub_ps(_mm512_load_ps(row + j), most), by)); sum = _mm512_add_ps(sum, e); _mm512_store_ps(row + j, e); }
      __m512 inv = _mm512_set1_ps(1 / _mm512_reduce_add_ps(sum));
      for (int j = 0; j < L; j += 16) store(p + (size_t)(i + r) * L + j, _mm512_mul_ps(_mm512_load_ps(row + j), inv));
    }
    f32 block[32 * 32] __attribute__((aligned(64)));
    ZERO
    PRODUCTS(Rows, pr, i / 16, vp, vp + L / 32 * 512, 0, L / 32)
    LEAVE(block, 32)
    for (int r = 0; r < 32; r++) for (int c = 0; c < 32; c += 16) store(seen + (size_t)(i + r) * width + c, _mm512_load_ps(block + r * 32 + c));
  }
  room->used = mark;
}
static void attend_back(Room *room, int L, const bf *qkv, int stride, int width, const bf *p, const bf *dseen, bf *dqkv) {
  size_t mark = room->used;
  int kt = L / 32;
  bf *vt = TAKE(bf, L * 32), *kn = TAKE(bf, L * 32), *qn = TAKE(bf, L * 32), *gn = TAKE(bf, L * 32), *ds = TAKE(bf, L * L), *turned = TAKE(bf, L * L);
  f32 *s = TAKE(f32, 32 * L);
  pack_rows(qkv + 2 * width, L, 32, stride, vt);
  pack_columns(qkv + width, L, 32, stride, kn);
  pack_columns(qkv, L, 32, stride, qn);
  pack_columns(dseen, L, 32, width, gn);
  Rows g = {dseen, (size_t)width}, d = {ds, (size_t)L};
  f32 block[32 * 32] __attribute__((aligned(64)));
  auto put = [&](bf *to, int i) {
    LEAVE(block, 32)
    for (int r = 0; r < 32; r++) for (int c = 0; c < 32; c += 16) store(to + (size_t)(i + r) * stride + c, _mm512_load_ps(block + r * 32 + c));
  };
  for (int i = 0; i < L; i += 32) {
    for (int j = 0; j < L; j += 32) {
      ZERO
      PRODUCTS(Rows, g, i / 16, vt + j / 16 * 512, vt + (j / 16 + 1) * 512, 0, 1)
      LEAVE(s + j, L)
    }
    for (int r = 0; r < 32; r++) {
      const f32 *row = s + r * L;
      const bf *pp = p + (size_t)(i + r) * L;
      __m512 a = _mm512_setzero_ps();
      for (int j = 0; j < L; j += 16) a = _mm512_fmadd_ps(_mm512_load_ps(row + j), load(pp + j), a);
      __m512 dot = _mm512_set1_ps(_mm512_reduce_add_ps(a)), by = _mm512_set1_ps(0.17677669529f);
      for (int j = 0; j < L; j += 16) store(ds + (size_t)(i + r) * L + j, _mm512_mul_ps(_mm512_mul_ps(load(pp + j), by), _mm512_sub_ps(_mm512_load_ps(row + j), dot)));
    }
    ZERO
    PRODUCTS(Rows, d, i / 16, kn, kn + kt * 512, 0, kt)
    put(dqkv, i);
  }
  Packed t = {turned, (size_t)kt};
  pack_turned(ds, L, L, L, turned);
  for (int i = 0; i < L; i += 32) {
    ZERO
    PRODUCTS(Packed, t, i / 16, qn, qn + kt * 512, 0, kt)
    put(dqkv + width, i);
  }
  pack_turned(p, L, L, L, turned);
  for (int i = 0; i < L; i += 32) {
    ZERO
    PRODUCTS(Packed, t, i / 16, gn, gn + kt * 512, 0, kt)
    put(dqkv + 2 * width, i);
  }
  room->used = mark;
}

// ---- where parameters lie in the flat buffer of model.py's parameters() ----
struct Net { int vocabulary, width, layers, heads, inner, positions; f32 eps; };
struct At { size_t words, places, eg, es, top, topb, tg, ts, tb, layer, per, qkvb, o, ob, i, ib, d, db, n1g, n1s, n2g, n2s, end; };
static At place(const Net *s) {
  At a;
  size_t h = s->width, f = s->inner;
  a.words = 0, a.places = (size_t)s->vocabulary * h, a.eg = a.places + s->positions * h, a.es = a.eg + h, a.layer = a.es + h;
  a.qkvb = 3 * h * h, a.o = a.qkvb + 3 * h, a.ob = a.o + h * h, a.i = a.ob + h, a.ib = a.i + f * h, a.d = a.ib + f, a.db = a.d + h * f;
  a.n1g = a.db + h, a.n1s = a.n1g + h, a.n2g = a.n1s + h, a.n2s = a.n2g + h, a.per = a.n2s + h;
  a.top = a.layer + a.per * s->layers, a.topb = a.top + h * h, a.tg = a.topb + h, a.ts = a.tg + h, a.tb = a.ts + h, a.end = a.tb + s->vocabulary;
  return a;
}

extern "C" {
int start() { return syscall(SYS_arch_prctl, 0x1023, 18); }
size_t parameters(const Net *s) { return place(s).end; }

// Weights in the two layouts of the right factor, each as long as the flat buffer, matrices where they lie there.
void pack(const Net *s, const bf *w, bf *rows, bf *columns) {
  At a = place(s);
  int h = s->width, f = s->inner;
  auto both = [&](size_t at, int n, int k) { pack_rows(w + at, n, k, k, rows + at), pack_columns(w + at, n, k, k, columns + at); };
  both(a.words, s->vocabulary, h), both(a.top, h, h);
  for (int l = 0; l < s->layers; l++) {
    size_t b = a.layer + l * a.per;
    both(b, 3 * h, h), both(b + a.o, h, h), both(b + a.i, f, h), both(b + a.d, h, f);
  }
}


// y [m][n] in bf16 = by * x [m][k] b + add * to; b is w^T of w [n][k], or w [k][n]. For Muon.
void product(Room *room, int m, int n, int k, const bf *x, const bf *w, int turned, f32 by, const bf *to, f32 add, bf *y) {
  tiles_on();
  size_t mark = room->used;
  bf *p = TAKE(bf, (size_t)n * k);
  if (turned) pack_rows(w, n, k, k, p);
  else pack_columns(w, k, n, n, p);
  __m512 vb = _mm512_set1_ps(by), va = _mm512_set1_ps(add);
  multiply(m, n, k, Rows{x, (size_t)k}, p, [=](int i, int j, const f32 *s) {
    EACH_ROW { size_t at = (size_t)(i + r) * n + j + c; __m512 v = _mm512_mul_ps(BLOCK, vb); store(y + at, to ? _mm512_fmadd_ps(load(to + at), va, v) : v); }
  });
  room->used = mark;
  _tile_release();
}

Room *room(size_t size) {
  Room *r = (Room *)malloc(sizeof(Room));
  r->base = (char *)mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  madvise(r->base, size, MADV_HUGEPAGE);
  r->size = size, r->used = 0;
  return r;
}

// The sum of weight x nats over n masked slots of B rows of L; `grad` (as `master`: flat, f32) gets the gradients added. `live` are the
// weights in bf16, `rows` and `columns` what pack() made of them. index: flat places, ascending.
double piece(const Net *net, const f32 *master, const bf *live, const bf *rows, const bf *columns, f32 *grad, Room *room, const int32_t *ids, int B, int L,
             const int32_t *index, int n, const int32_t *target, const f32 *weight) {
  tiles_on();
  const At at = place(net);
  const int h = net->width, f = net->inner, T = B * L, M = (n + 31) / 32 * 32, V = net->vocabulary, H = net->heads, layers = net->layers;
  room->used = 0;
  struct Kept { bf *x, *qkv, *p, *seen, *base, *h1, *x1, *g, *gs, *h2, *x2; f32 *m1, *s1, *m2, *s2; } kept[24];
  bf *e = TAKE(bf, (size_t)T * h), *x = TAKE(bf, (size_t)T * h);
  f32 *em = TAKE(f32, T), *es = TAKE(f32, T);
  for (int t = 0; t < T; t++)
    for (int j = 0; j < h; j += 16) store(e + (size_t)t * h + j, _mm512_add_ps(load(live + at.words + (size_t)ids[t] * h + j), _mm512_loadu_ps(master + at.places + (size_t)(t % L) * h + j)));
  norm(T, h, e, master + at.eg, master + at.es, net->eps, x, em, es);
  for (int l = 0; l < layers; l++) {
    Kept &k = kept[l];
    size_t b = at.layer + l * at.per;
    const bool last = l == layers - 1;
    const int m = last ? M : T;
    k.x = x, k.qkv = TAKE(bf, (size_t)T * 3 * h), k.p = TAKE(bf, (size_t)B * H * L * L);
    bf *seen = TAKE(bf, (size_t)T * h);
    linear(T, 3 * h, h, x, rows + b, master + b + at.qkvb, k.qkv);
    for (int r = 0; r < B; r++)
      for (int a = 0; a < H; a++) attend(room, L, k.qkv + (size_t)r * L * 3 * h + a * 32, 3 * h, h, k.p + (size_t)(r * H + a) * L * L, seen + (size_t)r * L * h + a * 32);
    k.seen = seen, k.base = x;
    if (last) {
      k.seen = TAKE(bf, (size_t)m * h), k.base = TAKE(bf, (size_t)m * h);
      for (int r = 0; r < m; r++) { size_t from = (size_t)(r < n ? index[r] : 0) * h; memcpy(k.seen + (size_t)r * h, seen + from, h * 2), memcpy(k.base + (size_t)r * h, x + from, h * 2); }
    }
    k.h1 = TAKE(bf, (size_t)m * h), k.x1 = TAKE(bf, (size_t)m * h), k.h2 = TAKE(bf, (size_t)m * h), k.x2 = TAKE(bf, (size_t)m * h), k.g = TAKE(bf, (size_t)m * f), k.gs = TAKE(bf, (size_t)m * f);
    k.m1 = TAKE(f32, m), k.s1 = TAKE(f32, m), k.m2 = TAKE(f32, m), k.s2 = TAKE(f32, m);
    linear_added(m, h, h, k.seen, rows + b + at.o, master + b + at.ob, k.base, k.h1);
    norm(m, h, k.h1, master + b + at.n1g, master + b + at.n1s, net->eps, k.x1, k.m1, k.s1);
    linear_gelu(m, f, h, k.x1, rows + b + at.i, master + b + at.ib, k.g, k.gs);
    linear_added(m, h, f, k.g, rows + b + at.d, master + b + at.db, k.x1, k.h2);
    norm(m, h, k.h2, master + b + at.n2g, master + b + at.n2s, net->eps, k.x2, k.m2, k.s2);
    x = k.x2;
  }
  // The head, and the vocabulary: e^logit is kept in bf16, in the tiles that the products back want.
  bf *tg = TAKE(bf, (size_t)M * h), *ts = TAKE(bf, (size_t)M * h), *th = TAKE(bf, (size_t)M * h);
  f32 *tm = TAKE(f32, M), *tc = TAKE(f32, M), *sums = TAKE(f32, (size_t)M * 16), *by = TAKE(f32, M);
  linear_gelu(M, h, h, x, rows + at.top, master + at.topb, tg, ts);
  norm(M, h, tg, master + at.tg, master + at.ts, net->eps, th, tm, tc);
  const int vt = V / 32;
  bf *p = TAKE(bf, (size_t)M * V), *scaled = TAKE(bf, (size_t)M * h);
  memset(sums, 0, (size_t)M * 64);
  const f32 *vb = master + at.tb;
  multiply(M, V, h, Rows{th, (size_t)h}, rows + at.words, [=](int i, int j, const f32 *s) {
    const __m512 b0 = _mm512_loadu_ps(vb + j), b1 = _mm512_loadu_ps(vb + j + 16), most = _mm512_set1_ps(80);
    for (int r = 0; r < 32; r++) {
      __m512 u = exp16(_mm512_min_ps(_mm512_add_ps(_mm512_load_ps(s + r * 32), b0), most)), v = exp16(_mm512_min_ps(_mm512_add_ps(_mm512_load_ps(s + r * 32 + 16), b1), most));
      bf *o = p + ((size_t)((i + r) / 16) * vt + j / 32) * 512 + (r & 15) * 32;
      store(o, u), store(o + 16, v);
      f32 *q = sums + (size_t)(i + r) * 16;
      _mm512_storeu_ps(q, _mm512_add_ps(_mm512_loadu_ps(q), _mm512_add_ps(u, v)));
    }
  });
  double nats = 0;
  for (int r = 0; r < M; r++) {
    f32 sum = _mm512_reduce_add_ps(_mm512_loadu_ps(sums + (size_t)r * 16)), w = r < n ? weight[r] : 0;
    by[r] = w / sum;
    if (r < n) {
      __m512 d = _mm512_setzero_ps();
      const bf *y = live + at.words + (size_t)target[r] * h;
      for (int j = 0; j < h; j += 16) d = _mm512_fmadd_ps(load(th + (size_t)r * h + j), load(y + j), d);
      nats += w * (log((double)sum) - (_mm512_reduce_add_ps(d) + vb[target[r]]));
    }
    for (int j = 0; j < h; j += 16) store(scaled + (size_t)r * h + j, _mm512_mul_ps(load(th + (size_t)r * h + j), _mm512_set1_ps(by[r])));
  }
  // Back from here. d th = (w / sum) e^logit E - w E[target].
  f32 *wide = TAKE(f32, (size_t)M * h);
  bf *d = TAKE(bf, (size_t)T * h);
  memset(wide, 0, (size_t)M * h * 4);
  Packed pa = {p, (size_t)vt};
  for (int k = 0; k < vt; k += 16)
    for (int i = 0; i < M; i += 32) for (int j = 0; j < h; j += 32) add_block(i, j, pa, columns + at.words, vt, k, k + 16 < vt ? k + 16 : vt, wide, h);
  for (int r = 0; r < M; r++) {
    const bf *y = live + at.words + (size_t)(r < n ? target[r] : 0) * h;
    __m512 a = _mm512_set1_ps(by[r]), w = _mm512_set1_ps(r < n ? weight[r] : 0);
    for (int j = 0; j < h; j += 16) store(d + (size_t)r * h + j, _mm512_fnmadd_ps(w, load(y + j), _mm512_mul_ps(a, _mm512_loadu_ps(wide + (size_t)r * h + j))));
  }
  {
    size_t mark = room->used;
    int kt = M / 32;
    bf *hp = TAKE(bf, (size_t)M * h), *turned = TAKE(bf, (size_t)M * 32);
    pack_columns(scaled, M, h, h, hp);
    Packed a = {turned, (size_t)kt};
    for (int v = 0; v < vt; v++) {
      __m512 u0 = _mm512_setzero_ps(), u1 = u0;
      for (int k = 0; k < kt; k++) {
        const bf *t0 = p + ((size_t)(2 * k) * vt + v) * 512, *t1 = p + ((size_t)(2 * k + 1) * vt + v) * 512;
        for (int half = 0; half < 2; half++) {
          __m512i r[16];
          for (int q = 0; q < 8; q++) r[q] = pair(t0 + q * 64 + half * 16, t0 + q * 64 + 32 + half * 16), r[q + 8] = pair(t1 + q * 64 + half * 16, t1 + q * 64 + 32 + half * 16);
          transpose(r);
          for (int q = 0; q < 16; q++) _mm512_storeu_si512(turned + ((size_t)half * kt + k) * 512 + q * 32, r[q]);
        }
        for (int q = 0; q < 16; q++) {
          __m512 s0 = _mm512_set1_ps(by[k * 32 + q]), s1 = _mm512_set1_ps(by[k * 32 + 16 + q]);
          u0 = _mm512_fmadd_ps(load(t0 + q * 32), s0, u0), u1 = _mm512_fmadd_ps(load(t0 + q * 32 + 16), s0, u1);
          u0 = _mm512_fmadd_ps(load(t1 + q * 32), s1, u0), u1 = _mm512_fmadd_ps(load(t1 + q * 32 + 16), s1, u1);
        }
      }
      f32 *gb = grad + at.tb + v * 32;
      _mm512_storeu_ps(gb, _mm512_add_ps(_mm512_loadu_ps(gb), u0)), _mm512_storeu_ps(gb + 16, _mm512_add_ps(_mm512_loadu_ps(gb + 16), u1));
      f32 *to = grad + at.words + (size_t)v * 32 * h;
      for (int j = 0; j < h; j += 32) add_block(0, j, a, hp, kt, 0, kt, to, h);
    }
    for (int r = 0; r < n; r++) {
      f32 *to = grad + at.words + (size_t)target[r] * h;
      __m512 w = _mm512_set1_ps(weight[r]);
      for (int j = 0; j < h; j += 16) _mm512_storeu_ps(to + j, _mm512_fnmadd_ps(w, load(th + (size_t)r * h + j), _mm512_loadu_ps(to + j)));
      grad[at.tb + target[r]] -= weight[r];
    }
    room->used = mark;
  }
  norm_back(M, h, d, tg, tm, tc, master + at.tg, grad + at.tg, grad + at.ts, d);
  for (size_t j = 0; j < (size_t)M * h; j += 16) store(d + j, _mm512_mul_ps(load(d + j), load(ts + j)));
  weight_gradient(room, M, d, h, x, h, grad + at.top, grad + at.topb);
  bf *d2 = TAKE(bf, (size_t)T * h), *du = TAKE(bf, (size_t)T * f), *dqkv = TAKE(bf, (size_t)T * 3 * h), *dseen = TAKE(bf, (size_t)T * h);
  back(M, h, h, d, columns + at.top, 0, d2);
  for (int l = layers - 1; l >= 0; l--) {
    Kept &k = kept[l];
    size_t b = at.layer + l * at.per;
    const bool last = l == layers - 1;
    const int m = last ? M : T;
    // d2: by the layer's output.
    norm_back(m, h, d2, k.h2, k.m2, k.s2, master + b + at.n2g, grad + b + at.n2g, grad + b + at.n2s, d2);
    weight_gradient(room, m, d2, h, k.g, f, grad + b + at.d, grad + b + at.db);
    back_gelu(m, f, h, d2, columns + b + at.d, k.gs, du);
    weight_gradient(room, m, du, f, k.x1, h, grad + b + at.i, grad + b + at.ib);
    back(m, h, f, du, columns + b + at.i, d2, d);
    norm_back(m, h, d, k.h1, k.m1, k.s1, master + b + at.n1g, grad + b + at.n1g, grad + b + at.n1s, d);
    weight_gradient(room, m, d, h, k.seen, h, grad + b + at.o, grad + b + at.ob);
    back(m, h, h, d, columns + b + at.o, 0, dseen);
    if (last) {
      memcpy(d2, d, (size_t)n * h * 2), memset(d, 0, (size_t)T * h * 2);
      bf *part = TAKE(bf, (size_t)n * h);
      memcpy(part, dseen, (size_t)n * h * 2), memset(dseen, 0, (size_t)T * h * 2);
      for (int r = 0; r < n; r++) memcpy(d + (size_t)index[r] * h, d2 + (size_t)r * h, h * 2), memcpy(dseen + (size_t)index[r] * h, part + (size_t)r * h, h * 2);
    }
    for (int r = 0; r < B; r++)
      for (int a = 0; a < H; a++)
        attend_back(room, L, k.qkv + (size_t)r * L * 3 * h + a * 32, 3 * h, h, k.p + (size_t)(r * H + a) * L * L, dseen + (size_t)r * L * h + a * 32, dqkv + (size_t)r * L * 3 * h + a * 32);
    weight_gradient(room, T, dqkv, 3 * h, k.x, h, grad + b, grad + b + at.qkvb);
    back(T, h, 3 * h, dqkv, columns + b, d, d2);
  }
  norm_back(T, h, d2, e, em, es, master + at.eg, grad + at.eg, grad + at.es, d2);
  for (int t = 0; t < T; t++) {
    f32 *to = grad + at.words + (size_t)ids[t] * h, *pos = grad + at.places + (size_t)(t % L) * h;
    for (int j = 0; j < h; j += 16) {
      __m512 v = load(d2 + (size_t)t * h + j);
      _mm512_storeu_ps(to + j, _mm512_add_ps(_mm512_loadu_ps(to + j), v)), _mm512_storeu_ps(pos + j, _mm512_add_ps(_mm512_loadu_ps(pos + j), v));
    }
  }
  _tile_release();
  return nats;
}
}

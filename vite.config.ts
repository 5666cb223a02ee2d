import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { PAGE_POLICY, pagePolicy, policyFor } from './src/offline/policy.ts';
import { frame } from './tools/frame-plugin.ts';
import { head } from './tools/head-plugin.ts';
import { offline } from './tools/offline-plugin.ts';
import { inlineScripts } from './tools/script-plugin.ts';
import { joinedTexts } from './tools/texts-plugin.ts';
import { wholeTexts } from './tools/whole-texts-plugin.ts';

/** The policy of the page (src/offline/policy.ts): in the page itself, because a static host sends no header of ours. */
const securityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      // Vite's development server needs inline scripts, so only the built page has it.
      attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

/** `npm start` and `vite preview` send it as a header, which reaches workers, too. */
const securityHeaders: Plugin = {
  name: 'security-headers',
  configurePreviewServer({ middlewares }) {
    middlewares.use(({ url, headers }, response, next) => {
      // Weights hardly shrink, and compressed on the fly nobody is told how many bytes will come.
      if (url?.includes('.safetensors')) delete headers['accept-encoding'];
      const address = new URL(url ?? '/', 'http://localhost');
      // In the place of any file that is not there this server sends the page.
      response.setHeader('Content-Security-Policy', policyFor(address) ?? pagePolicy(address));
      next();
    });
  },
};

export default defineConfig({
  // Relative, so that dist/ works under any sub-path of a static host.
  base: './',
  plugins: [
    react(),
    inlineScripts(),
    joinedTexts(),
    wholeTexts(),
    securityPolicy,
    securityHeaders,
    head(),
    frame(),
    offline(),
  ],
  worker: { format: 'es' },
  // Only the worker imports these; found late, they would make the development server reload the page.
  optimizeDeps: {
    include: [
      '@huggingface/tokenizers',
      '@huggingface/jinja',
      'hash-wasm',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgl',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-backend-cpu',
    ],
    // It finds its WebAssembly beside its own script.
    exclude: ['onnxruntime-web', '@huggingface/transformers'],
  },
  build: {
    target: 'es2022',
    // tools/bundle-budget.mjs reads it.
    manifest: true,
    // Fonts and pictures stay files of our own: the policy above allows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What index.html needs before it draws is one file beside its entry, which waits for the language: half a hundred
    // small ones weigh a tenth more, since each is compressed for itself.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'first', tags: ['$initial'], test: (id) => !/(index[.]html|main[.]tsx)$/.test(id) }],
        },
      },
    },
  },
  preview: { headers: { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' } },
});

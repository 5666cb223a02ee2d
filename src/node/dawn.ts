/**
 * WebGPU in Node, for the command line and for kernel tests: Dawn, Chromium's own implementation, from the npm package
 * `webgpu`. Dawn needs a Vulkan driver on Linux. `getGpu` takes, in this order, the driver that VK_DRIVER_FILES or
 * VK_ICD_FILENAMES names, the system's own drivers, and the SwiftShader that the npm browser brings; so `npm ci` is
 * enough on a machine without a graphics card, and nothing has to be installed as root.
 */
import { constants } from 'node:os';
import { hasChromiumPackage, unpackSwiftShader } from './chromium-package.ts';

/**
 * SwiftShader compiles the zeroing of workgroup memory into one instruction per word, seconds per kernel; our kernels
 * write workgroup memory before they read it, so on this driver Dawn leaves it out.
 */
const SWIFTSHADER_FLAGS = ['enable-dawn-features=allow_unsafe_apis,disable_workgroup_init'];

let shared: Promise<GPU> | undefined;

/**
 * The process's one GPU, kept for its life: Dawn's devices do not survive their instance. Sets WebGPU's globals (`GPUBufferUsage`, `GPUMapMode`, …) as a page has them.
 * Kernels that read workgroup memory before they write it, as other programs' do, need `zeroWorkgroups` on SwiftShader.
 */
export function getGpu({ zeroWorkgroups = false } = {}): Promise<GPU> {
  shared ??= openGpu(zeroWorkgroups ? [] : SWIFTSHADER_FLAGS);
  return shared;
}

async function openGpu(swiftShaderFlags: readonly string[]): Promise<GPU> {
  const { create, globals } = await import('webgpu');
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  if (process.platform !== 'linux') return create([]);

  const chosen = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  const swiftShader = hasChromiumPackage() ? await unpackSwiftShader() : undefined;
  const hasSystemLoader = keepLibrary('libvulkan.so.1');
  if (!hasSystemLoader && swiftShader) keepLibrary(swiftShader.loader);

  if (chosen || hasSystemLoader) {
    const gpu = create([]);
    if (await gpu.requestAdapter()) return gpu;
  }
  if (!chosen && swiftShader) {
    // The loader reads the variable each time a Vulkan instance is made, so a second attempt can take another driver.
    process.env.VK_ICD_FILENAMES = swiftShader.manifest;
    const gpu = create([...swiftShaderFlags]);
    if (await gpu.requestAdapter()) return gpu;
  }
  throw new NoVulkanError(chosen);
}

/** No Vulkan driver gave an adapter. */
class NoVulkanError extends Error {
  override name = 'NoVulkanError';
  constructor(chosen: string | undefined) {
    super(
      chosen
        ? `The Vulkan driver named in the environment (${chosen}) gave no adapter. Unset VK_DRIVER_FILES and VK_ICD_FILENAMES to use SwiftShader.`
        : 'No Vulkan driver gave an adapter. Run "npm ci", or install a Vulkan driver (on Debian: mesa-vulkan-drivers).',
    );
  }
}

const RTLD_NODELETE = 0x1000;

/**
 * Loads a shared library for the life of the process and tells whether it could be loaded. Dawn opens the Vulkan loader
 * by its bare name, which finds a library that is already loaded under that name wherever its file lies; the search
 * path itself cannot be changed once a process runs. Node refuses every library that is no add-on, but only after
 * loading it, and RTLD_NODELETE keeps it loaded.
 */
function keepLibrary(path: string): boolean {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
    return true;
  } catch (error) {
    return error instanceof Error && error.message.includes('did not self-register');
  }
}

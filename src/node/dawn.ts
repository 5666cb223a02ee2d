/**
 * WebGPU in Node, for the command line and for kernel tests: Dawn, Chromium's own implementation, from the npm package
 * `webgpu`. Dawn needs a Vulkan driver on Linux. `getGpu` takes, in this order, the driver that VK_DRIVER_FILES or
 * VK_ICD_FILENAMES names, the system's own drivers, and the SwiftShader that the npm browser brings; so `npm ci` is
 * enough on a machine without a graphics card, and nothing has to be installed as root.
 */
import { constants } from 'node:os';
import { hasChromiumPackage, unpackSwiftShader } from './chromium-package.ts';

/**
 * Our kernels write workgroup memory before they read it, so on SwiftShader Dawn need not zero it, which takes a fifth of
 * their time there.
 */
const WITHOUT_ZEROS = ['enable-dawn-features=allow_unsafe_apis,disable_workgroup_init'];
/**
 * Left to the driver, SwiftShader compiles the zeroing into one instruction per word: 1.7 seconds for an attention with
 * heads of 64, where the loop that Dawn writes instead takes 0.1.
 */
const ZEROS_IN_A_LOOP = ['disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension'];

let shared: Promise<GPU> | undefined;

/**
 * The process's one GPU, kept for its life: Dawn's devices do not survive their instance. Sets WebGPU's globals (`GPUBufferUsage`, `GPUMapMode`, …) as a page has them.
 * Kernels that read workgroup memory before they write it, as other programs' do, need `zeroWorkgroups` on SwiftShader.
 */
export function getGpu({ zeroWorkgroups = false } = {}): Promise<GPU> {
  shared ??= openGpu(zeroWorkgroups ? ZEROS_IN_A_LOOP : WITHOUT_ZEROS);
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
    if (await gpu.requestAdapter()) {
      pauseBetweenLooks();
      return gpu;
    }
  }
  throw new NoVulkanError(chosen);
}

/**
 * As long as anything is awaited of it, Dawn looks whether it is there in every turn of the event loop, by `setImmediate`,
 * which takes a whole core; with a driver in software it is one that the driver needs. After the first look of a wait it
 * now looks once a millisecond. Dawn's function is told from others by being native and without a name.
 */
function pauseBetweenLooks(): void {
  const { setImmediate: plain, setTimeout: later } = globalThis;
  let looking = false;
  const paced = (run: (...given: unknown[]) => void, ...given: unknown[]) => {
    if (run.name !== '' || !String(run).includes('[native code]')) return plain(run, ...given);
    const look = () => {
      looking = true;
      try {
        run(...given);
      } finally {
        looking = false;
      }
    };
    return looking ? later(look, 1) : plain(look);
  };
  globalThis.setImmediate = Object.defineProperties(
    paced,
    Object.getOwnPropertyDescriptors(plain),
  ) as typeof setImmediate;
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
